/**
 * Every case in every way in which its bytes can come: whole over TCP and over a pipe, cut in two at every
 * byte, byte by byte, three times in a row, and behind a good request. The reply is the same each time.
 */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { check, closesItself, GOOD, GOOD_REPLY, outcome, Servers } from './exchange.ts';
import type { WireCase } from './case.ts';
import { chunkedCases } from './chunked.ts';
import { connectionCases } from './connection.ts';
import { contentLengthCases } from './content-length.ts';
import { fieldCases } from './fields.ts';
import { limitCases } from './limits.ts';
import { pipeliningCases } from './pipelining.ts';
import { replyCases } from './replies.ts';
import { requestLineCases } from './request-line.ts';
import { smugglingCases } from './smuggling.ts';
import { transferEncodingCases } from './transfer-encoding.ts';

const groups: Readonly<Record<string, readonly WireCase[]>> = {
  'request line': requestLineCases,
  fields: fieldCases,
  'Content-Length': contentLengthCases,
  'Transfer-Encoding': transferEncodingCases,
  chunks: chunkedCases,
  connection: connectionCases,
  replies: replyCases,
  pipelining: pipeliningCases,
  smuggling: smugglingCases,
  limits: limitCases,
};
const all = Object.values(groups).flat();

/** Longer ones, which are about limits, are cut at so many places evenly, and not sent byte by byte. */
const MAX_CUT = 2500;
const LONG_CUTS = 50;

const timeout = 60_000;

// A pipe does not keep the process alive: a test that waits in vain is to fail by its time limit.
const alive = setInterval(() => {}, 1000);
after(() => clearInterval(alive));

function title({ because, name }: WireCase): string {
  return `${because}: ${name.length > 200 ? `${name.slice(0, 200)}…` : name}`;
}

let runs = 0;

/** The same over sockets: whole. Nothing follows a close there, since that would be answered with a reset. */
async function overTCP(servers: Servers, raw: WireCase): Promise<void> {
  if (raw.open || raw.finish === true) await check(servers, raw, [raw.send]);
  else assert.equal(await closesItself(servers, raw), raw.reply);
}

async function inEveryWay(servers: Servers, raw: WireCase): Promise<void> {
  const { send, reply } = raw;
  const run = async (parts: readonly string[], expected = reply): Promise<void> => {
    runs++;
    await check(servers, raw, parts, expected);
  };
  await run([send]);
  if (raw.open) await run([send.repeat(3)], reply.repeat(3));
  else assert.equal(raw.finish || (await closesItself(servers, raw)), raw.finish || reply);
  if (raw.options === undefined) await run([GOOD + send], GOOD_REPLY + reply);
  const short = send.length <= MAX_CUT;
  const step = short ? 1 : Math.ceil(send.length / LONG_CUTS);
  for (let at = 1; at < send.length; at += step) await run([send.slice(0, at), send.slice(at)]);
  if (short) await run(send.split(''));
}

for (const [name, cases] of Object.entries(groups)) {
  suite(name, { timeout: 10 * timeout }, () => {
    const pipes = new Servers('pipe');
    const sockets = new Servers('tcp');
    const began = performance.now();
    after(async () => {
      for (const servers of [pipes, sockets]) await servers[Symbol.asyncDispose]();
    });

    for (const raw of cases) {
      test(title(raw), { timeout }, async () => {
        await inEveryWay(pipes, raw);
        await overTCP(sockets, raw);
      });
    }

    test(`${cases.length} cases`, (t) => {
      t.diagnostic(
        `${runs} runs up to now; these took ${Math.round(performance.now() - began)} ms`,
      );
      assert.deepEqual([...pipes.log, ...sockets.log], []);
      assert.equal(pipes.open, 0);
    });
  });
}

test('there are many cases, each has a name of its own, and nothing is smuggled', (t) => {
  const names = all.map(title);
  for (const [i, name] of names.entries()) assert.equal(names.indexOf(name), i, name);
  assert.ok(all.length > 400);
  t.diagnostic(`${all.length} cases, ${runs} runs over pipes`);
});

/** Expectations that are wrong in one thing. */
function mutations(raw: WireCase): WireCase[] {
  const at = Math.floor(raw.reply.length / 2);
  const other = raw.reply[at] === 'x' ? 'y' : 'x';
  const wrong: WireCase[] = [
    { ...raw, open: !raw.open },
    { ...raw, reply: `${raw.reply}x` },
  ];
  if (raw.reply === '') return wrong;
  wrong.push({ ...raw, reply: raw.reply.slice(0, -1) });
  wrong.push({ ...raw, reply: raw.reply.slice(0, at) + other + raw.reply.slice(at + 1) });
  return wrong;
}

test('the suite can fail: no mutated expectation is met', { timeout }, async () => {
  await using servers = new Servers('pipe');
  for (const raw of all) {
    const { reply, open } = await outcome(servers, raw, [raw.send]);
    for (const wrong of mutations(raw)) {
      assert.ok(reply !== wrong.reply || open !== wrong.open, title(raw));
      await assert.rejects(check(servers, wrong, [raw.send]), assert.AssertionError, title(raw));
    }
  }
});
