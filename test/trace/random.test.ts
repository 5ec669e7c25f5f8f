/**
 * Random programs: what traced() prints of them is what strace prints. NETFD_TRACE_PROGRAMS=10000 for more of them,
 * NETFD_SEED=N repeats a run. A program that differs is shortened, and its seed and calls are printed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenSeed } from '../native/random.ts';
import { type RandomProgram, randomProgram } from './random-program.ts';
import { compare, type Difference } from './random-comparison.ts';

const PROGRAMS = Number(process.env['NETFD_TRACE_PROGRAMS'] ?? 300);
const PORTION = 250;

/** Most differences have one cause; a few of them are enough to read. */
const SHOWN = 5;

/** Shorter programs that may differ as well: without a half, without one. */
function shorter({ seed, calls }: RandomProgram): RandomProgram[] {
  const half = calls.length >> 1;
  const lists = [calls.slice(half), calls.slice(0, half)];
  for (let i = 0; i < calls.length; i += 1) lists.push(calls.toSpliced(i, 1));
  return lists.filter((list) => list.length < calls.length).map((list) => ({ seed, calls: list }));
}

/** The shortest program that is found to differ still. */
function shortest(difference: Difference): Difference {
  let found = difference;
  for (;;) {
    const candidates = compare(shorter(found.program));
    const next = candidates.sort((a, b) => a.program.calls.length - b.program.calls.length)[0];
    if (next === undefined) return found;
    found = next;
  }
}

function told({ program, ours, theirs }: Difference): string {
  return `${JSON.stringify(program)}\n  ours:   ${ours}\n  strace: ${theirs}`;
}

test('random programs are printed as strace prints them', (t) => {
  const seed = chosenSeed();
  const differences: Difference[] = [];
  t.diagnostic(`NETFD_SEED=${seed}, ${PROGRAMS} programs`);
  for (let done = 0; done < PROGRAMS && differences.length < SHOWN; done += PORTION) {
    const count = Math.min(PORTION, PROGRAMS - done);
    const portion = Array.from({ length: count }, (_, i) => randomProgram(seed + (done + i) * 101));
    differences.push(...compare(portion));
  }
  const texts = differences.slice(0, SHOWN).map((difference) => told(shortest(difference)));
  assert.equal(differences.length, 0, `NETFD_SEED=${seed}\n${texts.join('\n')}`);
});
