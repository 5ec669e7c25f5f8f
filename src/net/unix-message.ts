/**
 * What comes with the bytes of a unix socket: descriptors and credentials. After unix(7), cmsg(3).
 */
import type { Kernel } from '../kernel/kernel.ts';
import {
  type Credentials,
  decodeCredentials,
  decodeRights,
  encodeRights,
} from '../syscall/ancillary.ts';
import {
  type ControlMessage,
  controlSpace,
  encodeControlMessages,
} from '../syscall/control-message.ts';
import {
  MSG_CTRUNC,
  MSG_EOR,
  MSG_TRUNC,
  SCM_CREDENTIALS,
  SCM_PIDFD,
  SCM_RIGHTS,
  SOL_SOCKET,
} from '../syscall/socket.ts';
import type { NetError } from './errors.ts';
import type { FileLike } from './file-like.ts';
import { ReceivedMessage } from './packet-message.ts';
import type { UnixAddr } from './unix-addr.ts';

/** SCM_MAX_FD of the kernel: how many descriptors one message carries at most. */
export const MAX_DESCRIPTORS = 253;

/** Room for what may stand before descriptors: credentials, timestamps, a security label, a pidfd. */
const OTHER_MESSAGES = 512;

/** Of readMsg of a UnixConn. */
export class UnixMessage extends ReceivedMessage<UnixAddr | null> {
  /**
   * The descriptors that came with it, close-on-exec: new ones of this process, and yours to close. Those
   * for which there was no room are gone (`oobTruncated`).
   */
  get descriptors(): number[] {
    return descriptorsIn(this.controlMessages(), SCM_RIGHTS);
  }

  /** Who sent it, checked by the kernel; null if passCredentials was not on, or there was no room. */
  get credentials(): Credentials | null {
    const data = this.#first(SCM_CREDENTIALS);
    return data === undefined || data.length < 12 ? null : decodeCredentials(data);
  }

  /** A descriptor of the sender's process, yours to close (SO_PASSPIDFD); null if none came. */
  get pidfd(): number | null {
    return descriptorsIn(this.controlMessages(), SCM_PIDFD)[0] ?? null;
  }

  /** MSG_EOR, which the kernel sets at the end of a record of some protocols, though of no unix socket. */
  get endOfRecord(): boolean {
    return (this.flags & MSG_EOR) !== 0;
  }

  #first(type: number): Uint8Array | undefined {
    return this.controlMessages().find(
      (message) => message.level === SOL_SOCKET && message.type === type,
    )?.data;
  }
}

function descriptorsIn(messages: readonly ControlMessage[], kind: number): number[] {
  return messages
    .filter(({ level, type }) => level === SOL_SOCKET && type === kind)
    .flatMap(({ data }) => decodeRights(data));
}

/** Of receiveDescriptors. */
export class ReceivedDescriptors {
  /** Close-on-exec, and yours to close: each of them, or all by {@link ReceivedDescriptors.close}. */
  readonly fds: readonly number[];
  /** The bytes that came with them, in the buffer that was given or in one of their own. */
  readonly data: Uint8Array;
  /** The sender; null if it has no name. */
  readonly addr: UnixAddr | null;
  /** The message was longer than the buffer. Never of a stream, of which the rest is read later. */
  readonly truncated: boolean;
  readonly #kernel: Kernel;
  #closed = false;

  constructor(kernel: Kernel, fds: readonly number[], data: Uint8Array, message: UnixMessage) {
    this.#kernel = kernel;
    this.fds = fds;
    this.data = data;
    this.addr = message.addr;
    this.truncated = (message.flags & MSG_TRUNC) !== 0;
  }

  /** Closes all of them, for programs that have closed none themselves. Harmless the second time. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const fd of this.fds) this.#kernel.close(fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Of receiveDescriptors: not all descriptors of a message could be taken, so all were closed. */
export class DescriptorsLostError extends Error implements NetError {
  override readonly name: string = 'DescriptorsLostError';
  readonly code: string = 'ERR_DESCRIPTORS_LOST';
  readonly timeout: boolean = false;
  readonly temporary: boolean = false;
  /** The bytes that came with them. */
  readonly data: Uint8Array;

  constructor(max: number, received: number, data: Uint8Array) {
    const what =
      received > max
        ? `${received} descriptors came, more than ${max}`
        : `not all descriptors arrived: there were more than ${max}, or this process may not have more`;
    super(`${what}; all were closed`);
    this.data = data;
  }
}

/** A buffer for the control messages of one with `max` descriptors. */
export function roomForDescriptors(max: number): Uint8Array {
  return new Uint8Array(controlSpace(4 * max) + OTHER_MESSAGES);
}

/**
 * The descriptors of a message. If there are more than `max`, or some did not arrive, all are closed:
 * DescriptorsLostError.
 */
export function takeDescriptors(
  kernel: Kernel,
  message: UnixMessage,
  max: number,
  data: Uint8Array,
): ReceivedDescriptors {
  const fds = message.descriptors;
  const { pidfd } = message;
  if (pidfd !== null) kernel.close(pidfd); // it was not asked for
  if (fds.length <= max && (message.flags & MSG_CTRUNC) === 0) {
    return new ReceivedDescriptors(kernel, fds, data, message);
  }
  for (const fd of fds) kernel.close(fd);
  throw new DescriptorsLostError(max, fds.length, data);
}

/** The control message that passes them. TypeError, RangeError. */
export function rightsOf(sources: readonly FileLike[]): Uint8Array {
  if (!Array.isArray(sources)) {
    throw new TypeError('sendDescriptors: fds must be an array of descriptors, or of open files');
  }
  if (sources.length === 0 || sources.length > MAX_DESCRIPTORS) {
    throw new RangeError(`sendDescriptors: fds must have 1 to ${MAX_DESCRIPTORS} descriptors`);
  }
  const fds = sources.map((source: FileLike, i) => {
    const fd = typeof source === 'number' ? source : source?.fd;
    if (Number.isInteger(fd) && fd >= 0 && fd <= 0x7fffffff) return fd;
    throw new TypeError(`sendDescriptors: fds[${i}] must be a descriptor, or have one as its fd`);
  });
  const rights = { level: SOL_SOCKET, type: SCM_RIGHTS, data: encodeRights(fds) };
  return encodeControlMessages([rights]);
}
