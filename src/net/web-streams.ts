/**
 * A connection as web streams, and as chunks. Nothing is read before somebody asks, and a buffer is
 * made only when there is something to put into it. Works on any Conn.
 */
import type { Conn } from './conn.ts';

/** The largest chunk. */
const CHUNK = 64 * 1024;

const scratch = new Uint8Array(CHUNK);

const readStreams = new WeakMap<Conn, ReadableStream<Uint8Array>>();
const writeStreams = new WeakMap<Conn, WritableStream<Uint8Array | string>>();

/**
 * The next bytes, in a buffer of their own; null at the end of the stream. By way of `readable`, which
 * sees to it that a peer that never pauses does not keep the event loop from its other work.
 */
export async function readChunk(conn: Conn): Promise<Uint8Array | null> {
  for (;;) {
    await conn.readable();
    const count = conn.tryRead(scratch);
    if (count === null) return null;
    if (count !== undefined) return scratch.slice(0, count);
  }
}

export async function* chunks(conn: Conn): AsyncGenerator<Uint8Array, void, undefined> {
  for (let chunk = await readChunk(conn); chunk !== null; chunk = await readChunk(conn)) {
    yield chunk;
  }
}

/** Cancelling it is closeRead. Always the same stream for the same connection. */
export function readStreamOf(conn: Conn): ReadableStream<Uint8Array> {
  let stream = readStreams.get(conn);
  if (stream === undefined) {
    stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const chunk = await readChunk(conn);
          if (chunk === null) controller.close();
          else controller.enqueue(chunk);
        },
        cancel: () => conn.closeRead(),
      },
      { highWaterMark: 0 },
    );
    readStreams.set(conn, stream);
  }
  return stream;
}

/** Ending it is closeWrite, aborting it is close. Always the same stream for the same connection. */
export function writeStreamOf(conn: Conn): WritableStream<Uint8Array | string> {
  let stream = writeStreams.get(conn);
  if (stream === undefined) {
    stream = new WritableStream<Uint8Array | string>({
      write: async (chunk) => {
        await conn.write(chunk);
      },
      close: () => conn.closeWrite(),
      abort: () => conn.close(),
    });
    writeStreams.set(conn, stream);
  }
  return stream;
}
