/**
 * The last calls of a kernel, kept in memory that is made once: a sink that costs little enough to be left on in
 * production, and tells what happened when something has.
 *
 * Of each call it keeps the numbers, the first bytes of its data, and its structs as far as they fit in
 * a slot; so `recent()` gives calls that print as they would have printed, but for what is asked of a
 * kernel: what a descriptor is, and with it the messages of netlink.
 *
 * Asking for the time costs as much as all the rest. Calls that only move bytes therefore have the time of the last
 * call before them that did something else, which is that of their turn of the event loop; durations are not measured.
 */
import type { Call, CallName, CallRecorder, Sink, Value } from './call.ts';
import * as kinds from './kept-kinds.ts';
import {
  isList,
  keepMessages,
  keepParts,
  keptMessages,
  keptParts,
  MAX_MESSAGES,
} from './kept-lists.ts';
import { KeptSlots, MAX_SLOT, PLACES } from './kept-slots.ts';
import { signatures } from './signatures.ts';
import { DEFAULT_STRINGS } from './settings.ts';
import { plainStyle } from './style.ts';
import { lineOf } from './text.ts';
import { changing } from './traced.ts';

export interface RecentCallsOptions {
  /** How many calls are kept; 1024 if not given, at most {@link MAX_RECENT}. */
  readonly capacity?: number;
  /** How many bytes of data are kept of each buffer, as -s; 32 if not given. */
  readonly strings?: number;
  /** Bytes for the data and structs of a call; 512 if not given: a multiple of 8, 128 to 16376. */
  readonly slot?: number;
  /** 'turn', if not given: see above. 'call': every call has a time of its own. */
  readonly clock?: 'turn' | 'call';
}

export const MAX_RECENT: number = 2 ** 20;
const DEFAULT_CAPACITY = 1024;
const DEFAULT_SLOT = 512;
const MIN_SLOT = 128;

/** So many transfers have the same time at most. */
const MAX_SAME_TIME = 64;

const NAMES: readonly CallName[] = Object.keys(signatures) as CallName[];
const ARGUMENTS = PLACES / 2;

function within(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(
    `RecentCalls: option ${name} must be a whole number from ${least} to ${most}, not ${String(value)}`,
  );
}

/** What all recorders of a ring share. */
class Ring {
  readonly capacity: number;
  readonly slots: KeptSlots;
  readonly names: Uint8Array;
  /** Bytes of data that are kept: one more than are printed, so that it is seen that there are more. */
  readonly most: number;
  /** Calls that are back, and the slot of the next one. */
  count = 0;
  slot = 0;
  time = 0;
  /** Transfers since the time was asked for. */
  same: number = MAX_SAME_TIME;

  constructor(capacity: number, slot: number, strings: number) {
    this.capacity = capacity;
    this.slots = new KeptSlots(capacity, slot);
    this.names = new Uint8Array(capacity);
    this.most = strings + 1;
  }
}

/** Records the calls of one name. */
class Recorder implements CallRecorder {
  readonly #ring: Ring;
  readonly #slots: KeptSlots;
  readonly #index: number;
  readonly #kinds: readonly kinds.Kind[];
  /** A bit for each argument that the call may change. */
  readonly #changing: number;
  readonly #timed: boolean;
  readonly #now: () => number;

  constructor(ring: Ring, name: CallName, timed: boolean, now: () => number) {
    this.#ring = ring;
    this.#slots = ring.slots;
    this.#index = NAMES.indexOf(name);
    this.#kinds = kinds.KINDS[name];
    this.#changing = changing(name).reduce((bits, i) => bits | (1 << i), 0);
    this.#timed = timed;
    this.#now = now;
  }

  begin(a?: Value, b?: Value, c?: Value, d?: Value, e?: Value, f?: Value): void {
    const ring = this.#ring;
    this.#slots.open(ring.slot);
    ring.same += 1;
    if (this.#timed || ring.same > MAX_SAME_TIME) {
      ring.time = this.#now();
      ring.same = 0;
    }
    const changes = this.#changing;
    if (changes === 0) return;
    if ((changes & 1) !== 0) this.#was(0, a);
    if ((changes & 2) !== 0) this.#was(1, b);
    if ((changes & 4) !== 0) this.#was(2, c);
    if ((changes & 8) !== 0) this.#was(3, d);
    if ((changes & 16) !== 0) this.#was(4, e);
    if ((changes & 32) !== 0) this.#was(5, f);
  }

