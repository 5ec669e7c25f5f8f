/**
 * Which line of the program asked for a call: the line that runs, or, of a call that the event loop makes (accept4, or
 * read after a wait), the line that asked for it before.
 *
 * That is remembered by descriptor: the line that made it, and the last line that took from it, that gave to it, and
 * that did anything else with it. An accepted connection is made by the line that accepts, or that listens.
 * What was asked for without a call, as a read that is known to have nothing yet, is
 * not seen: the line is then that of the read before.
 */
import { BoundedMap } from './bounded-map.ts';
import type { Call } from './call.ts';
import { type Direction, descriptorOf, directionOf, madeBy } from './call-descriptors.ts';

/** Descriptors that lines are remembered of. */
export const MAX_DESCRIPTORS = 65536;

type Lines = { made: string | undefined } & { [D in Direction]: string | undefined };

export class AskedFrom {
  readonly #lines: BoundedMap<number, Lines> = new BoundedMap(MAX_DESCRIPTORS);

  /** How many descriptors are remembered. */
  get size(): number {
    return this.#lines.size;
  }

  /** Where `call` comes from, when it was made from `frame`; undefined frame: from the event loop. */
  where(call: Call, frame: string | undefined): string | undefined {
    const fd = descriptorOf(call);
    const direction = directionOf(call.name);
    const known = fd < 0 ? undefined : this.#lines.get(fd);
    const where = frame ?? known?.[direction] ?? known?.made;
    if (call.name === 'close') this.#lines.delete(fd);
    else if (frame !== undefined && fd >= 0) {
      if (known === undefined) this.#set(fd, undefined)[direction] = frame;
      else known[direction] = frame;
    }
    for (const made of madeBy(call)) this.#set(made, where);
    return where;
  }

  #set(fd: number, made: string | undefined): Lines {
    const lines: Lines = { made, in: undefined, out: undefined, other: undefined };
    this.#lines.set(fd, lines);
    return lines;
  }
}
