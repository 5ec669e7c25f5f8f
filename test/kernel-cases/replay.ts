/** Replays one case: every step in turn, until one is not as it was recorded. */
import type { Action, Check, Finding, Form, Handlers } from './checks.ts';
import { Plausible, Untold } from './checks.ts';
import { datagramHandlers } from './checks-datagram.ts';
import { machineHandlers } from './checks-machine.ts';
import { netlinkHandlers } from './checks-netlink.ts';
import { threadHandlers } from './checks-threads.ts';
import { socketHandlers } from './checks-sockets.ts';
import { tcpHandlers } from './checks-tcp.ts';
import { unixHandlers } from './checks-unix.ts';
import { wireHandlers } from './checks-wire.ts';
import { operations } from './operations.ts';
import { type Case, mismatch, type Outcome, type Step } from './outcome.ts';
import { recorded } from './recorded.ts';
import type { Run } from './run.ts';

const groups: readonly Handlers[] = [
  machineHandlers,
  threadHandlers,
  socketHandlers,
  tcpHandlers,
  datagramHandlers,
  unixHandlers,
  netlinkHandlers,
  wireHandlers,
];

const actions: Readonly<Record<string, Action>> = merged(groups.map((group) => group.actions));
const checks: Readonly<Record<string, Check>> = merged(groups.map((group) => group.checks));
const before: Readonly<Record<string, Action>> = merged(groups.map((group) => group.before ?? {}));

const actionForms = groups.flatMap((group) => group.actionForms ?? []);
const checkForms = groups.flatMap((group) => group.checkForms ?? []);

/** One key must not mean two things. */
function merged<T>(tables: readonly Readonly<Record<string, T>>[]): Record<string, T> {
  const all: Record<string, T> = {};
  for (const [key, value] of tables.flatMap((table) => Object.entries(table))) {
    if (Object.hasOwn(all, key)) throw new Error(`two handlers are called "${key}"`);
    all[key] = value;
  }
  return all;
}

/** The handler with the text's name, or of its form. */
function handlerOf<T>(
  id: string,
  [text = '']: readonly string[],
  table: Readonly<Record<string, (run: Run, step: Step) => T>>,
  forms: readonly Form<T>[],
): (run: Run, step: Step) => T {
  const known = [`${id}: ${text}`, text].find((key) => Object.hasOwn(table, key));
  if (known !== undefined) return table[known]!;
  for (const [form, handler] of forms) {
    const match = form.exec(text);
    if (match === null) continue;
    const parts = match.slice(1).map((part: string | undefined) => part ?? '');
    return (run, step) => handler(run, parts, step);
  }
  throw new Error(`there is no handler for "${text}"`);
}

/** What was not as it was recorded. */
export interface Failure {
  /** The number of the step, from 0. */
  readonly step: number;
  /** The step in the cases' words. */
  readonly text: string;
  readonly wanted: string;
  readonly got: string;
}

/** Null if every step was as it was recorded. */
export async function replay({ id, steps }: Case, run: Run): Promise<Failure | null> {
  for (const [step, recording] of steps.entries()) {
    const { op, args } = recording;
    const text = `${op}(${args.join(', ')})`;
    try {
      await before[`${id} ${step}`]?.(run, recording);
      const outcome = await take(run, recording);
      run.history.push({ op, text: outcome.text });
      const wanted = mismatch(recording, outcome);
      if (wanted !== null) return { step, text, wanted, got: outcome.text };
    } catch (error) {
      const got = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { step, text, wanted: recording.res, got };
    }
  }
  return null;
}

async function take(run: Run, step: Step): Promise<Outcome> {
  const { op, args } = step;
  if (op === 'do') {
    await handlerOf(run.id, args, actions, actionForms)(run, step);
    return { text: '' };
  }
  if (op === 'check') {
    return found(run, step, await handlerOf(run.id, args, checks, checkForms)(run, step));
  }
  if (op === 'sleep') {
    await run.machine.sleep(Number.parseFloat(args[0]!) * (/\dms$/.test(args[0]!) ? 1 : 1000));
    return { text: '' };
  }
  const operation = operations[op];
  if (operation === undefined) throw new Error(`there is no operation ${op}`);
  const outcome = operation(run, args, step);
  if (run.machine.alarmed) run.machine.silence();
  return outcome;
}

function found(run: Run, step: Step, finding: Finding): Outcome {
  if (finding instanceof Untold) {
    run.subject.bypassed.push(finding.what);
    return { text: step.res, count: Number(step.want) };
  }
  if (finding instanceof Plausible) {
    return { text: recorded(finding.value), plausible: finding.plausible };
  }
  return { text: recorded(finding) };
}
