/**
 * What joins `faulty` with `traced`: which calls a rule has changed, so that a trace says so.
 *
 *   const marks = new Marks(sink);
 *   traced(faulty(kernel, rules, { injected: marks.mark }), marks)
 */
import type { Call, CallName, Sink } from './call.ts';

/** A sink before a sink, which gives calls what `faulty` has told of them. */
export class Marks implements Sink {
  readonly entering: Sink['entering'];
  readonly #sink: Sink;
  #name: CallName | null = null;
  #effect = '';

  constructor(sink: Sink) {
    this.#sink = sink;
    this.entering = sink.entering;
  }

  /** For the option `injected` of faulty. */
  readonly mark = (name: CallName, _rule: string, effect: string): void => {
    this.#name = name;
    this.#effect = effect;
  };

  call(call: Call): void {
    // One of another name has been made since, and is not traced.
    const marked = this.#name === call.name;
    this.#name = null;
    this.#sink.call(marked ? { ...call, injected: this.#effect } : call);
  }
}
