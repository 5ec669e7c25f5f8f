/**
 * All kinds of requests, mixed, for a while, against one server: each reply is right, and at the end the
 * server holds what it held before: descriptors, timers, memory, nothing that nobody handled.
 *
 * NETFD_SOAK_SECONDS says for how long (2; 120 in `npm run test:soak`, which is far more than 10^5 requests).
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Program } from '../net/programs/program.ts';
import { kinds, tooSlow } from './soak-kinds.ts';

const SECONDS = Number(process.env['NETFD_SOAK_SECONDS'] ?? 2);
const MIB = 1024 * 1024;

/** That ask at the same time. */
const CLIENTS = 8;

/** Beyond what it had when it was warm, in bytes. */
const MORE_MEMORY = 4 * MIB;
const MORE_RESIDENT = 48 * MIB;

/** How many requests there are at least, in a run of more than a minute. */
const MANY = 100_000;

interface Report {
  readonly memory: number;
  readonly timers: number;
  readonly connections: number;
  readonly unhandled: number;
  readonly log: readonly string[];
  readonly logged: Readonly<Record<string, number>>;
}

/** All kinds by turns, from several clients, until the time is over; how many requests that were. */
async function ask(port: number, milliseconds: number, made: Map<string, number>): Promise<number> {
  const until = Date.now() + milliseconds;
  const names = Object.keys(kinds);
  let total = 0;
  const count = (name: string, requests: number): void => {
    total += requests;
    made.set(name, (made.get(name) ?? 0) + requests);
  };
  const client = async (first: number): Promise<void> => {
    for (let n = first; Date.now() < until || n < first + names.length; n++) {
      const name = names[n % names.length]!;
      count(name, await kinds[name]!(port, n));
    }
  };
  const slow = async (): Promise<void> => {
    do count('tooSlow', await tooSlow(port, 0));
    while (Date.now() < until);
  };
  await Promise.all([slow(), ...Array.from({ length: CLIENTS }, (_, i) => client(i))]);
  return total;
}

function residentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
}

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

test(`mixed requests, ${SECONDS} s`, { timeout: 60_000 + 3000 * SECONDS }, async (t) => {
  const limit = 60_000 + 3000 * SECONDS;
  const program = new Program('../../http/soak-server', [], { node: ['--expose-gc'], limit });
  t.after(() => program.endInput());
  const port = await program.next<number>();
  const report = async (): Promise<Report> => {
    program.tell('report');
    return program.next<Report>();
  };
  /** When all connections have gone. */
  const calm = async (): Promise<Report> => {
    for (;;) {
      const now = await report();
      if (now.connections === 0) return now;
    }
  };
  const made = new Map<string, number>();
  // All that is made once is made in the first third.
  let total = await ask(port, (SECONDS * 1000) / 3, made);
  const before = await calm();
  const [resident, descriptors] = [residentOf(program.pid), descriptorsOf(program.pid)];
  total += await ask(port, (SECONDS * 2000) / 3, made);
  const after = await calm();
  const grown = after.memory - before.memory;
  const more = residentOf(program.pid) - resident;
  t.diagnostic(`${total} requests: ${JSON.stringify(Object.fromEntries(made))}`);
  t.diagnostic(`logged: ${JSON.stringify(after.logged)}`);
  t.diagnostic(`memory grew by ${grown} bytes, resident by ${more}`);
  assert.ok(grown < MORE_MEMORY, `memory has grown by ${grown} bytes`);
  assert.ok(more < MORE_RESIDENT, `resident memory has grown by ${more} bytes`);
  assert.ok(descriptorsOf(program.pid) <= descriptors, 'descriptors are left open');
  assert.ok(after.timers <= before.timers + 1, `${after.timers} timers, of ${before.timers}`);
  assert.equal(after.unhandled, 0);
  assert.deepEqual(after.log, []);
  // Whatever was asked for has its line, refused or not; of a connection that was cut it may have none.
  const lines = Object.values(after.logged).reduce((sum, one) => sum + one, 0);
  const abandoned = made.get('abandoned') ?? 0;
  assert.ok(lines <= total && lines >= total - abandoned, `${lines} lines for ${total} requests`);
  if (SECONDS >= 60) assert.ok(total >= MANY, `only ${total} requests`);
  program.endInput();
  const { status, stderr } = await program.ended;
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
});
