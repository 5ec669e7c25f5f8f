/**
 * Several messages in one memory, as recvmmsg(2) and sendmmsg(2) of a Kernel take them: gathered from the
 * buffers of a program, and scattered back into them. The records are described by MsgVec.
 *
 * Memory is as large as all messages together, in the order data, name, control of each.
 */
import { MSG_WORDS } from '../kernel/kernel.ts';
import { addressBytes, received } from './address.ts';
import { vectorOf } from './arguments.ts';
import {
  controlBytes,
  type MessageRoom,
  messageOf,
  type OutgoingMessage,
  type ReceivedMessage,
  receivedControl,
  roomOf,
} from './message.ts';

/** UIO_MAXIOV: the kernel takes no more messages in one call. */
const MAX_MESSAGES = 1024;

/** Of all messages together: offsets are 32-bit numbers. */
const MAX_MEMORY = 0x7fffffff;

/** The words of a record. */
const DATA = 0;
const NAME = 2;
const CONTROL = 4;
const FLAGS = 6;
const SIZE = 7;

/** One message in buffers of its own. */
interface Parts {
  readonly iov: readonly Uint8Array[];
  readonly name: Uint8Array;
  readonly nameSize: number;
  readonly control: Uint8Array;
}

const NOTHING = new Uint8Array(0);

export class MessageBatch {
  readonly memory: Uint8Array;
  readonly records: Uint32Array;
  readonly #messages: readonly Parts[];

  private constructor(call: string, messages: readonly Parts[]) {
    this.#messages = messages;
    this.records = new Uint32Array(MSG_WORDS * messages.length);
    let at = 0;
    for (const [i, { iov, name, nameSize, control }] of messages.entries()) {
      const data = iov.reduce((sum, { length }) => sum + length, 0);
      for (const [j, length] of [data, name.length, control.length].entries()) {
        if (at + length > MAX_MEMORY) {
          throw new RangeError(`${call}: messages must be less than 2 GiB together`);
        }
        this.records.set([at, length], MSG_WORDS * i + 2 * j);
        // The kernel reads struct cmsghdr in words of 8 bytes.
        at += Math.ceil(length / 8) * 8;
      }
      this.records[MSG_WORDS * i + NAME + 1] = nameSize;
    }
    this.memory = new Uint8Array(at);
  }

  /** Memory for these messages, empty. TypeError, RangeError. */
  static toReceive(call: string, messages: readonly MessageRoom[]): MessageBatch {
    const parts = listOf(call, messages).map((message, i) => {
      const argument = `messages[${i}]`;
      const { iov, ...rest } = roomOf(call, argument, message);
      return { iov: checkedBuffers(call, argument, [iov].flat()), ...rest };
    });
    return new MessageBatch(call, parts);
  }

  /** Memory with these messages in it. TypeError, RangeError. */
  static toSend(call: string, messages: readonly OutgoingMessage[]): MessageBatch {
    const parts = listOf(call, messages).map((message, i) => {
      const argument = `messages[${i}]`;
      const { iov, name: to, control } = messageOf(call, argument, message);
      const name = to === null ? NOTHING : addressBytes(call, `${argument}.name`, to);
      return {
        iov: checkedBuffers(call, argument, [vectorOf(iov)].flat()),
        name,
        nameSize: name.length,
        control: controlBytes(call, `${argument}.control`, control) ?? NOTHING,
      };
    });
    const batch = new MessageBatch(call, parts);
    batch.#gather();
    return batch;
  }

  /** The first `count` messages, as the kernel has filled them; their data is put into their buffers. */
  take(count: number): ReceivedMessage[] {
    return this.#messages.slice(0, count).map(({ iov, name, control }, i) => {
      const at = MSG_WORDS * i;
      const size = this.#word(at + SIZE);
      let from = this.#word(at + DATA);
      // With MSG_TRUNC the size is the datagram's, which may be more than there was room for.
      let left = Math.min(size, this.#word(at + DATA + 1));
      for (const buffer of iov) {
        const length = Math.min(left, buffer.length);
        buffer.set(this.memory.subarray(from, from + length));
        from += length;
        left -= length;
      }
      const nameAt = this.#word(at + NAME);
      const controlAt = this.#word(at + CONTROL);
      return {
        size,
        name: received(
          this.memory.subarray(nameAt, nameAt + name.length),
          this.#word(at + NAME + 1),
        ),
        control: receivedControl(
          this.memory.subarray(controlAt, controlAt + control.length),
          this.#word(at + CONTROL + 1),
        ),
        flags: this.#word(at + FLAGS),
      };
    });
  }

  /** The bytes that were sent of each of the first `count` messages. */
  sizes(count: number): number[] {
    return Array.from({ length: count }, (_, i) => this.#word(MSG_WORDS * i + SIZE));
  }

  #gather(): void {
    for (const [i, { iov, name, control }] of this.#messages.entries()) {
      const at = MSG_WORDS * i;
      let to = this.#word(at + DATA);
      for (const buffer of iov) {
        this.memory.set(buffer, to);
        to += buffer.length;
      }
      this.memory.set(name, this.#word(at + NAME));
      this.memory.set(control, this.#word(at + CONTROL));
    }
  }

  #word(at: number): number {
    return this.records[at]!;
  }
}

function listOf<T>(call: string, messages: readonly T[]): readonly T[] {
  if (!Array.isArray(messages)) throw new TypeError(`${call}: messages must be an array`);
  return messages.slice(0, MAX_MESSAGES);
}

function checkedBuffers(
  call: string,
  argument: string,
  buffers: readonly Uint8Array[],
): readonly Uint8Array[] {
  for (const buffer of buffers) {
    if (!(buffer instanceof Uint8Array) || isDetached(buffer)) {
      throw new TypeError(
        `${call}: ${argument}.iov must be a Uint8Array that is not detached, or an array of them`,
      );
    }
  }
  return buffers;
}

/** `ArrayBuffer.detached` is too new: a detached one is empty, and nothing can be made of it. */
function isDetached(bytes: Uint8Array): boolean {
  if (bytes.length > 0) return false;
  try {
    return new Uint8Array(bytes.buffer).length < 0;
  } catch {
    return true;
  }
}
