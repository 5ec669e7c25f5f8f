/**
 * Heads of requests with random faults: what the parser says is compared with a model of the grammar in
 * regular expressions, must not depend on how the bytes come, and a server that is fed with them answers
 * the same however they are cut, without ever failing.
 *
 * NETFD_SEED repeats a run; NETFD_HEADS says how many heads are tried (3000).
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { NO_BODY } from '../../src/http/conn/body.ts';
import { COMPLETE, HeadParser, INCOMPLETE } from '../../src/http/message/head-parser.ts';
import { IncomingRequest, type RequestSource } from '../../src/http/conn/request.ts';
import { RequestHead } from '../../src/http/message/request-head.ts';
import { isTargetForm } from '../../src/http/message/request-target.ts';
import { chosenSeed, Random } from '../native/random.ts';
import { malformedCases } from './malformed-cases.ts';
import { answer, goodCases, head } from './raw-cases.ts';
import { run, type Running, turn, withoutDates } from './raw-client.ts';
import { smugglingCases } from './smuggling-cases.ts';

const seed: number = chosenSeed();
const HEADS = Number(process.env['NETFD_HEADS'] ?? 3000);
const timeout = 60_000 + HEADS * 20;

const LIMITS = { maxHeaderBytes: 2000, maxRequestLine: 500, maxHeaders: 20 };
const again = `NETFD_SEED=${seed} repeats this`;

const seeds: readonly string[] = [
  head('GET / HTTP/1.1', 'Host: example.com'),
  head('GET /a/b?c=d HTTP/1.1', 'Host: example.com:80', 'Accept: */*', 'Connection: keep-alive'),
  head('POST /x HTTP/1.1', 'Host: [::1]:80', 'Content-Length: 12', 'Expect: 100-continue'),
  head('PUT /x HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', 'Trailer: X'),
  head('OPTIONS * HTTP/1.1', 'Host:', 'Connection: close, upgrade'),
  head('CONNECT a:443 HTTP/1.1', 'Host: a:443', `Cookie: ${'k=v; '.repeat(20)}`),
  head('HEAD http://b/c HTTP/1.0', 'Connection: keep-alive', 'X: \t y \t'),
  ...[...goodCases, ...malformedCases, ...smugglingCases].map(({ send }) => send),
].filter((text) => text.length > 0 && text.length < 400);

const MORSELS: readonly string[] = [
  '\r\n|\n|\r|\r\n\r\n|:| |\t|,|\0|\x7f|\x80|\xff|HTTP/1.1|HTTP/1.0|HTTP/2.0|GET |0|/|*',
  'Host: b\r\n|Content-Length: 3\r\n|Content-Length: 03|Transfer-Encoding: chunked\r\n|chunked',
  `close|keep-alive|100-continue|A: ${'long '.repeat(20)}\r\n`,
].flatMap((row) => row.split('|'));

function mutate(random: Random): string {
  let text = random.pick(seeds);
  for (let i = random.below(4); i > 0; i--) {
    const at = random.below(text.length + 1);
    const to = Math.min(text.length, at + random.below(random.chance(0.5) ? 4 : 40));
    const morsel = random.pick([
      '',
      String.fromCharCode(random.below(256)),
      random.pick(MORSELS),
      text.slice(at, to),
      random.pick(seeds).slice(at, to),
    ]);
    text = text.slice(0, at) + morsel + text.slice(random.chance(0.5) ? at : to);
  }
  return text;
}

interface Model {
  readonly method: string;
  readonly target: string;
  readonly minor: number;
  readonly end: number;
  readonly fields: readonly (readonly [string, string])[];
  readonly host: string;
  readonly contentLength: number;
  readonly chunked: boolean;
  readonly close: boolean;
  readonly keepAlive: boolean;
  readonly expectContinue: boolean;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]";
