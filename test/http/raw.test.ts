/**
 * Every case of bytes against a server: at once, cut in two at every byte, and behind a good request; over
 * TCP and over pipes. The reply has to be the same to the byte whichever way the request came.
 */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { ServerOptions } from '../../src/http/server/server-options.ts';
import { malformedCases } from './malformed-cases.ts';
import { protocolCases } from './protocol-cases.ts';
import { answer, get, goodCases, ok, type RawCase, refused } from './raw-cases.ts';
import { RawClient, run, type Running, type Transport, turn, withoutDates } from './raw-client.ts';
import { smugglingCases } from './smuggling-cases.ts';

const GOOD: string = get('/first');
const GOOD_REPLY: string = ok('GET|/first|/first||x|HTTP/1.1');
const PROBE: string = get('/probe');
const PROBE_REPLY: string = ok('GET|/probe|/probe||x|HTTP/1.1');

/** Longer requests are not cut. */
const MAX_CUT = 250;

/** Over TCP, which is slower, each is cut at every so manyth byte only; others at the bytes between. */
const STEP = { pipe: 1, tcp: 4 } as const;

const timeout = 60_000;

/** Servers of one transport, one for each set of options, and what they have served. */
class Servers {
  readonly #transport: Transport;
  readonly #running = new Map<ServerOptions | undefined, Running>();
  /** The targets that the handler has seen. */
  seen: string[] = [];

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async for(options: ServerOptions | undefined): Promise<Running> {
    let running = this.#running.get(options);
    if (running === undefined) {
      running = await run(
        this.#transport,
        (w, r) => {
          this.seen.push(r.target);
          return answer(w, r);
        },
        options,
      );
      this.#running.set(options, running);
    }
    return running;
  }

  async close(): Promise<void> {
    for (const running of this.#running.values()) await running[Symbol.asyncDispose]();
  }
}

/** Sends `parts` one after the other and checks all that comes back. */
async function exchange(
  servers: Servers,
  raw: RawCase,
  parts: readonly string[],
  first = '',
): Promise<void> {
  const running = await servers.for(raw.options);
  servers.seen = [];
  running.log.length = 0;
  await using client = await running.dial();
  await sendParts(client, parts);
  if (raw.finish === true && !client.ended) client.conn.closeWrite();
  const expected = first + raw.reply;
  if (raw.open) {
    await client.until((text) => withoutDates(text).length >= expected.length);
    await client.send(PROBE);
    const wanted = expected + PROBE_REPLY;
    await client.until((text) => withoutDates(text).length >= wanted.length);
    assert.equal(withoutDates(client.text), wanted);
    assert.ok(!client.ended);
  } else {
    await client.rest();
    assert.equal(withoutDates(client.text), expected);
    assert.equal(client.error, null, 'the reply ends with the end of the stream, not with a reset');
  }
  const others = (first === '' ? 0 : 1) + (raw.open ? 1 : 0);
  assert.equal(servers.seen.length, raw.served + others);
  assert.ok(!servers.seen.includes('/smuggled'), 'nothing is smuggled');
  assert.equal(running.log.length > 0, raw.logs === true, running.log.join('\n'));
}

async function sendParts(client: RawClient, parts: readonly string[]): Promise<void> {
  for (const [i, part] of parts.entries()) {
    if (i > 0) await turn();
    if (part !== '' && !(await client.send(part))) return;
  }
}

const timeouts: readonly RawCase[] = [
  { name: 'in the request line', send: 'GET /hel' },
  { name: 'in a field', send: 'GET /hello HTTP/1.1\r\nHost: x' },
  { name: 'before the last LF', send: get('/hello').slice(0, -1) },
].map(({ name, send }) => ({
  name,
  send,
  reply: refused('408 Request Timeout'),
  open: false,
  served: 0,
  options: { readHeaderTimeout: 200 },
}));

for (const transport of ['pipe', 'tcp'] as const) {
  suite(`raw bytes over ${transport}`, { timeout: 10 * timeout }, () => {
    const servers = new Servers(transport);
    // A pipe does not keep the process alive: a test that waits in vain is to fail by its time limit.
    const alive = setInterval(() => {}, 1000);
    after(() => clearInterval(alive));
    after(() => servers.close());

    for (const [title, cases] of [
      ['good', goodCases],
      ['malformed', malformedCases],
      ['smuggling', smugglingCases],
      ['protocol', protocolCases],
    ] as const) {
      for (const [i, raw] of cases.entries()) {
        test(`${title}: ${raw.name}`, { timeout }, async () => {
          const { send } = raw;
          await exchange(servers, raw, [send]);
          if (raw.options === undefined) {
            await exchange(servers, raw, [GOOD + send], GOOD_REPLY);
          }
          if (send.length > MAX_CUT) return;
          const step = STEP[transport];
          for (let at = 1 + (i % step); at < send.length; at += step) {
            await exchange(servers, raw, [send.slice(0, at), send.slice(at)]);
          }
        });
      }
    }

    for (const raw of timeouts) {
      test(`too slow: ${raw.name}`, { timeout }, async () => {
        await exchange(servers, raw, [raw.send]);
        await exchange(servers, raw, [GOOD + raw.send], GOOD_REPLY);
      });
    }
  });
}

test('the cases are many, and each has a name of its own', () => {
  const names = [goodCases, malformedCases, smugglingCases, protocolCases].map((cases, i) =>
    cases.map(({ name }) => `${i} ${name}`),
  );
  assert.equal(new Set(names.flat()).size, names.flat().length);
  assert.ok(names.flat().length >= 250);
});
