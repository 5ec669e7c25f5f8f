/** What one receive of a packet connection gives: how much, from whom, and with what beside it. */
import { type ControlMessage, decodeControlMessages } from '../syscall/control-message.ts';
import { MSG_CTRUNC, MSG_TRUNC } from '../syscall/socket.ts';

/** Of readFrom. */
export interface Received<A> {
  /** Bytes in the buffer; a longer datagram has lost the rest. 0 is an empty datagram. */
  readonly size: number;
  /** The sender; null if it has no address, as a unix socket may. */
  readonly addr: A;
}

/** A datagram in a buffer of its own. */
export interface Datagram<A> {
  readonly data: Uint8Array;
  readonly addr: A;
}

/** Of readMsg. */
export class ReceivedMessage<A> implements Received<A> {
  readonly size: number;
  readonly addr: A;
  /** Bytes of control messages in the buffer that was given for them. */
  readonly oobSize: number;
  /** As the kernel gives them: MSG_TRUNC, MSG_CTRUNC, MSG_EOR, …. */
  readonly flags: number;
  readonly #oob: Uint8Array | null;

  constructor(size: number, addr: A, oob: Uint8Array | null, oobSize: number, flags: number) {
    this.size = size;
    this.addr = addr;
    this.oobSize = oobSize;
    this.flags = flags;
    this.#oob = oob;
  }

  /** The datagram was longer than the buffer. */
  get truncated(): boolean {
    return (this.flags & MSG_TRUNC) !== 0;
  }

  /** There were more control messages than had room. */
  get oobTruncated(): boolean {
    return (this.flags & MSG_CTRUNC) !== 0;
  }

  /**
   * The control messages, decoded from the buffer as it is now; their data is copied. What is in it is for
   * decodePacketInfo, decodeTimestampNs and their like in netfd/syscall.
   */
  controlMessages(): ControlMessage[] {
    return this.#oob === null ? [] : decodeControlMessages(this.#oob, this.oobSize);
  }
}
