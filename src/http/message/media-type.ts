/**
 * The media type of a file, by the end of its name: IANA's list as the package mrmime has it, and the few that
 * it leaves out. Text is said to be UTF-8, as in Go. For other names the first bytes of the file tell
 * (sniff.ts).
 */
import { mimes } from 'mrmime';

/** Not registered, or with a vendor's prefix, and served all the same. */
const MORE: ReadonlyMap<string, string> = new Map([
  ['eot', 'application/vnd.ms-fontobject'],
  ['ico', 'image/x-icon'],
  ['m3u8', 'application/vnd.apple.mpegurl'],
  ['tar', 'application/x-tar'],
]);

/** What follows the last dot of a name, in lower case; empty without one. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** The type that a name tells, in any case of its ending; undefined for an ending that is not known. */
export function mediaTypeOf(name: string): string | undefined {
  const extension = extensionOf(name);
  const type = Object.hasOwn(mimes, extension) ? mimes[extension] : MORE.get(extension);
  return type?.startsWith('text/') === true ? `${type}; charset=utf-8` : type;
}
