/**
 * Files over HTTP: GET and HEAD, index.html, listings, Last-Modified. Not here: ranges, entity tags,
 * compression.
 *
 *   target ─ names that may be looked for? ─no─→ 404
 *     └─ open ─┬─ nothing ─→ 404        may not be read ─→ 403
 *              ├─ file ─ not modified ─→ 304, else 200
 *              └─ directory ─ no slash at the end ─→ 301, else its index.html, else the listing
 *
 * A path is taken apart as it was sent, and each name decoded by itself: what decodes to a slash or a
 * NUL, and what begins with a dot (so "." and ".." in every spelling), is not looked for. What a link
 * leads to is the matter of the FileSystem. After Go's http.FileServer; RFC 9110.
 */
import { httpDate, parseHttpDate } from './date.ts';
import { directoryPage } from './directory-page.ts';
import type { FileSystem, OpenFile } from './file-system.ts';
import type { Handler, ResponseWriter, ServerRequest } from './handler.ts';
import { mediaTypeOf, sniffedType } from './media-type.ts';
import { error, notFound } from './replies.ts';
import { decodePath, escapeBytes } from './request-path.ts';
import { SNIFF_LENGTH } from './sniff.ts';
import { Status, statusText } from './status.ts';

/** Bytes of a file that are read, and sent, at a time. */
const CHUNK = 64 * 1024;

/** Entries of a directory that are listed. */
const MAX_ENTRIES = 5000;

/** Pages made here need nothing, so they may load nothing. */
const LISTING_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const encoder = new TextEncoder();

/** A handler that serves the files of `files` by the path of the request. */
export function fileServer(files: FileSystem): Handler {
  if (typeof (files as Partial<FileSystem> | null | undefined)?.open !== 'function') {
    throw new TypeError(
      'fileServer: files must have a method open, as what nodeFiles settles with',
    );
  }
  return { serveHTTP: (w, r) => serve(files, w, r) };
}

async function serve(files: FileSystem, w: ResponseWriter, r: ServerRequest): Promise<void> {
  if (r.method !== 'GET' && r.method !== 'HEAD') {
    w.header().set('Allow', 'GET, HEAD');
    return error(w, statusText(Status.MethodNotAllowed), Status.MethodNotAllowed);
  }
  const names = namesIn(r.rawPath);
  if (names === null) return notFound(w, r);
  try {
    await serveNames(files, names, w, r);
  } catch (thrown) {
    if (!isForbidden(thrown)) throw thrown;
    error(w, '403 Forbidden', Status.Forbidden);
  }
}

/** The names that a path as sent consists of; null if one of them is not to be looked for. */
function namesIn(rawPath: string): string[] | null {
  const names: string[] = [];
  for (const part of rawPath.split('/')) {
    if (part === '') continue;
    const name = decodePath(part);
    if (name.startsWith('.') || name.includes('/') || name.includes('\0')) return null;
    names.push(name);
  }
  return names;
}

function isForbidden(thrown: unknown): boolean {
  const { code } = (thrown ?? {}) as { code?: unknown };
  return code === 'EACCES' || code === 'EPERM';
}

async function serveNames(
  files: FileSystem,
  names: readonly string[],
  w: ResponseWriter,
  r: ServerRequest,
): Promise<void> {
  const file = await files.open(names.join('/'));
  if (file === null) return notFound(w, r);
  try {
    const last = names.at(-1);
    const asDirectory = last === undefined || r.rawPath.endsWith('/');
    if (!file.isDirectory) {
      if (asDirectory) return notFound(w, r);
      return await sendFile(file, last, w, r);
    }
    if (!asDirectory) return addSlash(last, w, r);
    await serveDirectory(files, file, names, w, r);
  } finally {
    await file.close();
  }
}

/** Relative to where the client is: it need not know of a prefix that was taken off. */
function addSlash(name: string, w: ResponseWriter, r: ServerRequest): void {
  const query = r.rawQuery === '' ? '' : `?${escapeBytes(r.rawQuery)}`;
  w.header().set('Location', `./${encodeURIComponent(name)}/${query}`);
  w.writeHeader(Status.MovedPermanently);
}

async function serveDirectory(
  files: FileSystem,
  directory: OpenFile,
  names: readonly string[],
  w: ResponseWriter,
  r: ServerRequest,
): Promise<void> {
  const index = await files.open([...names, 'index.html'].join('/'));
  try {
    if (index?.isDirectory === false) return await sendFile(index, 'index.html', w, r);
  } finally {
    await index?.close();
  }
  const entries = await directory.entries(MAX_ENTRIES + 1);
  const path = names.map((name) => `/${name}`).join('');
  const listed = entries.slice(0, MAX_ENTRIES);
  const whole = entries.length <= MAX_ENTRIES;
  const page = encoder.encode(directoryPage(`${path}/`, listed, whole));
  const header = w.header();
  header.set('Content-Type', 'text/html; charset=utf-8');
  header.set('Content-Length', page.length);
  header.set('Content-Security-Policy', LISTING_POLICY);
  // The client may have gone, which is nobody's mistake.
  await w.write(page).catch(() => {});
}

async function sendFile(
  file: OpenFile,
  name: string,
  w: ResponseWriter,
  r: ServerRequest,
): Promise<void> {
  const header = w.header();
  const modified = dateOf(file);
  if (modified !== null) header.set('Last-Modified', modified);
  if (modified !== null && !isModified(file, r)) return w.writeHeader(Status.NotModified);
  const isHead = r.method === 'HEAD';
  const type = mediaTypeOf(name);
  const room = !isHead ? CHUNK : type === undefined ? SNIFF_LENGTH : 0;
  const buf = new Uint8Array(Math.min(file.size, room));
  const count = buf.length === 0 ? 0 : await file.read(buf, 0);
  header.set('Content-Type', type ?? sniffedType(buf.subarray(0, count)));
  header.set('X-Content-Type-Options', 'nosniff');
  header.set('Content-Length', file.size);
  w.writeHeader(Status.OK);
  if (!isHead) await sendBody(file, buf, count, w);
}

/** "Sun, 06 Nov 1994 08:49:37 GMT"; null for a time that no such date tells. */
function dateOf(file: OpenFile): string | null {
  try {
    return httpDate(file.mtimeMs);
  } catch {
    return null;
  }
}

/** Dates tell seconds: what was modified later within one counts as not modified. */
function isModified(file: OpenFile, r: ServerRequest): boolean {
  // No entity tag is ever given, so none that the client names can match.
  if (r.header.has('If-None-Match')) return true;
  const since = parseHttpDate(r.header.get('If-Modified-Since') ?? '');
  return since === null || Math.floor(file.mtimeMs / 1000) * 1000 > since;
}

/**
 * Sends a file of whose beginning `count` bytes are in `buf`. If it has become shorter meanwhile, so is
 * the response, and the server closes the connection; what was added is not sent.
 */
async function sendBody(
  file: OpenFile,
  buf: Uint8Array,
  count: number,
  w: ResponseWriter,
): Promise<void> {
  let offset = 0;
  let chunk = buf.subarray(0, count);
  while (chunk.length > 0) {
    try {
      await w.write(chunk);
      offset += chunk.length;
      if (offset === file.size) return;
    } catch {
      return; // the client has gone
    }
    const room = buf.subarray(0, Math.min(buf.length, file.size - offset));
    chunk = room.subarray(0, await file.read(room, offset));
  }
}
