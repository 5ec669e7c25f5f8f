/**
 * From the datagrams of a batch to the messages of one sendmmsg(2): datagrams of one length that follow
 * each other to one address become one message, which the kernel cuts again (UDP_SEGMENT; the last one
 * may be shorter). Their bytes stand side by side already, if they were received joined or added one
 * after the other; else they are copied.
 *
 * Source: udp(7), and the limits of net/ipv4/udp.c: 64 datagrams a message, which every kernel with
 * UDP_SEGMENT takes.
 */
import { MSG_WORDS, type MsgVec } from '../kernel/kernel.ts';
import { SendMMsgCall } from '../poll/message-call.ts';
import { CMSG_HEADER_SIZE } from '../syscall/control-message.ts';
import { SOL_UDP } from '../syscall/inet.ts';
import { UDP_SEGMENT } from '../syscall/udp.ts';
import {
  type DatagramBatch,
  INDEX_WORDS,
  MAX_PAYLOAD,
  NAME_SPACE,
  SEGMENT_SPACE,
} from './datagram-batch.ts';
import type { UDPAddr } from './udp-addr.ts';

/** Datagrams that are joined into one message. */
const MAX_JOINED = 64;

/** Where datagrams go to. */
export interface PackTarget {
  /** The family of the socket. */
  readonly family: number;
  /** Its peer gets everything, whatever the addresses say. */
  readonly isConnected: boolean;
  /** Datagrams longer than this are not joined. */
  readonly joinLimit: number;
  sockaddrOf(addr: UDPAddr): Uint8Array;
  /** Why nothing can be sent without an address. */
  missingAddress(): Error;
}

/** A run of datagrams that make one message. */
interface Run {
  /** After the last datagram. */
  end: number;
  bytes: number;
  /** Whether the bytes of each are followed by those of the next. */
  contiguous: boolean;
}

export class BatchPacker {
  readonly call: SendMMsgCall;
  readonly #batch: DatagramBatch;
  readonly #records: MsgVec;
  /** Of each message: the first datagram after it. */
  readonly #ends: Uint32Array;
  /** Of the messages packed last: their first datagram, and whether it has a name. */
  #first = 0;
  #isConnected = false;
  readonly #run: Run = { end: 0, bytes: 0, contiguous: true };

