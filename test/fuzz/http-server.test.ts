/**
 * A whole server under bytes of all kinds: noise, requests with faults, good ones, in pieces of any size,
 * to handlers of all kinds, from clients that finish, close, or do not read. Nothing is thrown, every
 * connection is answered or closed, and nothing is left: no connection, no timer, no rejection.
 *
 * NETFD_FUZZ_SECONDS=60 for other inputs each time, and for longer; NETFD_SEED=N repeats an input.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { HttpError } from '../../src/http/errors.ts';
import type { ResponseWriter, ServerRequest } from '../../src/http/handler.ts';
import { chosenSeed, Random } from '../native/random.ts';
import { run, type Running, turn, turnsUntil } from '../http/raw-client.ts';
import { generate } from './http-generator.ts';
import { pieces } from './http-reading.ts';

const SECONDS = Number(process.env['NETFD_FUZZ_SECONDS'] ?? 0);
/** Without a time: so many, and the same ones each time. */
const COUNT = 1500;
/** No connection takes longer, in milliseconds; most take less than one. */
const PATIENCE = 60_000;
const timeout = 180_000 + 2000 * SECONDS;

type Act = (w: ResponseWriter, r: ServerRequest) => void | Promise<unknown>;

/** Whether the present connection was taken from the server. */
let hijacked = false;

/** What handlers do. */
const ACTS: readonly Act[] = [
  () => {},
  (w) => void w.write('short'),
  async (w, r) => w.write(await r.body.bytes()),
  async (w, r) => {
    for await (const part of r.body) await w.write(part);
  },
  async (w, r) => {
    await r.body.read(new Uint8Array(3));
    await w.write('three');
  },
  async (w) => {
    await w.flush();
    await turn();
    await w.write('late');
  },
  async (w) => {
    await w.write('x'.repeat(10_000));
  },
  () => {
    throw new HttpError('as it was asked for', 'ERR_TEST', 418);
  },
  async (w) => {
    await w.write('some');
    await w.flush();
    throw new HttpError('after the head', 'ERR_TEST', 418);
  },
  async (w, r) => {
    if (!r.signal.aborted) await turn();
    w.writeHeader(204);
  },
  (w) => {
    w.writeHeader(103);
    w.header().set('Connection', 'close');
    w.writeHeader(200);
  },
  async (w) => {
    hijacked = true;
    const { conn, buffered } = w.hijack();
    // The client may have gone.
    await conn.write(buffered).catch(() => {});
    conn.close();
  },
];

function noise(random: Random): string {
  const kind = random.below(4);
  if (kind === 0) return generate(random).text;
  let text = kind === 1 ? 'GET / HTTP/1.1\r\nHost: h\r\n' : '';
  for (let i = random.below(400); i > 0; i--) {
    text += String.fromCharCode(kind === 3 ? random.below(128) : random.below(256));
  }
  return kind === 2 ? generate(random).text + text : text;
}

/** One connection, from its beginning to its end. */
async function talk(running: Running, random: Random): Promise<void> {
  const text = Array.from({ length: 1 + random.below(3) }, () => noise(random)).join('');
  const cuts = Array.from({ length: random.below(6) }, () => random.below(text.length + 1));
  const parts = pieces(Buffer.from(text, 'latin1'), cuts);
  const ending = random.below(4);
  if (ending === 0) return leave(running, parts, random);
  await using client = await running.dial();
  for (const part of parts) {
    if (!(await client.send(part.toString('latin1')))) break;
    if (random.chance(0.3)) await turn();
  }
  if (ending === 1) return;
  if (!client.ended) client.conn.closeWrite();
  const replies = await client.rest();
  assert.ok(hijacked || /^HTTP\/1\.[01] \d{3} /.test(replies) || /^(?:\r\n){0,4}$/.test(text));
}

/** A client that does not read, and goes away at some time. */
async function leave(running: Running, parts: readonly Buffer[], random: Random): Promise<void> {
  const conn = await running.connect();
  const sent: Promise<unknown>[] = [];
  for (const part of parts) {
    sent.push(conn.write(part).catch(() => {}));
    await turn();
    if (random.chance(0.2)) break;
  }
  conn.close();
  await Promise.all(sent);
}

async function inTime(promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it hangs')), PATIENCE);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Timers that keep the process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

suite('a server under noise', { timeout }, () => {
  test('answers or closes, and leaves nothing', { timeout }, async (t) => {
    const before = timers();
    const fixed = SECONDS === 0 && process.env['NETFD_SEED'] === undefined;
    const first = fixed ? 1 : chosenSeed();
    const seeds = new Random(first);
    let act = new Random(first);
    const thrown: unknown[] = [];
    const note = (error: unknown): number => thrown.push(error);
    process.on('unhandledRejection', note);
    const began = performance.now();
    let inputs = 0;
    try {
      await using running = await run('pipe', (w, r) => act.pick(ACTS)(w, r));
      for (let seed = first; ; seed = Math.floor(seeds.next() * 2 ** 32)) {
        act = new Random(seed ^ 0x5bd1e995);
        hijacked = false;
        try {
          await inTime(talk(running, new Random(seed)));
          await inTime(turnsUntil(() => running.server.connections.size === 0));
          assert.deepEqual([thrown, running.log], [[], []]);
        } catch (error) {
          throw new Error(`NETFD_SEED=${seed} repeats it`, { cause: error });
        }
        inputs++;
        const going = SECONDS === 0 ? inputs < COUNT : performance.now() < began + 1000 * SECONDS;
        if (!going) break;
      }
    } finally {
      process.off('unhandledRejection', note);
    }
    assert.equal(timers(), before, 'no timer is left');
    t.diagnostic(
      `${inputs} connections, ${Math.round(performance.now() - began)} ms, seed ${first}`,
    );
  });
});