const LINE = new RegExp(
  `^((?:\\r\\n){0,4})(${TOKEN}{1,32}) ([^\\x00-\\x20\\x7f]+) HTTP/1\\.([0-9])\\r\\n`,
);
const FIELD = new RegExp(`(${TOKEN}+):([\\t\\x20-\\x7e\\x80-\\xff]*)\\r\\n`, 'y');
const NAME = "[0-9A-Za-z!$&'()*+,.;=_~-]";
const HOST = new RegExp(`^(?:\\[(?:${NAME}|[%:])+\\]|(?:${NAME}|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?$`);

/** The head at the beginning of `text`, or null if there is no good one. */
function model(text: string): Model | null {
  const line = LINE.exec(text);
  if (line === null) return null;
  const [start, , method, target, minorDigit] = line;
  const fields: [string, string][] = [];
  let end = start.length;
  while (!text.startsWith('\r\n', end)) {
    FIELD.lastIndex = end;
    const field = FIELD.exec(text);
    if (field === null) return null;
    fields.push([field[1]!.toLowerCase(), field[2]!.replace(/^[ \t]+|[ \t]+$/g, '')]);
    end = FIELD.lastIndex;
  }
  end += 2;
  const minor = minorDigit === '0' ? 0 : 1;
  const of = (name: string): string[] => fields.filter(([n]) => n === name).map(([, v]) => v);
  const [hosts, lengths, codings] = [of('host'), of('content-length'), of('transfer-encoding')];
  if (start.trim().length > LIMITS.maxRequestLine) return null;
  if (end > LIMITS.maxHeaderBytes || fields.length > LIMITS.maxHeaders) return null;
  if (hosts.length > 1 || (hosts.length === 0 && minor === 1)) return null;
  if (!hosts.every((host) => HOST.test(host))) return null;
  if (lengths.length + codings.length > 1 || (codings.length > 0 && minor === 0)) return null;
  if (!lengths.every((length) => /^\d+$/.test(length) && Number.isSafeInteger(Number(length)))) {
    return null;
  }
  if (!codings.every((coding) => coding.toLowerCase() === 'chunked')) return null;
  const expectations = of('expect');
  if (!expectations.every((value) => value.toLowerCase() === '100-continue')) return null;
  const options = of('connection').flatMap((value) =>
    value.split(',').map((option) => option.replace(/^[ \t]+|[ \t]+$/g, '').toLowerCase()),
  );
  return {
    method: method!,
    target: target!,
    minor,
    end,
    fields,
    host: hosts[0] ?? '',
    contentLength: lengths.length > 0 ? Number(lengths[0]) : -1,
    chunked: codings.length > 0,
    close: options.includes('close'),
    keepAlive: options.includes('keep-alive'),
    expectContinue: expectations.length > 0,
  };
}

const parser = new HeadParser();

/** All that the parser says of the bytes between `from` and `to`, with offsets from `from` on. */
function verdict(bytes: Uint8Array, from: number, to: number): Record<string, unknown> {
  const result = parser.parse(bytes, from, to, LIMITS);
  if (result === INCOMPLETE) return { result };
  if (result !== COMPLETE) return { result, status: parser.status, reason: parser.reason };
  const { minor, contentLength, chunked, close, keepAlive, expectContinue } = parser;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return {
    result,
    method: text.slice(parser.start, parser.methodEnd),
    target: text.slice(parser.targetStart, parser.targetEnd),
    fieldsText: text.slice(parser.fieldsStart, parser.fieldsEnd),
    host: text.slice(parser.hostStart, parser.hostEnd),
    end: parser.end - from,
    minor,
    contentLength,
    chunked,
    close,
    keepAlive,
    expectContinue,
  };
}

