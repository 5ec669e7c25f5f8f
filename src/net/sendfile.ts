/**
 * A file into a connection without a copy through the program: sendfile(2). After Go's
 * internal/poll/sendfile_linux.go and net/sendfile_linux.go.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { FD } from '../poll/fd.ts';
import type { PollCall } from '../poll/message-call.ts';
import { EBADF } from '../syscall/errno.ts';
import { optionalInteger, requireOptions } from './options.ts';
import { descriptorOf, type FileLike } from './file-like.ts';
import { counted, inTurn } from './transfer.ts';

/** What one call is asked for: as in Go. */
const MAX_SENDFILE = 4 * 1024 * 1024;

export interface SendfileOptions {
  /** Where in the file to begin; the file's own offset, which then moves, if not given. */
  readonly offset?: number | undefined;
  /** How many bytes at most; to the end of the file if not given. */
  readonly length?: number | undefined;
}

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