  constructor(batch: DatagramBatch) {
    this.#batch = batch;
    this.#records = new Uint32Array(batch.capacity * MSG_WORDS);
    this.#ends = new Uint32Array(batch.capacity);
    const targetOf = (): UDPAddr | null => (this.#isConnected ? null : batch.addr(this.#first));
    this.call = new SendMMsgCall(batch.memory, this.#records, 0, targetOf);
  }

  /** The datagram that the first message begins with. */
  get first(): number {
    return this.#first;
  }

  /** The datagram after message `m`. */
  endOf(m: number): number {
    return this.#ends[m]!;
  }

  /**
   * Puts messages together from datagram `from` on, as many as one call takes: how many; 0 if nothing is
   * left to be sent. Throws what is wrong with an address, if it is that of the first.
   */
  pack(from: number, target: PackTarget): number {
    const batch = this.#batch;
    const { count, layout, capacity } = batch;
    let packed = layout.packing;
    let messages = 0;
    let at = from;
    this.#isConnected = target.isConnected;
    while (messages < capacity) {
      while (at < count && batch.isDropped(at)) at++;
      if (at === count) break;
      if (messages === 0) this.#first = at;
      const run = this.#runFrom(at, target);
      const copies = !run.contiguous;
      if (copies && packed + run.bytes > layout.end) break;
      try {
        this.#address(messages, at, target);
      } catch (error) {
        if (messages === 0) throw error;
        break; // those before it are sent first
      }
      const start = copies ? packed : batch.index[at * INDEX_WORDS]!;
      if (copies) packed = this.#copy(at, run.end, packed);
      this.#describe(messages, at, start, run);
      this.#ends[messages++] = at = run.end;
    }
    this.call.msgvec = this.#records;
    this.call.vlen = messages;
    return messages;
  }

  /** The longest run that begins with datagram `first`. */
  #runFrom(first: number, target: PackTarget): Run {
    const batch = this.#batch;
    const { index, count } = batch;
    const run = this.#run;
    const size = index[first * INDEX_WORDS + 1]!;
    run.end = first + 1;
    run.bytes = size;
    run.contiguous = true;
    if (size === 0 || size > target.joinLimit) return run;
    const last = Math.min(count, first + MAX_JOINED);
    while (run.end < last) {
      const at = run.end * INDEX_WORDS;
      const next = index[at + 1]!;
      if (next === 0 || next > size || run.bytes + next > MAX_PAYLOAD) break;
      if (batch.isDropped(run.end) || !this.#sameAddress(first, run.end, target)) break;
      if (index[at] !== index[at - INDEX_WORDS]! + index[at - INDEX_WORDS + 1]!) {
        run.contiguous = false;
      }
      run.bytes += next;
      run.end++;
      if (next < size) break; // only the last may be shorter
    }
    return run;
  }

  #sameAddress(a: number, b: number, target: PackTarget): boolean {
    if (target.isConnected) return true;
    const batch = this.#batch;
    const given = batch.given(a);
    const other = batch.given(b);
    if (given !== undefined || other !== undefined) {
      return given === other || (given !== undefined && other?.equals(given) === true);
    }
    const { index, words } = batch;
    const one = index[a * INDEX_WORDS + 2]!;
    const two = index[b * INDEX_WORDS + 2]!;
    if (one === two) return true;
    const size = batch.nameSize(a);
    if (size !== batch.nameSize(b)) return false;
    let at = (one * NAME_SPACE) >> 2;
    let beside = (two * NAME_SPACE) >> 2;
    for (const end = at + (size >> 2); at < end; at++, beside++) {
      if (words[at] !== words[beside]) return false;
    }
    return true;
  }

  /** Copies the bytes of datagrams to `packed`, and gives where they end. */
  #copy(first: number, end: number, packed: number): number {
    const { memory, index } = this.#batch;
    let to = packed;
    for (let i = first; i < end; i++) {
      const start = index[i * INDEX_WORDS]!;
      const size = index[i * INDEX_WORDS + 1]!;
      memory.copyWithin(to, start, start + size);
      to += size;
    }
    return to;
  }

  /** The name of message `m`, which begins with datagram `i`. */
  #address(m: number, i: number, target: PackTarget): void {
    const batch = this.#batch;
    const at = m * MSG_WORDS;
    const records = this.#records;
    if (target.isConnected) {
      records[at + 3] = 0;
      return;
    }
    if (batch.given(i) === undefined && batch.family === target.family) {
      records[at + 2] = batch.index[i * INDEX_WORDS + 2]! * NAME_SPACE;
      records[at + 3] = batch.nameSize(i);
      return;
    }
    const addr = batch.addr(i);
    if (addr === null) throw target.missingAddress();
    const name = target.sockaddrOf(addr);
    const offset = batch.layout.sendNames + m * NAME_SPACE;
    batch.memory.set(name, offset);
    records[at + 2] = offset;
    records[at + 3] = name.length;
  }

  /** The data and the control message of message `m`. */
  #describe(m: number, first: number, start: number, run: Run): void {
    const at = m * MSG_WORDS;
    const records = this.#records;
    records[at] = start;
    records[at + 1] = run.bytes;
    records[at + 6] = 0;
    if (run.end === first + 1) {
      records[at + 5] = 0;
      return;
    }
    const { layout, words, index } = this.#batch;
    const control = layout.sendControls + m * SEGMENT_SPACE;
    const word = control >> 2;
    // struct cmsghdr: a length of 64 bits, level, type; then a 16-bit number.
    words[word] = CMSG_HEADER_SIZE + 2;
    words[word + 1] = 0;
    words[word + 2] = SOL_UDP;
    words[word + 3] = UDP_SEGMENT;
    words[word + 4] = index[first * INDEX_WORDS + 1]!;
    records[at + 4] = control;
    records[at + 5] = CMSG_HEADER_SIZE + 8;
  }
}
