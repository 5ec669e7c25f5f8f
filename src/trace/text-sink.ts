/**
 * A sink that writes lines as strace(1) does.
 *
 * strace prints arguments before a call is made, and results after it: what a descriptor is (-y) is
 * looked up then, and only what the call has made is looked up afterwards.
 */
import type { Call, Sink } from './call.ts';
import { originText } from './origins.ts';
import { DEFAULT_SETTINGS, type TraceSettings } from './settings.ts';
import { plainStyle, type Style } from './style.ts';
import { callText, padded, resultText } from './text.ts';
import { Clock, durationText } from './time-text.ts';

/** What is before and behind the words of the call. */
export type TextLayout = Pick<TraceSettings, 'column' | 'duration' | 'relative' | 'clock'>;

export class TextSink implements Sink {
  /** Only with -y. */
  readonly entering: ((call: Call) => void) | undefined;
  readonly #write: (line: string) => void;
  readonly #style: Style;
  readonly #layout: TextLayout;
  readonly #clock: Clock;
  /** What the descriptors of the call were before it. */
  readonly #descriptors: Map<number, string> = new Map();
  readonly #arguments: Style;

  /** `write` gets each line with its end. */
  constructor(
    write: (line: string) => void,
    style: Style = plainStyle(),
    layout: TextLayout = DEFAULT_SETTINGS,
  ) {
    this.#write = write;
    this.#style = style;
    this.#layout = layout;
    this.#clock = new Clock(layout);
    this.#arguments = style;
    if (style.descriptors === 'none') return;
    const known = this.#descriptors;
    this.#arguments = { ...style, describe: (fd) => known.get(fd) ?? style.describe(fd) };
    const looking = this.#looking();
    this.entering = (call) => {
      known.clear();
      callText(call, looking);
    };
  }

  /** Notes the descriptors that a call mentions, and asks nothing else. */
  #looking(): Style {
    const style = this.#style;
    return {
      ...style,
      describe: (fd) => {
        const text = style.describe(fd);
        this.#descriptors.set(fd, text);
        return text;
      },
      familyOf: () => null,
      protocolOf: () => null,
      interfaceName: () => null,
    };
  }

  call(call: Call): void {
    const { column, duration } = this.#layout;
    // Times count as columns.
    const said = padded(`${this.#clock.text(call)}${callText(call, this.#arguments)}`, column);
    const taken = duration ? ` <${durationText(call.duration)}>` : '';
    const result = `${resultText(call, this.#style)}${taken}${originText(call)}`;
    this.#write(`${said}= ${result}\n`);
    this.#style.note(call);
  }
}
