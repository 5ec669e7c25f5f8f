/** What the programs of this folder say and hear; see program.ts. */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** One line for the test, written at once. */
export function print(what: unknown): void {
  writeSync(1, `${JSON.stringify(what)}\n`);
}

/** The lines that the test tells the program. */
export function told(): AsyncIterator<string> {
  return createInterface({ input: process.stdin })[Symbol.asyncIterator]();
}
