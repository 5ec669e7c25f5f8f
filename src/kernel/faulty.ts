/**
 * A Kernel around a Kernel that has faults, by rules in the words of strace(1)'s -e inject: "accept4:error=EMFILE:when=3+".
 *
 *   SET[:error=ERRNO|:retval=VALUE][:delay_enter=TIME][:delay_exit=TIME][:when=WHEN]
 *   SET   calls and classes, as in -e trace (call-set.ts)
 *   WHEN  FIRST[..LAST][+[STEP]], counted from 1 for each call by itself: "3" the third, "3+" from the third on,
 *         "3..7" the third to the seventh, "3+2" every second from the third on
 *   TIME  a number with s, ms, us or ns behind it; without, microseconds
 *
 * A call that is to fail, or to return a value, is not made. One that is delayed is. What no rule is for is the
 * inner kernel's own function.
 */
import * as errnos from '../syscall/errno.ts';
import { CALL_NAMES, type CallName, callSet } from './call-set.ts';
import type { Kernel } from './kernel.ts';

export type Effect = 'INJECTED' | 'DELAYED' | 'INJECTED DELAYED';

export interface FaultOptions {
  /** Holds the thread for so many milliseconds; the thread really sleeps if not given. */
  readonly sleep?: (milliseconds: number) => void;
  /**
   * Is told of each call that a rule has changed: before it, or in its place. `effect` is what strace prints behind
   * its result: "INJECTED", "DELAYED" or "INJECTED DELAYED", two marks.
   */
  readonly injected?: (name: CallName, rule: string, effect: Effect) => void;
}

interface Rule {
  readonly text: string;
  readonly calls: ReadonlySet<CallName>;
  /** What the call returns in place of being made; null: it is made. */
  readonly result: number | null;
  /** Milliseconds. */
  readonly before: number;
  readonly after: number;
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

type Method = (...args: unknown[]) => number;

/** The highest number that the kernel takes for an error. */
const MAX_ERRNO = 4095;

const PER_MILLISECOND: Readonly<Record<string, number>> = { s: 1e-3, ms: 1, us: 1e3, ns: 1e6 };

function wrong(rule: string, what: string): TypeError {
  return new TypeError(`faulty: rule ${JSON.stringify(rule)}: ${what}`);
}

function whole(rule: string, name: string, text: string): number {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(value)) return value;
  throw wrong(rule, `${name} must be a whole number, not ${JSON.stringify(text)}`);
}

function errnoOf(rule: string, text: string): number {
  const named = (errnos as Readonly<Record<string, unknown>>)[text];
  if (/^E[A-Z0-9]+$/.test(text) && typeof named === 'number') return named;
  if (/^\d+$/.test(text)) {
    const value = Number(text);
    if (value >= 1 && value <= MAX_ERRNO) return value;
  }
  throw wrong(
    rule,
    `error must be a name such as EMFILE, or 1 to ${MAX_ERRNO}, not ${JSON.stringify(text)}`,
  );
}

function delayOf(rule: string, name: string, text: string): number {
  const [, digits = '', unit = 'us'] = /^(\d+(?:\.\d+)?)(s|ms|us|ns)?$/.exec(text) ?? [];
  if (digits === '')
    throw wrong(rule, `${name} must be a time such as 10ms, not ${JSON.stringify(text)}`);
  return Number(digits) / PER_MILLISECOND[unit]!;
}

/** FIRST[..LAST][+[STEP]]. */
function whenOf(rule: string, text: string): Pick<Rule, 'first' | 'last' | 'step'> {
  const parts = /^(\d+)(?:\.\.(\d+))?(\+(\d*))?$/.exec(text);
  const wants = 'when must be FIRST[..LAST][+[STEP]] with numbers from 1';
  if (parts === null) throw wrong(rule, `${wants}, not ${JSON.stringify(text)}`);
  const [, from = '', to, plus, step] = parts;
  const first = Number(from);
  const open = plus === undefined ? first : Infinity;
  const last = to === undefined ? open : Number(to);
  const every = step === undefined || step === '' ? 1 : Number(step);
  if (first < 1 || last < first || every < 1)
    throw wrong(rule, `${wants}, not ${JSON.stringify(text)}`);
  return { first, last, step: every };
}

function ruleOf(text: string): Rule {
  if (typeof text !== 'string') throw new TypeError('faulty: each rule must be a string');
  const [set = '', ...settings] = text.split(':');
  let calls: ReadonlySet<CallName>;
  try {
    calls = callSet(set);
  } catch (error) {
    throw wrong(text, (error as Error).message);
  }
  const rule = {
    text,
    calls,
    result: null as number | null,
    before: 0,
    after: 0,
    first: 1,
    last: Infinity,
    step: 1,
  };
  const seen = new Set<string>();
  for (const setting of settings) {
    const at = setting.indexOf('=');
    const [name, value] = [setting.slice(0, at), setting.slice(at + 1)];
    if (seen.has(name)) throw wrong(text, `${name} stands in it twice`);
    seen.add(name);
    if (name === 'error') rule.result = -errnoOf(text, value);
    else if (name === 'retval') rule.result = whole(text, name, value);
    else if (name === 'delay_enter') rule.before = delayOf(text, name, value);
    else if (name === 'delay_exit') rule.after = delayOf(text, name, value);
    else if (name === 'when') Object.assign(rule, whenOf(text, value));
    else
      throw wrong(
        text,
        `expected error=, retval=, delay_enter=, delay_exit= or when=, not ${JSON.stringify(setting)}`,
      );
  }
  if (seen.has('error') && seen.has('retval'))
    throw wrong(text, 'a call has an error or a value, not both');
  if (rule.result === null && rule.before === 0 && rule.after === 0) {
    throw wrong(text, 'it says neither error, retval nor a delay');
  }
  return rule;
}

function hits({ first, last, step }: Rule, count: number): boolean {
  return count >= first && count <= last && (count - first) % step === 0;
}

/** Sleeps without the event loop, as a call does that takes its time. */
function sleepThread(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function effectOf({ result, before, after }: Rule): Effect {
  if (before === 0 && after === 0) return 'INJECTED';
  return result === null ? 'DELAYED' : 'INJECTED DELAYED';
}

function faultyMethod(
  name: CallName,
  inner: Method,
  rules: readonly Rule[],
  { sleep = sleepThread, injected }: FaultOptions,
): Method {
  let count = 0;
  return (...args) => {
    count += 1;
    const rule = rules.find((one) => hits(one, count));
    if (rule === undefined) return inner(...args);
    injected?.(name, rule.text, effectOf(rule));
    if (rule.before > 0) sleep(rule.before);
    const result = rule.result ?? inner(...args);
    if (rule.after > 0) sleep(rule.after);
    return result;
  };
}

/**
 * `kernel` with faults. Each call counts how often it was asked for; of several rules for a call the first that is
 * for this time decides. TypeError for a rule that is none: it names the rule and what was expected.
 */
export function faulty(
  kernel: Kernel,
  rules: string | readonly string[],
  options: FaultOptions = {},
): Kernel {
  const all = (typeof rules === 'string' ? [rules] : rules).map(ruleOf);
  const methods: Record<string, Method> = {};
  for (const name of CALL_NAMES) {
    const inner = kernel[name] as unknown as Method;
    const own = all.filter(({ calls }) => calls.has(name));
    methods[name] = own.length === 0 ? inner : faultyMethod(name, inner, own, options);
  }
  return methods as unknown as Kernel;
}
