/**
 * A sink that counts: strace(1)'s -c, a table of the calls by the time they took. Times are the wall clock's, as
 * strace's are with -w: a process cannot tell what the kernel took of its own time for one call.
 */
import type { Call, CallName, Sink } from './call.ts';

export interface SummaryRow {
  readonly name: string;
  readonly calls: number;
  readonly errors: number;
  /** Milliseconds. */
  readonly time: number;
}

const HEAD = '% time     seconds  usecs/call     calls    errors syscall';
const RULE = '------ ----------- ----------- --------- --------- ----------------';

/** A number of errors; nothing if there were none. */
function errorsText(errors: number): string {
  return (errors === 0 ? '' : String(errors)).padStart(9);
}

function lineOf(percent: number, { name, calls, errors, time }: SummaryRow): string {
  const each = calls === 0 ? 0 : Math.floor((time * 1000) / calls);
  const cells = [
    percent.toFixed(2).padStart(6),
    (time / 1000).toFixed(6).padStart(11),
    String(each).padStart(11),
    String(calls).padStart(9),
    errorsText(errors),
    name,
  ];
  return cells.join(' ');
}

/** The table, each line with its end, in the order of the rows; empty if there are none. */
export function summaryText(rows: readonly SummaryRow[]): string {
  if (rows.length === 0) return '';
  let [calls, errors, time] = [0, 0, 0];
  for (const row of rows) {
    calls += row.calls;
    errors += row.errors;
    time += row.time;
  }
  const total = { name: 'total', calls, errors, time };
  const lines = rows.map((row) => lineOf(time === 0 ? 0 : (100 * row.time) / time, row));
  return [HEAD, RULE, ...lines, RULE, lineOf(100, total), ''].join('\n');
}

interface Counts {
  calls: number;
  errors: number;
  time: number;
}

export class SummarySink implements Sink {
  readonly #counts: Map<CallName, Counts> = new Map();

  call({ name, result, duration }: Call): void {
    let counts = this.#counts.get(name);
    if (counts === undefined) {
      counts = { calls: 0, errors: 0, time: 0 };
      this.#counts.set(name, counts);
    }
    counts.calls += 1;
    if (result < 0) counts.errors += 1;
    counts.time += duration;
  }

  /** What was called, the most time first. */
  rows(): SummaryRow[] {
    const rows = Array.from(this.#counts, ([name, counts]) => ({ name, ...counts }));
    return rows.toSorted((a, b) => b.time - a.time);
  }

  /** strace's table of {@link SummarySink.rows}. */
  text(): string {
    return summaryText(this.rows());
  }
}
