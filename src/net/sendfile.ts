/**
 * A file into a connection without a copy through the program: sendfile(2). After Go's
 * internal/poll/sendfile_linux.go and net/sendfile_linux.go.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { FD } from '../poll/fd.ts';
import type { PollCall } from '../poll/message-call.ts';
import { EAGAIN, EBADF } from '../syscall/errno.ts';
import type { SendfileOptions } from './conn.ts';
import { optionalInteger, requireOptions } from './options.ts';
import { descriptorOf, type FileLike } from './file-like.ts';
import { requireOffset } from './arguments.ts';
import { counted, inTurn } from './transfer.ts';

/** What one call is asked for: as in Go. */
const MAX_SENDFILE = 4 * 1024 * 1024;

/**
 * Sends what is in `file`, which must be a regular file and stay open, and gives the number of bytes. One
 * write, however many calls it takes. OpError "readfrom" with `bytesWritten`. For net's own files.
 */
export async function sendfile(
  fd: FD,
  file: FileLike,
  options: SendfileOptions = {},
): Promise<number> {
  const from = descriptorOf('sendfile', file);
  requireOptions('sendfile', options);
  optionalInteger('sendfile', 'offset', options.offset, 0, Number.MAX_SAFE_INTEGER);
  optionalInteger('sendfile', 'length', options.length, 0, Number.MAX_SAFE_INTEGER);
  const offset = options.offset === undefined ? null : BigInt64Array.of(BigInt(options.offset));
  const offsetBytes = offset === null ? null : new Uint8Array(offset.buffer);
  let sent = 0;
  const left = (): number => (options.length ?? Infinity) - sent;
  const call: PollCall = {
    mode: 'write',
    op: 'readfrom',
    syscall: 'sendfile',
    target: null,
    drainedBelow: 0,
    attempt(kernel: Kernel, sysfd: number): number {
      // Closed while this waited: its number may be another file's by now.
      if (descriptorOf('sendfile', file) !== from) return -EBADF;
      const count = Math.min(left(), MAX_SENDFILE);
      return count === 0 ? 0 : kernel.sendfile(sysfd, from, offsetBytes, count);
    },
  };
  const operation = fd.beginCall(call, (count) => {
    sent += count;
    return count === 0 || left() === 0 ? sent : undefined;
  });
  return inTurn(
    fd,
    counted(operation, () => sent),
  );
}

/** sendfile(2) of one part, made by {@link trySendfile} alone: one for all, since it never waits. */
class SendfileCall implements PollCall {
  readonly mode = 'write';
  readonly op = 'readfrom';
  readonly syscall = 'sendfile';
  readonly target = null;
  readonly drainedBelow = 0;
  file = -1;
  count = 0;
  /** The offset, as the kernel takes it. */
  readonly words: Uint32Array = new Uint32Array(2);
  readonly #offset: Uint8Array = new Uint8Array(this.words.buffer);

  attempt(kernel: Kernel, sysfd: number): number {
    return kernel.sendfile(sysfd, this.file, this.#offset, this.count);
  }
}

const onePart = new SendfileCall();

/**
 * Sends what fits now of the `length` bytes of `file` from `offset` on: how many, null at the end of the
 * file, 0 if it would wait, or if a write is waiting. OpError "readfrom". For net's own files.
 */
export function trySendfile(fd: FD, file: FileLike, offset: number, length: number): number | null {
  onePart.file = descriptorOf('trySendfile', file);
  requireOffset('trySendfile', 'offset', offset);
  requireOffset('trySendfile', 'length', length);
  if (length === 0) return 0;
  onePart.count = Math.min(length, MAX_SENDFILE);
  onePart.words[0] = offset;
  onePart.words[1] = offset / 0x1_0000_0000;
  const sent = fd.tryCall(onePart);
  if (sent === -EAGAIN) return 0;
  return sent === 0 ? null : sent;
}
