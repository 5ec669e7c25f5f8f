/**
 * Reads net_values.jsonl: what functions of Go's net and net/http return. Beside the data, for tests.
 */
import { readFileSync } from 'node:fs';

/** One call: its argument or arguments, and either the result or the error's text. */
export interface GoldenRow<In, Out> {
  readonly fn: string;
  readonly in: In;
  readonly out?: Out;
  readonly err?: string;
  /** What else is known of the error. */
  readonly flags?: string;
}

/** A path in this folder. The tests run from dist/, the data stays where it is. */
export function goldenPath(file: string): URL {
  return new URL(`../../../test/golden/${file}`, import.meta.url);
}

/** All calls in a file of calls. */
export function goldenCalls<In, Out>(file: string): GoldenRow<In, Out>[] {
  const lines = readFileSync(goldenPath(file), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as GoldenRow<In, Out>);
}

/** All calls of one function, at least one. */
export function goldenRows<In, Out>(fn: string): GoldenRow<In, Out>[] {
  const rows = goldenCalls<In, Out>('net_values.jsonl').filter((row) => row.fn === fn);
  if (rows.length === 0) throw new Error(`net_values.jsonl has no row for ${fn}`);
  return rows;
}
