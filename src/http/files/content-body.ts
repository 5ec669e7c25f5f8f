/**
 * Parts of a content as the body of a response: one as it is, several as multipart/byteranges. A file of this
 * machine goes by sendfile, bytes as they are, and anything else is read and written a piece at a time. A
 * content that turns out shorter than it said ends the response early, and the server closes the connection.
 * Source: RFC 9110 sections 14.6 and 15.3.7.2; the form of the parts is Go's (mime/multipart).
 */
import { DiskFile } from '../../net/disk-file.ts';
import { type ByteRange, contentRange } from '../message/byte-ranges.ts';
import type { Content } from './file-system.ts';
import type { ResponseWriter } from '../handler.ts';

/** Bytes that are read, and written, at a time. */
const PIECE = 64 * 1024;

/** Writes a part of `content`. A promise if that takes time. */
export function writePart(
  w: ResponseWriter,
  content: Content | Uint8Array,
  { start, length }: ByteRange,
): void | Promise<void> {
  if (content instanceof Uint8Array)
    return ignored(w.write(content.subarray(start, start + length)));
  if (content instanceof DiskFile && w.sendFile !== undefined) {
    return ignored(w.sendFile(content, start, length));
  }
  return copyPart(w, content, start, length);
}

async function copyPart(
  w: ResponseWriter,
  content: Content,
  start: number,
  length: number,
): Promise<void> {
  const buf = new Uint8Array(Math.min(PIECE, length));
  for (let at = 0; at < length;) {
    const room = buf.subarray(0, Math.min(buf.length, length - at));
    const count = await content.read(room, start + at);
    if (count === 0) return;
    try {
      await w.write(room.subarray(0, count));
    } catch {
      return; // the client has gone
    }
    at += count;
  }
}

/** The writer keeps the order, and the server knows if the client has gone. */
function ignored(written: Promise<unknown>): void {
  written.catch(() => {});
}

/** Several parts of a content of `size` bytes and a type, and what stands around them. */
export class MultipartRanges {
  readonly type: string;
  /** Of the whole body, in bytes. */
  readonly length: number;
  readonly #ranges: readonly ByteRange[];
  readonly #heads: readonly string[];
  readonly #end: string;

  constructor(ranges: readonly ByteRange[], type: string, size: number) {
    // So long and random that it is in no content.
    const boundary = (crypto.randomUUID() + crypto.randomUUID()).replaceAll('-', '').slice(0, 60);
    this.type = `multipart/byteranges; boundary=${boundary}`;
    this.#ranges = ranges;
    this.#heads = ranges.map((range, i) => {
      const fields = `Content-Range: ${contentRange(range, size)}\r\nContent-Type: ${type}\r\n\r\n`;
      return `${i === 0 ? '' : '\r\n'}--${boundary}\r\n${fields}`;
    });
    this.#end = `\r\n--${boundary}--\r\n`;
    let length = this.#end.length;
    for (const [i, range] of ranges.entries()) length += this.#heads[i]!.length + range.length;
    this.length = length;
  }

  /** Writes them. A promise if that takes time. */
  write(w: ResponseWriter, content: Content | Uint8Array): void | Promise<void> {
    if (!(content instanceof DiskFile) || w.sendFile === undefined) {
      return this.#writeSlowly(w, content);
    }
    for (const [i, range] of this.#ranges.entries()) {
      ignored(w.write(this.#heads[i]!));
      void writePart(w, content, range);
    }
    ignored(w.write(this.#end));
  }

  async #writeSlowly(w: ResponseWriter, content: Content | Uint8Array): Promise<void> {
    try {
      for (const [i, range] of this.#ranges.entries()) {
        await w.write(this.#heads[i]!);
        if (content instanceof Uint8Array) {
          await w.write(content.subarray(range.start, range.start + range.length));
        } else await copyPart(w, content, range.start, range.length);
      }
      await w.write(this.#end);
    } catch {
      // The client has gone.
    }
  }
}
