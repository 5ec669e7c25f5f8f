/**
 * Replies with something that has a size, a time and any part of which can be read: the conditions of the
 * request, its ranges, the media type. After Go's http.ServeContent.
 *
 *   conditions ─┬─ not modified ─► 304       failed ─► 412
 *               └─ type ─ told by the name, or by the first bytes
 *                    └─ ranges ─┬─ none of them there ─► 416
 *                               ├─ one ─► 206            several ─► 206 multipart/byteranges
 *                               └─ none, or too many ─► 200
 */
import { contentRange, parseRanges } from '../message/byte-ranges.ts';
import { MultipartRanges, writePart } from './content-body.ts';
import { httpDate } from '../message/date.ts';
import type { Content } from './file-system.ts';
import type { ResponseWriter, ServerRequest } from '../handler.ts';
import { mediaTypeOf } from '../message/media-type.ts';
import { checkPreconditions, rangeOf, type Validators } from './preconditions.ts';
import { error } from '../replies.ts';
import { detectContentType, SNIFF_LENGTH } from '../message/sniff.ts';
import { Status } from '../message/status.ts';

const encoder = new TextEncoder();

/** Fields about a body that an error does not have. As in newer Go. */
const OF_THE_BODY = ['Cache-Control', 'Content-Encoding', 'ETag', 'Last-Modified'];

/**
 * Replies with `content`, or with the parts of it that the request asks for. `name` tells the media type by its
 * ending, unless the field Content-Type was set; `modTime`, a Date or milliseconds since 1970, is sent as
 * Last-Modified, and compared with the dates of the request, unless it is null or 0. If the field ETag was set,
 * it is compared with those of the request. An openFile's content may be closed when this returns, another
 * one when the promise is fulfilled.
 */
export function serveContent(
  w: ResponseWriter,
  r: ServerRequest,
  name: string,
  modTime: Date | number | null,
  content: Content | Uint8Array | string,
): void | Promise<void> {
  if (typeof name !== 'string') throw new TypeError('serveContent: name must be a string');
  const modified = modTime instanceof Date ? modTime.getTime() : modTime;
  if (modified !== null && (typeof modified !== 'number' || Number.isNaN(modified))) {
    throw new TypeError('serveContent: modTime must be a Date, milliseconds since 1970, or null');
  }
  const bytes = typeof content === 'string' ? encoder.encode(content) : content;
  checkContent(bytes);
  const header = w.header();
  const lastModified = lastModifiedOf(modified);
  if (lastModified !== '') header.set('Last-Modified', lastModified);
  const known = lastModified === '' ? null : modified;
  const etag = header.get('ETag') ?? '';
  const type = header.get('Content-Type') ?? mediaTypeOf(name);
  return serveValid(w, r, { etag, modified: known, lastModified }, type, bytes);
}

function checkContent(content: Content | Uint8Array): void {
  if (content instanceof Uint8Array) return;
  const { size, read } = (content ?? {}) as Partial<Content>;
  if (typeof read === 'function' && Number.isSafeInteger(size) && size! >= 0) return;
  throw new TypeError(
    'serveContent: content must be a string, a Uint8Array or have a size and a method read',
  );
}

/** The field Last-Modified: empty for what is no time, or none that HTTP can tell. */
export function lastModifiedOf(modified: number | null): string {
  if (modified === null || modified === 0) return '';
  try {
    return httpDate(modified);
  } catch {
    return '';
  }
}

/**
 * The same with what is known already: what is said of the version is in the fields of the response, but not
 * the type; undefined if the content has to tell.
 */
export function serveValid(
  w: ResponseWriter,
  r: ServerRequest,
  validators: Validators,
  type: string | undefined,
  content: Content | Uint8Array,
): void | Promise<void> {
  const verdict = checkPreconditions(r.method, r.header, validators);
  if (verdict === 'not modified') return notModified(w);
  if (verdict === 'failed') return w.writeHeader(Status.PreconditionFailed);
  const range = rangeOf(r.method, r.header, validators);
  if (type !== undefined) return serveTyped(w, r, type, content, range);
  const sniffed = sniff(content);
  if (typeof sniffed === 'string') return serveTyped(w, r, sniffed, content, range);
  return sniffed.then((told) => serveTyped(w, r, told, content, range));
}

/** RFC 9110, 15.4.5: nothing that only describes the body. */
function notModified(w: ResponseWriter): void {
  const header = w.header();
  for (const name of ['Content-Type', 'Content-Length', 'Content-Encoding']) header.delete(name);
  if (header.has('ETag')) header.delete('Last-Modified');
  w.writeHeader(Status.NotModified);
}

/** The type that the first bytes tell. */
export function sniff(content: Content | Uint8Array): string | Promise<string> {
  if (content instanceof Uint8Array) return detectContentType(content);
  const buf = new Uint8Array(Math.min(SNIFF_LENGTH, content.size));
  const count = buf.length === 0 ? 0 : content.read(buf, 0);
  if (typeof count === 'number') return detectContentType(buf.subarray(0, count));
  return count.then((read) => detectContentType(buf.subarray(0, read)));
}

function serveTyped(
  w: ResponseWriter,
  r: ServerRequest,
  type: string,
  content: Content | Uint8Array,
  range: string,
): void | Promise<void> {
  const header = w.header();
  const size = content instanceof Uint8Array ? content.length : content.size;
  const ranges = range === '' ? 'whole' : parseRanges(range, size);
  if (ranges === 'invalid' || ranges === 'unsatisfiable') return refuseRange(w, ranges, size);
  header.set('Accept-Ranges', 'bytes');
  if (ranges !== 'whole' && ranges.length > 1) {
    const parts = new MultipartRanges(ranges, type, size);
    header.set('Content-Type', parts.type);
    header.set('Content-Length', parts.length);
    w.writeHeader(Status.PartialContent);
    return parts.write(w, content);
  }
  const part = ranges === 'whole' ? null : ranges[0]!;
  header.set('Content-Type', type);
  header.set('Content-Length', part === null ? size : part.length);
  if (part !== null) header.set('Content-Range', contentRange(part, size));
  w.writeHeader(part === null ? Status.OK : Status.PartialContent);
  if (r.method === 'HEAD') return;
  return writePart(w, content, part ?? { start: 0, length: size });
}

function refuseRange(w: ResponseWriter, why: 'invalid' | 'unsatisfiable', size: number): void {
  const header = w.header();
  for (const name of OF_THE_BODY) header.delete(name);
  header.set('Content-Range', `bytes */${size}`);
  const text = why === 'invalid' ? 'invalid range' : 'invalid range: failed to overlap';
  error(w, text, Status.RequestedRangeNotSatisfiable);
}
