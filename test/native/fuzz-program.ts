/**
 * Calls every function of the addon with random arguments: `fuzz-program.js SEED CALLS FOLDER [trace]`.
 * Ends with status 0 and one line of JSON that says what came of it, or dies. With "trace", each call is
 * printed before it is made, so that the last line is the one that killed the process.
 */
import assert from 'node:assert/strict';
import { writeSync } from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { addon, callOf } from './addon.ts';
import { Arguments } from './fuzz-arguments.ts';
import { Random } from './random.ts';
import { signatures } from './signatures.ts';

const [, , seed = '0', calls = '0', folder = '', trace = ''] = process.argv;
const random = new Random(Number(seed));
const args = new Arguments(random, folder);

/** What became of the calls of one name. */
interface Tally {
  answered: number;
  failed: number;
  refused: number;
}

const tallies: Record<string, Tally> = {};

/** The calls whose result is a new descriptor, or that write two into their first array. */
const opens = new Set([
  'socket',
  'accept',
  'accept4',
  'openat',
  'openat2',
  'dup',
  'eventfd2',
  'epoll_create',
  'epoll_create1',
]);
const opensTwo = new Set(['socketpair', 'pipe2']);

function closeNew(name: string, values: readonly unknown[], result: number): void {
  if (result < 0) return;
  if (opens.has(name)) callOf('close')(result);
  const words = values.find((value) => ArrayBuffer.isView(value));
  if (opensTwo.has(name) && words instanceof Uint32Array) {
    for (const fd of words.subarray(0, 2)) callOf('close')(fd);
  }
}

function describe(name: string, values: readonly unknown[]): string {
  const shown = values.map((value) => inspect(value, { maxArrayLength: 8, breakLength: Infinity }));
  return `${name}(${shown.join(', ')})`;
}

/** One call: must give an errno or a result, or refuse by a TypeError or RangeError in our words. */
function attempt(name: string, values: readonly unknown[], call: () => number): void {
  const tally = (tallies[name] ??= { answered: 0, failed: 0, refused: 0 });
  if (trace !== '') writeSync(2, `${describe(name, values)}\n`);
  try {
    const result = call();
    assert.ok(Number.isInteger(result) && result > -4096, `${result}`);
    tally[result < 0 ? 'failed' : 'answered']++;
    closeNew(name, values, result);
  } catch (error) {
    assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
    assert.match(error.message, new RegExp(`^${name}: [a-z_]+ must be `));
    tally.refused++;
  }
}

function callAtRandom(name: string): void {
  args.arena.clear(random);
  const signature = signatures[name] ?? [];
  const values: unknown[] = [];
  for (const [argument, kind] of signature) values.push(args.make(name, argument, kind, values));
  if (random.chance(0.05)) values.push(args.strange(), args.strange(), args.strange());
  // What is not given is undefined; only what cannot do harm by that may be left out.
  if (random.chance(0.02)) values.pop();
  attempt(name, values, () => callOf(name)(...values));
  assert.ok(args.arena.intact(), `${describe(name, values)} wrote past its arguments`);
}

let parked: object[] = [];

function parkAtRandom(): void {
  const ready = random.chance(0.9) ? (): boolean => random.chance(0.5) : args.strange();
  const threaded = random.chance(0.9) ? random.chance(0.5) : args.strange();
  const epfd = random.chance(0.9) ? args.descriptor() : args.strange();
  attempt('park', [epfd, ready, threaded], () => {
    try {
      parked.push(addon.park(epfd, ready, threaded));
      return 0;
    } catch (error) {
      // The descriptor is none, is parked already, or is of a kind that cannot be.
      if (error instanceof Error && error.message.startsWith('park: epfd must be an open'))
        return -1;
      throw error;
    }
  });
}

function handleAtRandom(): void {
  const name = random.pick(['parkRef', 'parkUnref', 'parkClose'] as const);
  const handle = random.chance(0.7) ? random.pick(parked) : args.strange();
  attempt(name, [handle], () => {
    addon[name](handle);
    return 0;
  });
  if (parked.length < 8) return;
  for (const each of parked) addon.parkClose(each);
  parked = [];
}

const names = Object.keys(signatures);
for (let i = 0; i < Number(calls); i++) {
  const choice = random.next();
  if (choice < 0.02) parkAtRandom();
  else if (choice < 0.06) handleAtRandom();
  else callAtRandom(random.pick(names));
  if (i % 200 === 0) await immediate();
}
for (const handle of parked) addon.parkClose(handle);
await immediate();
console.log(JSON.stringify(tallies));
