/**
 * Loaded before a program (node --import): all its calls are printed as strace would, into nothing. What
 * printing does to a program, above all an exception out of it, shows in that program.
 */
import type { System } from '../../src/kernel/system.ts';
import type { Call, Sink } from '../../src/trace/call.ts';
import { plainStyle, type Style } from '../../src/trace/style.ts';
import { lineOf } from '../../src/trace/text.ts';
import { traced } from '../../src/trace/traced.ts';

/** Makes the line, as a sink that writes it somewhere would, and forgets it. */
class Nowhere implements Sink {
  readonly #style: Style;
  characters = 0;

  constructor(style: Style) {
    this.#style = style;
  }

  call(call: Call): void {
    this.characters += lineOf(call, this.#style).length;
    this.#style.note(call);
  }
}

const HOOK = Symbol.for('netfd.system');

/** What was printed so far, of the one System that the hook was given. */
const sinks: Nowhere[] = [];

export function charactersPrinted(): number {
  return sinks.reduce((sum, { characters }) => sum + characters, 0);
}

(globalThis as { [HOOK]?: (system: System) => System })[HOOK] = (system) => {
  const sink = new Nowhere(plainStyle(system.kernel));
  sinks.push(sink);
  return { ...system, kernel: traced(system.kernel, sink) };
};
