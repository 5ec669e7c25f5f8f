/**
 * All that comes from a reader into a writer: Go's io.Copy, and so TCPConn.ReadFrom. Between two stream
 * sockets the bytes do not come into the program (splice.ts).
 *
 * It is a function and no method of connections: the name readFrom belongs to packets, where it is
 * recvfrom(2), and a proxy copies in both directions, so neither side is the one that does it.
 */
import type { Reader, Writer } from '../io/stream.ts';
import { OpError } from './op-error.ts';
import { optionalInteger, requireOptions } from './options.ts';
import { type Progress, spliceAll } from './splice.ts';
import { TCPConn } from './tcp.ts';
import { UnixConn } from './unix.ts';

/** What is read at a time where splice cannot be used. */
const BUFFER_SIZE = 64 * 1024;

export interface CopyOptions {
  /** How many bytes at most; all to the end of the stream if not given. */
  readonly limit?: number | undefined;
}

/**
 * Copies from `src` to `dst` until the end of the stream and gives the number of bytes. Closes neither:
 * at the end, `dst.closeWrite()` passes the end on.
 *
 * If `dst` is a TCPConn or a UnixConn, a failure is its OpError "readfrom", with `bytesRead` and
 * `bytesWritten`: if they differ, bytes were taken from `src` that `dst` has not got, and are lost. Else it is
 * whatever `src.read` or `dst.write` fail with. Deadlines and closing end it as they end a read or a write.
 * Of "unixpacket" messages of up to 64 KiB are copied, each as one.
 */
export async function copy(dst: Writer, src: Reader, options: CopyOptions = {}): Promise<number> {
  requireMethod('dst', dst, 'write');
  requireMethod('src', src, 'read');
  requireOptions('copy', options);
  optionalInteger('copy', 'limit', options.limit, 0, Number.MAX_SAFE_INTEGER);
  const limit = options.limit ?? Infinity;
  const progress: Progress = { bytesRead: 0, bytesWritten: 0 };
  if (!isConnected(dst)) {
    await copyBuffered(dst, src, limit, progress);
    return progress.bytesWritten;
  }
  const spliced = await splice(dst, src, limit, progress);
  if (!spliced) {
    try {
      await copyBuffered(dst, src, limit, progress);
    } catch (cause) {
      throw failure(dst, cause as Error, progress);
    }
  }
  return progress.bytesWritten;
}

/** Datagrams are none: each of them is one, as in a buffer of its own. */
function isConnected(value: object): value is TCPConn | UnixConn {
  return value instanceof TCPConn || value instanceof UnixConn;
}

/** False if it cannot be done by splice. */
async function splice(
  dst: TCPConn | UnixConn,
  src: Reader,
  limit: number,
  progress: Progress,
): Promise<boolean> {
  if (!isConnected(src) || !isStream(src) || !isStream(dst)) return false;
  if (src.fd.system !== dst.fd.system) return false;
  try {
    return await spliceAll(dst.fd, src.fd, limit, progress);
  } catch (error) {
    const cause = error instanceof OpError ? error.cause : (error as Error);
    throw failure(dst, cause, progress);
  }
}

/** A message of "unixpacket" or "unixgram" is one, and splice would forget where it ends. */
function isStream({ network }: TCPConn | UnixConn): boolean {
  return network !== 'unixpacket' && network !== 'unixgram';
}

async function copyBuffered(
  dst: Writer,
  src: Reader,
  limit: number,
  progress: Progress,
): Promise<void> {
  const buf = new Uint8Array(Math.min(limit, BUFFER_SIZE));
  while (progress.bytesRead < limit) {
    const left = limit - progress.bytesRead;
    const count = await src.read(left < buf.length ? buf.subarray(0, left) : buf);
    if (count === null) return;
    progress.bytesRead += count;
    try {
      progress.bytesWritten += await dst.write(buf.subarray(0, count));
    } catch (error) {
      const { bytesWritten } = error as { bytesWritten?: unknown };
      if (typeof bytesWritten === 'number') progress.bytesWritten += bytesWritten;
      throw error;
    }
  }
}

function failure(dst: TCPConn | UnixConn, cause: Error, progress: Progress): Error {
  return Object.assign(dst.explain('readfrom', cause), progress);
}

function requireMethod(argument: string, value: unknown, method: string): void {
  if (typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function') return;
  throw new TypeError(`copy: ${argument} must have a method ${method}`);
}
