/**
 * The steps that are no calls: `do` does something to the machine, `check` looks at it. They are keyed by
 * their text; where the same text means different things, by the case and the text, "TCP-12: signals".
 */
import type { Step } from './outcome.ts';
import type { Value } from './recorded.ts';
import type { Run } from './run.ts';

/** Does it. */
export type Action = (run: Run, step: Step) => void | Promise<void>;

/** What was found. */
export type Finding = Value | Plausible | Untold;

export type Check = (run: Run, step: Step) => Finding | Promise<Finding>;

/** A value that depends on the machine, and whether it is one that can be. */
export class Plausible {
  readonly value: Value;
  readonly plausible: boolean;

  constructor(value: Value, plausible: boolean) {
    this.value = value;
    this.plausible = plausible;
  }
}

/** Something that the calls of this subject do not tell, by design. */
export class Untold {
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }
}

/** A form of text, and what is done with the parts of it. */
export type Form<T> = readonly [RegExp, (run: Run, parts: readonly string[], step: Step) => T];

export interface Handlers {
  readonly actions: Readonly<Record<string, Action>>;
  readonly checks: Readonly<Record<string, Check>>;
  /** Of texts that have names and numbers in them. A part that is missing is "". */
  readonly actionForms?: readonly Form<void | Promise<void>>[];
  readonly checkForms?: readonly Form<Finding | Promise<Finding>>[];
  /** What happened before a call, where the cases wrote it down after it: by case and number of the step. */
  readonly before?: Readonly<Record<string, Action>>;
}