function checkAgainstModel(text: string, found: Record<string, unknown>): void {
  const expected = model(text);
  if (expected === null) {
    assert.notEqual(found['result'], COMPLETE);
    return;
  }
  assert.equal(found['result'], COMPLETE);
  const { fields, ...simple } = expected;
  for (const [name, value] of Object.entries(simple)) assert.equal(found[name], value, name);
  if (!isTargetForm(expected.method, expected.target)) return;
  const parsed = new RequestHead(parser, text.slice(parser.start));
  const request = new IncomingRequest(source, parsed, NO_BODY);
  const withoutHost = fields.filter(([name]) => name !== 'host');
  assert.deepEqual(
    [...request.header].map(([name, value]) => [name.toLowerCase(), value]),
    withoutHost,
  );
  assert.equal(request.method, expected.method);
  for (const part of [request.path, request.rawPath, request.rawQuery, request.host]) {
    assert.equal(typeof part, 'string');
  }
  assert.ok(request.query instanceof URLSearchParams);
}

const addr = { network: 'none', toString: () => 'none' };
const source = {
  remoteAddr: addr,
  localAddr: addr,
  signalOf: () => AbortSignal.abort(),
} satisfies RequestSource;

suite('heads with faults', { timeout }, () => {
  test(`the parser agrees with the grammar (seed ${seed})`, () => {
    const random = new Random(seed);
    let complete = 0;
    for (let i = 0; i < HEADS; i++) {
      const text = mutate(random);
      const bytes = Buffer.from(text, 'latin1');
      try {
        const found = verdict(bytes, 0, bytes.length);
        if (found['result'] === COMPLETE) complete++;
        checkAgainstModel(text, found);
      } catch (error) {
        throw new Error(`${again}: ${JSON.stringify(text)}`, { cause: error });
      }
    }
    assert.ok(complete > HEADS / 10 && complete < HEADS, `${complete} of ${HEADS} were good`);
  });

  test(`it says the same of every beginning that is long enough (seed ${seed})`, () => {
    const random = new Random(seed + 1);
    for (let i = 0; i < HEADS; i++) {
      const text = mutate(random);
      // Somewhere in a buffer, with something else around it.
      const from = random.below(8);
      const bytes = Buffer.from(`${'\n'.repeat(from)}${text}\r\n\r\nHost: x\r\n`, 'latin1');
      let first: Record<string, unknown> | null = null;
      try {
        for (let to = from + 1; to <= from + text.length; to++) {
          const found = verdict(bytes, from, to);
          if (first !== null) assert.deepEqual(found, first);
          else if (found['result'] !== INCOMPLETE) first = found;
        }
      } catch (error) {
        throw new Error(`${again}: ${JSON.stringify(text)}`, { cause: error });
      }
    }
  });
});

suite('a server that is fed with them', { timeout }, () => {
  let running: Running;
  const alive = setInterval(() => {}, 1000);

  before(async () => {
    running = await run('pipe', (w, r) => (r.path.startsWith('/throw') ? undefined : answer(w, r)));
  });

  after(async () => {
    clearInterval(alive);
    await running[Symbol.asyncDispose]();
  });

  async function transcript(parts: readonly string[]): Promise<string> {
    await using client = await running.dial();
    for (const part of parts) if (part !== '' && !(await client.send(part))) break;
    client.conn.closeWrite();
    return withoutDates(await client.rest());
  }

  test(`answers the same however they are cut (seed ${seed})`, async () => {
    const random = new Random(seed + 2);
    for (let i = 0; i < HEADS / 5; i++) {
      const text = mutate(random) + (random.chance(0.3) ? mutate(random) : '');
      const parts: string[] = [];
      for (let at = 0; at < text.length;) {
        const to = at + 1 + random.below(random.chance(0.5) ? 5 : 100);
        parts.push(text.slice(at, to));
        at = to;
      }
      try {
        const whole = await transcript([text]);
        assert.equal(await transcript(parts), whole);
        assert.match(whole, /^(?:HTTP\/1\.[01] \d{3} [^]*)?$/);
      } catch (error) {
        throw new Error(`${again}: ${JSON.stringify(parts)}`, { cause: error });
      }
    }
    await turn();
    assert.deepEqual(running.log, []);
    assert.equal(running.server.connections.size, 0);
  });
});
