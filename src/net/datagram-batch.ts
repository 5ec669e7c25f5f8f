/**
 * Many datagrams in one memory, to be received by one call and sent by another, without an object for
 * any of them: `readBatch` and `writeBatch` of UDPConn. What was received can be sent as it is, which is
 * an echo, or to other addresses, which is a relay; or a batch is filled by `add`.
 *
 *     records' names | control messages | names to send to | their control messages | slots | packing
 *
 * A slot takes one message of recvmmsg(2). With `join` it has 64 KiB, since the kernel then hands over
 * the datagrams of one sender joined (UDP_GRO), and there are more datagrams than messages. Only pages
 * that are written to are backed by memory. What is sent is put together in batch-packer.ts.
 */
import { showAs } from '../io/inspect.ts';
import { MSG_WORDS, type MsgVec } from '../kernel/kernel.ts';
import { RecvMMsgCall } from '../poll/message-call.ts';
import {
  CMSG_HEADER_SIZE,
  type ControlMessage,
  decodeControlMessages,
} from '../syscall/control-message.ts';
import { SOL_UDP } from '../syscall/inet.ts';
import { MSG_CTRUNC, MSG_TRUNC } from '../syscall/socket.ts';
import { UDP_GRO } from '../syscall/udp.ts';
import { requireBytes } from './arguments.ts';
import { optionalBoolean, requireOptions } from './options.ts';
import type { PeerCache } from './peer-cache.ts';
import { UDPAddr } from './udp-addr.ts';

export interface DatagramBatchOptions {
  /** How many messages one call receives or sends, 1 to 512. By default 64. */
  readonly capacity?: number | undefined;
  /**
   * Let the kernel join what it receives: much cheaper for many datagrams of one sender. The connection
   * that reads such a batch can be read in batches only. On by default.
   */
  readonly join?: boolean | undefined;
  /** Without `join`: the longest datagram, 1 to 65535 bytes; the rest is lost. By default 2048. */
  readonly size?: number | undefined;
  /**
   * Room for the control messages of each message, 0 to 4096 bytes. By default 64. With `join` it must be
   * enough for all that options of the socket ask for, and 24 bytes more: see `truncated`.
   */
  readonly oobSize?: number | undefined;
}

/** The most messages that one call takes. */
const MAX_CAPACITY = 512;

/** The most datagrams that the kernel joins. */
export const MAX_SEGMENTS = 128;

/** The bytes set aside for a sockaddr, and for a control message of UDP_SEGMENT. */
export const NAME_SPACE = 32;
export const SEGMENT_SPACE = 32;

const JOINED_SIZE = 65_536;

/** Where copies are put side by side: enough for two joined messages. */
const PACKING_SIZE = 2 * JOINED_SIZE;

/** The longest payload that IP carries. */
export const MAX_PAYLOAD = 65_507;

/** At first: most often the queue is short, and each record that is offered costs something. */
const LEAST_RECORDS = 8;

/** Words of an index entry: where the bytes begin, how many, of which message, and whether it is sent. */
export const INDEX_WORDS = 4;
const DROPPED = 1;

/** Where the parts of the memory begin. */
export interface BatchLayout {
  readonly oobSize: number;
  readonly stride: number;
  readonly slotSize: number;
  readonly oob: number;
  readonly sendNames: number;
  readonly sendControls: number;
  readonly slots: number;
  readonly packing: number;
  readonly end: number;
}

/**
 * Many datagrams in one memory, for readBatch and writeBatch of a {@link UDPConn}: what was received can be
 * sent as it is, or readdressed, or a batch is filled by `add`.
 */
export class DatagramBatch {
  readonly capacity: number;
  readonly join: boolean;
  /** All of it; a datagram is at {@link DatagramBatch.start}. */
  readonly memory: Uint8Array;
  /** For net's own files. */
  readonly layout: BatchLayout;
  readonly words: Uint32Array;
  readonly call: RecvMMsgCall;
  readonly #records: MsgVec;
  #offered = LEAST_RECORDS;
  #count = 0;
  /** How many messages were received; 0 in a batch that is filled by hand. */
  #messages = 0;
  /** Where the next datagram is added. */
  #fill: number;
  #index: Uint32Array;
  #addrs: (UDPAddr | undefined)[] | null = null;
  #peers: PeerCache<UDPAddr> | null = null;
  #family = 0;
  #busy = false;