  #was(place: number, value: Value): void {
    this.#copy(ARGUMENTS + place, this.#kinds[place]!, value);
  }

  end(result: number, a?: Value, b?: Value, c?: Value, d?: Value, e?: Value, f?: Value): void {
    const ring = this.#ring;
    const what = this.#kinds;
    // From the last on: lengths stand behind what they are the lengths of, and are to fit.
    if (what.length > 5) this.#put(5, what[5]!, f, result, c, d, e);
    if (what.length > 4) this.#put(4, what[4]!, e, result, c, d, e);
    if (what.length > 3) this.#put(3, what[3]!, d, result, c, d, e);
    if (what.length > 2) this.#put(2, what[2]!, c, result, c, d, e);
    if (what.length > 1) this.#put(1, what[1]!, b, result, c, d, e);
    this.#put(0, what[0]!, a, result, c, d, e);
    ring.names[ring.slot] = this.#index;
    ring.count += 1;
    this.#slots.head(result, ring.time, ring.count);
    ring.slot += 1;
    if (ring.slot === ring.capacity) ring.slot = 0;
  }

  #put(
    place: number,
    kind: kinds.Kind,
    value: Value,
    result: number,
    c: Value,
    d: Value,
    e: Value,
  ): void {
    const slots = this.#slots;
    if (kind === kinds.OFFSET) return slots.number(place, 0);
    if (typeof value === 'number') return slots.number(place, value);
    if (typeof value !== 'object' || value === null) return slots.nothing(place, value);
    if (kind === kinds.SENT || kind === kinds.RECEIVED) {
      const start = this.#kinds[3] === kinds.OFFSET && typeof d === 'number' ? d : 0;
      const asked = typeof c === 'number' ? c : 0;
      const length = kind === kinds.SENT ? asked : Math.min(result, asked);
      const whole = Math.max(Math.min(length, (value as Uint8Array).length - start), 0);
      return slots.bytes(
        place,
        value as Uint8Array,
        start,
        Math.min(whole, this.#ring.most),
        whole,
      );
    }
    if (kind === kinds.EVENTS) {
      const count = Math.min(result, this.#ring.most);
      return slots.words(place, value as Uint32Array, 3 * count, 3);
    }
    if (kind === kinds.CONTROL) {
      const length = (e as Uint32Array)[1]!;
      return slots.bytes(place, value as Uint8Array, 0, length, length);
    }
    if (kind === kinds.MEMORY) {
      return keepMessages(slots, place, value as Uint8Array, c as Uint32Array, this.#ring.most);
    }
    if (kind === kinds.SENT_PARTS) return this.#parts(place, value, Infinity);
    if (kind === kinds.RECEIVED_PARTS) return this.#parts(place, value, result);
    return this.#copy(place, kind, value);
  }

  #parts(place: number, value: Value, total: number): void {
    const { most } = this.#ring;
    if (value instanceof Uint8Array) {
      const length = Math.min(value.length, most, total);
      this.#slots.bytes(place, value, 0, length, value.length);
    } else keepParts(this.#slots, place, value as readonly Uint8Array[], total, most);
  }

  /** What stands by itself, whatever the call has done. */
  #copy(place: number, kind: kinds.Kind, value: Value): void {
    const slots = this.#slots;
    if (value instanceof Uint8Array) {
      const end = kind === kinds.PATH ? value.indexOf(0) + 1 : 0;
      const length = end > 0 ? end : value.length;
      slots.bytes(place, value, 0, length, length);
    } else if (value instanceof Uint32Array || value instanceof Int32Array) {
      const most = kind === kinds.VECTOR ? MAX_MESSAGES * 8 : value.length;
      slots.words(place, value, most, kind === kinds.VECTOR ? 8 : 1);
    } else if (typeof value === 'number') slots.number(place, value);
    else slots.nothing(place, value);
  }
}

export class RecentCalls implements Sink {
  readonly #ring: Ring;
  readonly #eachCall: boolean;
  readonly #recorders: Map<CallName, Recorder> = new Map();
  /** The time of a call that is told as a whole. */
  #told = 0;

  constructor(options: RecentCallsOptions = {}) {
    const { capacity = DEFAULT_CAPACITY, strings = DEFAULT_STRINGS, slot = DEFAULT_SLOT } = options;
    const { clock = 'turn' } = options;
    if (!Number.isInteger(slot) || slot % 8 !== 0 || slot < MIN_SLOT || slot > MAX_SLOT) {
      const expected = `a multiple of 8 from ${MIN_SLOT} to ${MAX_SLOT}`;
      throw new RangeError(`RecentCalls: option slot must be ${expected}, not ${String(slot)}`);
    }
    if (clock !== 'turn' && clock !== 'call') {
      throw new TypeError('RecentCalls: option clock must be "turn" or "call"');
    }
    this.#ring = new Ring(
      within('capacity', capacity, 1, MAX_RECENT),
      slot,
      within('strings', strings, 0, slot),
    );
    this.#eachCall = clock === 'call';
  }

  /** How many calls there were in all. */
  get count(): number {
    return this.#ring.count;
  }

  recorder(name: CallName, now: () => number): CallRecorder {
    const timed = this.#eachCall || !kinds.TRANSFERS.has(name);
    return new Recorder(this.#ring, name, timed, now);
  }

  /** Keeps a call that somebody else has: of a trace that goes to several sinks. */
  call({ name, args, before, result, time }: Call): void {
    let recorder = this.#recorders.get(name);
    if (recorder === undefined) {
      recorder = new Recorder(this.#ring, name, true, () => this.#told);
      this.#recorders.set(name, recorder);
    }
    this.#told = time;
    recorder.begin(...before);
    recorder.end(result, ...args);
  }

  /** The last `count` calls, or as many as there are; the oldest first. They are copies and stay as they are. */
  recent(count: number = Infinity): Call[] {
    const ring = this.#ring;
    const length = Math.max(Math.min(ring.count, ring.capacity, Math.floor(count)), 0);
    return Array.from({ length }, (_, i) =>
      this.#at((ring.slot - length + i + ring.capacity) % ring.capacity),
    );
  }

  /** The same, as lines of strace. */
  lines(count: number = Infinity): string[] {
    const style = { ...plainStyle(), strings: this.#ring.most - 1 };
    return this.recent(count).map((call) => lineOf(call, style));
  }

  #at(slot: number): Call {
    const { slots, names } = this.#ring;
    const name = NAMES[names[slot]!]!;
    const args: Value[] = [];
    for (let i = kinds.KINDS[name].length - 1; i >= 0; i -= 1)
      args[i] = this.#value(slot, name, i, args);
    const before: Value[] = [];
    for (const i of changing(name)) before[i] = slots.value(slot, ARGUMENTS + i, false);
    return {
      name,
      args,
      before,
      result: slots.result(slot),
      time: slots.time(slot),
      duration: 0,
      number: slots.ordinal(slot),
    };
  }

  #value(slot: number, name: CallName, place: number, args: readonly Value[]): Value {
    const { slots, most } = this.#ring;
    const kind = kinds.KINDS[name][place]!;
    if (kind === kinds.MEMORY && slots.isMemory(slot, place)) {
      return keptMessages(slots, slot, place, args[place + 1], most);
    }
    if (isList(slots, slot, place)) {
      const total = kind === kinds.RECEIVED_PARTS ? slots.result(slot) : Infinity;
      return keptParts(slots, slot, place, total, most);
    }
    const isData =
      kind === kinds.SENT ||
      kind === kinds.RECEIVED ||
      kind === kinds.PATH ||
      kind === kinds.SENT_PARTS ||
      kind === kinds.RECEIVED_PARTS;
    return slots.value(slot, place, isData);
  }
}
