/**
 * Bytes that something follows at once: sendto(2) with MSG_MORE, so that a short beginning waits for the
 * rest and no small packet goes alone. Only for sockets; whatever is sent next without it lets all go.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { FD } from '../poll/fd.ts';
import type { PollCall } from '../poll/message-call.ts';
import { EAGAIN } from '../syscall/errno.ts';
import { MSG_MORE } from '../syscall/socket.ts';

const NOTHING = new Uint8Array(0);

/** Made by {@link trySendMore} alone: one for all, since it never waits. */
class SendMoreCall implements PollCall {
  readonly mode = 'write';
  readonly op = 'write';
  readonly syscall = 'sendto';
  readonly target = null;
  readonly drainedBelow = 0;
  data: Uint8Array = NOTHING;
  size = 0;

  attempt(kernel: Kernel, sysfd: number): number {
    return kernel.sendto(sysfd, this.data, this.size, MSG_MORE, null, 0);
  }
}

const oneCall = new SendMoreCall();

/** Bytes sent of data[offset, end), 0 if it would wait. Throws. For net's own files. */
export function trySendMore(fd: FD, data: Uint8Array, offset: number, end: number): number {
  oneCall.data = offset === 0 ? data : data.subarray(offset);
  oneCall.size = end - offset;
  const sent = fd.tryCall(oneCall);
  oneCall.data = NOTHING;
  return sent === -EAGAIN ? 0 : sent;
}