  constructor(options: DatagramBatchOptions = {}) {
    requireOptions('DatagramBatch', options);
    const { join = true } = options;
    optionalBoolean('DatagramBatch', 'join', join);
    this.capacity = integer('capacity', options.capacity ?? 64, 1, MAX_CAPACITY);
    const size = integer('size', options.size ?? 2048, 1, 65_535);
    const least = join ? SEGMENT_SPACE : 0;
    const oobSize = Math.max(integer('oobSize', options.oobSize ?? 64, 0, 4096), least);
    this.join = join;
    this.layout = layoutOf(this.capacity, join ? JOINED_SIZE : size, align(oobSize, 8));
    this.memory = new Uint8Array(this.layout.end);
    this.words = new Uint32Array(this.memory.buffer);
    this.#fill = this.layout.slots;
    this.#index = new Uint32Array(this.capacity * INDEX_WORDS);
    this.#records = new Uint32Array(this.capacity * MSG_WORDS);
    this.call = new RecvMMsgCall(this.memory, this.#records, () => this.#offer());
  }

  /** How many datagrams there are. */
  get count(): number {
    return this.#count;
  }

  /** The bytes of datagram `i`: a view, which is another datagram's after the next read. */
  data(i: number): Uint8Array {
    const at = this.#entry(i);
    const start = this.#index[at]!;
    return this.memory.subarray(start, start + this.#index[at + 1]!);
  }

  /** Where datagram `i` begins in {@link DatagramBatch.memory}. */
  start(i: number): number {
    return this.#index[this.#entry(i)]!;
  }

  /** The length of datagram `i` in bytes. */
  size(i: number): number {
    return this.#index[this.#entry(i) + 1]!;
  }

  /** Datagram `i` has only the first `size` of its bytes from now on. */
  setSize(i: number, size: number): void {
    const at = this.#entry(i) + 1;
    this.#index[at] = integer('size of setSize', size, 0, this.#index[at]!);
  }

  /** The sender of datagram `i`, or whom it was added or readdressed for; null if it has none. */
  addr(i: number): UDPAddr | null {
    const at = this.#entry(i);
    const given = this.#addrs?.[i];
    if (given !== undefined) return given;
    if (this.#peers === null) return null;
    const message = this.#index[at + 2]!;
    const size = this.#records[message * MSG_WORDS + 3]!;
    return this.#peers.get(this.memory, this.words, message * NAME_SPACE, size);
  }

  /** Datagram `i` is to be sent to `addr`. */
  setAddr(i: number, addr: UDPAddr): void {
    this.#entry(i);
    if (!(addr instanceof UDPAddr)) throw new TypeError('setAddr: addr must be a UDPAddr');
    (this.#addrs ??= [])[i] = addr;
  }

  /** Datagram `i` is not to be sent. */
  drop(i: number): void {
    this.#index[this.#entry(i) + 3]! |= DROPPED;
  }

  /**
   * Whether datagram `i` was longer than its slot; in a batch that joins, also whether `oobSize` was too
   * small to be told how it is to be cut, so that it may be several.
   */
  truncated(i: number): boolean {
    const message = this.#index[this.#entry(i) + 2]!;
    const telling = this.join ? MSG_TRUNC | MSG_CTRUNC : MSG_TRUNC;
    return this.#messages > 0 && (this.#records[message * MSG_WORDS + 6]! & telling) !== 0;
  }

  /** The control messages of datagram `i`, which those that came joined with it have too. */
  controlMessages(i: number): ControlMessage[] {
    const message = this.#index[this.#entry(i) + 2]!;
    if (this.#messages === 0) return [];
    const { oob, oobSize } = this.layout;
    const start = oob + message * oobSize;
    const length = this.#records[message * MSG_WORDS + 5]!;
    return decodeControlMessages(this.memory.subarray(start, start + length));
  }

  /** Takes everything out. */
  clear(): void {
    this.requireIdle('clear');
    this.#empty();
    this.#fill = this.layout.slots;
  }

  /**
   * Copies a datagram to the end of the batch. `addr` is null for a connection with a peer. False if it
   * has no room any more: then send the batch, and clear it. Not for a batch that was read into.
   */
  add(data: Uint8Array, addr: UDPAddr | null): boolean {
    this.requireIdle('add');
    requireBytes('add', 'data', data);
    if (addr !== null && !(addr instanceof UDPAddr)) {
      throw new TypeError('add: addr must be a UDPAddr, or null');
    }
    if (this.#messages > 0) throw new TypeError('add: the batch was read into; clear it first');
    const start = this.#fill;
    if (start + data.length > this.layout.packing) return false;
    if (this.#count === this.capacity * MAX_SEGMENTS) return false;
    this.memory.set(data, start);
    this.#fill += data.length;
    if (addr !== null) (this.#addrs ??= [])[this.#count] = addr;
    this.#push(start, data.length, 0);
    return true;
  }

  // ---- for net's own files

  /** The family of the addresses that were received, 0 if none were. */
  get family(): number {
    return this.#family;
  }

  get index(): Uint32Array {
    return this.#index;
  }

  /** The address that was given to a datagram, if one was. */
  given(i: number): UDPAddr | undefined {
    return this.#addrs?.[i];
  }

  isDropped(i: number): boolean {
    return (this.#index[i * INDEX_WORDS + 3]! & DROPPED) !== 0;
  }

  /** The length of the received name of datagram `i`; 0 if it has none. */
  nameSize(i: number): number {
    if (this.#messages === 0) return 0;
    return this.#records[this.#index[i * INDEX_WORDS + 2]! * MSG_WORDS + 3]!;
  }

  requireIdle(method: string): void {
    if (this.#busy) throw new TypeError(`${method}: the batch is being read or written`);
  }

  set busy(value: boolean) {
    this.#busy = value;
  }

  /** Takes what recvmmsg has received: `messages` of them, from a socket of `family`. */
  received(messages: number, family: number, peers: PeerCache<UDPAddr>): number {
    this.#empty();
    this.#messages = messages;
    this.#family = family;
    this.#peers = peers;
    const { slots, stride } = this.layout;
    for (let i = 0; i < messages; i++) {
      const at = i * MSG_WORDS;
      const size = this.#records[at + 7]!;
      const start = slots + i * stride;
      const part = this.#records[at + 5] === 0 ? 0 : this.#segmentSize(i);
      if (part === 0 || part >= size) this.#push(start, size, i);
      else {
        for (let from = 0; from < size; from += part) {
          this.#push(start + from, Math.min(part, size - from), i);
        }
      }
    }
    // A full call was too small, a small one too large.
    const wanted = messages === this.#offered ? 4 * messages : 2 * messages;
    this.#offered = Math.min(this.capacity, Math.max(LEAST_RECORDS, wanted));
    return this.#count;
  }

  /** The length of the datagrams that message `i` was joined from; 0 if it is one. */
  #segmentSize(i: number): number {
    const { oob, oobSize } = this.layout;
    const { words } = this;
    let at = (oob + i * oobSize) >> 2;
    const end = at + (this.#records[i * MSG_WORDS + 5]! >> 2);
    while (at + (CMSG_HEADER_SIZE >> 2) < end) {
      // cmsg_len is of 64 bits; then level, type, data.
      if (words[at + 2] === SOL_UDP && words[at + 3] === UDP_GRO) return words[at + 4]!;
      at += align(Math.max(words[at]!, CMSG_HEADER_SIZE), 8) >> 2;
    }
    return 0;
  }

  /** The capacities of the records for the next call, and how many there are. */
  #offer(): number {
    const { oob, oobSize, slots, stride, slotSize } = this.layout;
    const records = this.#records;
    const offered = Math.min(this.#offered, this.capacity);
    for (let i = 0, at = 0; i < offered; i++, at += MSG_WORDS) {
      records[at] = slots + i * stride;
      records[at + 1] = slotSize;
      records[at + 2] = i * NAME_SPACE;
      records[at + 3] = NAME_SPACE;
      records[at + 4] = oob + i * oobSize;
      records[at + 5] = oobSize;
      records[at + 6] = 0;
    }
    return offered;
  }

  #empty(): void {
    this.#count = 0;
    this.#messages = 0;
    this.#addrs = null;
    this.#peers = null;
    this.#family = 0;
  }

  #push(start: number, length: number, message: number): void {
    const at = this.#count * INDEX_WORDS;
    if (at === this.#index.length) {
      const larger = new Uint32Array(2 * at);
      larger.set(this.#index);
      this.#index = larger;
    }
    const index = this.#index;
    index[at] = start;
    index[at + 1] = length;
    index[at + 2] = message;
    index[at + 3] = 0;
    this.#count++;
  }

  #entry(i: number): number {
    if (Number.isInteger(i) && i >= 0 && i < this.#count) return i * INDEX_WORDS;
    throw new RangeError(`DatagramBatch: ${i} is not in 0..${this.#count - 1}, its datagrams`);
  }

  static {
    // Of one that joins there may be more datagrams than `capacity`.
    showAs(DatagramBatch, ({ count, capacity, join }) =>
      join ? String(count) : `${count} of ${capacity}`,
    );
  }
}

function layoutOf(capacity: number, slotSize: number, oobSize: number): BatchLayout {
  // An odd number of cache lines: else the beginnings of all slots compete for the same few.
  const lines = Math.ceil(slotSize / 64);
  const stride = 64 * (lines + 1 - (lines & 1));
  const oob = capacity * NAME_SPACE;
  const sendNames = oob + capacity * oobSize;
  const sendControls = sendNames + capacity * NAME_SPACE;
  const slots = align(sendControls + capacity * SEGMENT_SPACE, 64);
  const packing = slots + capacity * stride;
  const end = packing + PACKING_SIZE;
  return { oobSize, stride, slotSize, oob, sendNames, sendControls, slots, packing, end };
}

function align(size: number, to: number): number {
  return Math.ceil(size / to) * to;
}

function integer(name: string, value: unknown, min: number, max: number): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number;
  }
  throw new RangeError(`DatagramBatch: ${name} must be an integer in ${min}..${max}`);
}
