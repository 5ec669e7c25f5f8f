/**
 * The media type of a file, by the end of its name. A small table of what is served on the web; for
 * other names the first bytes of the file tell (sniff.ts), but never that it is a page: whoever may
 * write text into a file shall not thereby write a script. Types: the IANA registry; RFC 9239.
 */
import { detectContentType } from './sniff.ts';

const UTF8 = '; charset=utf-8';

const TYPES: ReadonlyMap<string, string> = new Map([
  ['avif', 'image/avif'],
  ['bin', 'application/octet-stream'],
  ['bmp', 'image/bmp'],
  ['css', `text/css${UTF8}`],
  ['csv', `text/csv${UTF8}`],
  ['gif', 'image/gif'],
  ['gz', 'application/gzip'],
  ['htm', `text/html${UTF8}`],
  ['html', `text/html${UTF8}`],
  ['ico', 'image/x-icon'],
  ['jpeg', 'image/jpeg'],
  ['jpg', 'image/jpeg'],
  ['js', `text/javascript${UTF8}`],
  ['json', 'application/json'],
  ['log', `text/plain${UTF8}`],
  ['map', 'application/json'],
  ['md', `text/markdown${UTF8}`],
  ['mjs', `text/javascript${UTF8}`],
  ['mp3', 'audio/mpeg'],
  ['mp4', 'video/mp4'],
  ['ogg', 'audio/ogg'],
  ['otf', 'font/otf'],
  ['pdf', 'application/pdf'],
  ['png', 'image/png'],
  ['svg', 'image/svg+xml'],
  ['tar', 'application/x-tar'],
  ['ts', `text/plain${UTF8}`],
  ['ttf', 'font/ttf'],
  ['txt', `text/plain${UTF8}`],
  ['wasm', 'application/wasm'],
  ['wav', 'audio/wav'],
  ['webm', 'video/webm'],
  ['webmanifest', 'application/manifest+json'],
  ['webp', 'image/webp'],
  ['woff', 'font/woff'],
  ['woff2', 'font/woff2'],
  ['xml', 'application/xml'],
  ['zip', 'application/zip'],
]);

/** The type that a name tells, in any case of its ending; undefined for an ending not in the table. */
export function mediaTypeOf(name: string): string | undefined {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? undefined : TYPES.get(name.slice(dot + 1).toLowerCase());
}

/** The type that the first bytes of a file tell. Markup is plain text. */
export function sniffedType(beginning: Uint8Array): string {
  const type = detectContentType(beginning);
  return /^text\/(?:html|xml)/.test(type) ? `text/plain${UTF8}` : type;
}
