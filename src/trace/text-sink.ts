/** A sink that writes lines as strace(1) does. */
import type { Call, Sink } from './call.ts';
import { originText } from './origins.ts';
import { plainStyle, type Style } from './style.ts';
import { lineOf } from './text.ts';

export class TextSink implements Sink {
  readonly #write: (line: string) => void;
  readonly #style: Style;

  /** `write` gets each line with its end. */
  constructor(write: (line: string) => void, style: Style = plainStyle()) {
    this.#write = write;
    this.#style = style;
  }

  call(call: Call): void {
    this.#write(`${lineOf(call, this.#style)}${originText(call)}\n`);
    this.#style.note(call);
  }
}
