/**
 * One message of recvmsg(2) or sendmsg(2): what a program says of it, checked, and the buffers that the
 * kernel gets. TypeErrors and RangeErrors name the call and the field.
 */
import {
  type ControlMessage,
  decodeControlMessages,
  encodeControlMessages,
} from '../syscall/control-message.ts';
import { type Sockaddr, SOCKADDR_STORAGE_SIZE } from '../syscall/sockaddr.ts';
import type { Address } from './address.ts';
import { type Data, integer } from './arguments.ts';

/** Where a message is to be received to. */
export interface MessageRoom {
  /** The buffers, filled one after the other. */
  readonly iov: Uint8Array | readonly Uint8Array[];
  /** Bytes for the sender's address: 128 if not given, which is enough for any. */
  readonly nameSize?: number | undefined;
  /** Bytes for control messages, 0 if not given; see controlSpace. */
  readonly controlSize?: number | undefined;
}

/** A message that was received. */
export interface ReceivedMessage {
  /** Bytes received; with MSG_TRUNC in the call's flags, the datagram's true length. */
  readonly size: number;
  /** The sender; null if the kernel names none. */
  readonly name: Sockaddr | null;
  readonly control: ControlMessage[];
  /** MSG_EOR, MSG_TRUNC, MSG_CTRUNC, MSG_OOB, MSG_ERRQUEUE, …. */
  readonly flags: number;
}

/** A message to be sent. */
export interface OutgoingMessage {
  readonly iov: Data | readonly Data[];
  /** To whom; not needed where the socket is connected. */
  readonly name?: Address | null | undefined;
  /** Control messages, or the bytes of them, which are passed on whatever they are. */
  readonly control?: readonly ControlMessage[] | Uint8Array | null | undefined;
}

/** A bound of our own: the kernel takes less for control messages, and clips a longer name. */
const MAX_CONTROL_SIZE = 1 << 20;

/** The buffers of a message to be received. A negative `nameSize` is the kernel's to refuse. */
export function roomOf(
  call: string,
  argument: string,
  message: MessageRoom,
): {
  readonly iov: Uint8Array | readonly Uint8Array[];
  readonly name: Uint8Array;
  readonly nameSize: number;
  readonly control: Uint8Array;
} {
  const { iov, nameSize, controlSize } = objectOf(call, argument, message);
  const space = integer(
    call,
    `${argument}.nameSize`,
    nameSize ?? SOCKADDR_STORAGE_SIZE,
    -0x80000000,
    0xffff,
  );
  const room = integer(call, `${argument}.controlSize`, controlSize ?? 0, 0, MAX_CONTROL_SIZE);
  const name = new Uint8Array(Math.max(0, space));
  return { iov, name, nameSize: space, control: new Uint8Array(room) };
}

/** The fields of a message to be sent. */
export function messageOf(
  call: string,
  argument: string,
  message: OutgoingMessage,
): {
  readonly iov: Data | readonly Data[];
  readonly name: Address | null;
  readonly control: readonly ControlMessage[] | Uint8Array | null;
} {
  const { iov, name, control } = objectOf(call, argument, message);
  return { iov, name: name ?? null, control: control ?? null };
}

/** The bytes of control messages; null for none. TypeError for what is neither. */
export function controlBytes(
  call: string,
  argument: string,
  control: readonly ControlMessage[] | Uint8Array | null,
): Uint8Array | null {
  if (control === null) return null;
  if (control instanceof Uint8Array) return control;
  const isObject = (message: unknown): boolean => typeof message === 'object' && message !== null;
  if (!Array.isArray(control) || !control.every(isObject)) {
    throw new TypeError(`${call}: ${argument} must be an array of { level, type, data }, or bytes`);
  }
  try {
    return encodeControlMessages(control as readonly ControlMessage[]);
  } catch (error) {
    throw new TypeError(`${call}: ${argument}: ${(error as Error).message}`, { cause: error });
  }
}

/** The control messages in the first `length` bytes that the kernel has written. */
export function receivedControl(bytes: Uint8Array, length: number): ControlMessage[] {
  return length === 0 ? [] : decodeControlMessages(bytes, length);
}

function objectOf<T extends MessageRoom | OutgoingMessage>(
  call: string,
  argument: string,
  message: T,
): T {
  if (typeof message !== 'object' || message === null || !('iov' in message)) {
    throw new TypeError(`${call}: ${argument} must be an object with the buffers iov`);
  }
  return message;
}
