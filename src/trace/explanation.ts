/**
 * The shape of a row of the table of explanations, and what its conditions are made of.
 *
 * A row is for some calls, if its condition holds. There are two kinds of rows, and a call is explained by the first
 * of each kind that fits: a reason, why netfd makes the call, and an outcome, what its result means.
 */
import type { Call, CallName } from './call.ts';
import type { Descriptor, History } from './history.ts';

/** Whether a row fits. `own` is the descriptor that the call is made on, if it is known. */
export type Condition = (call: Call, own: Descriptor | undefined, history: History) => boolean;

export interface Explanation {
  readonly kind: 'reason' | 'outcome';
  readonly calls: readonly CallName[];
  readonly when: Condition;
  /** One or two sentences. */
  readonly text: string;
  /** A call that the row explains, as it is printed; "…" stands for anything. */
  readonly example: string;
}

const always: Condition = () => true;

/** Why the call of `example` is made, and `also` others. */
export function reason(
  example: string,
  text: string,
  when: Condition = always,
  also: readonly CallName[] = [],
): Explanation {
  return { kind: 'reason', calls: [nameIn(example), ...also], when, text, example };
}

/** What has come of the call of `example`, and of `also` others. */
export function outcome(
  example: string,
  text: string,
  when: Condition,
  also: readonly CallName[] = [],
): Explanation {
  return { kind: 'outcome', calls: [nameIn(example), ...also], when, text, example };
}

function nameIn(example: string): CallName {
  return example.slice(0, example.indexOf('(')) as CallName;
}

/** It failed with one of these. */
export function failedWith(...errnos: readonly number[]): Condition {
  return ({ result }) => errnos.includes(-result);
}
