/**
 * Handlers that do what they like, in any order: whatever comes of it, the client can tell where each reply
 * ends and the next one begins, and a server that has answered the same before answers with the same bytes.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { ResponseWriter } from '../../src/http/handler.ts';
import { run, type Running } from './raw-client.ts';

const timeout = 120_000;

type Step =
  | { readonly do: 'add'; readonly name: string; readonly value: string }
  | { readonly do: 'status'; readonly status: number; readonly reason: string }
  | { readonly do: 'write'; readonly length: number; readonly text: boolean }
  | { readonly do: 'flush' }
  | { readonly do: 'wait' }
  | { readonly do: 'throw' };

interface Program {
  readonly steps: readonly Step[];
  readonly method: string;
  readonly version: string;
  readonly connection: string;
}

const field = fc.constantFrom(
  ...([
    ['Content-Length', '0'],
    ['Content-Length', '5'],
    ['Content-Length', '3000'],
    ['Content-Type', 'text/x'],
    ['Connection', 'close'],
    ['Connection', 'x'],
    ['Connection', 'keep-alive'],
    ['Transfer-Encoding', 'chunked'],
    ['Transfer-Encoding', 'identity'],
    ['Trailer', 'X-End'],
    ['X-End', 'yes'],
    ['Trailer:X-Late', 'late'],
    ['Date', 'never'],
    ['X-Other', 'a'],
  ] as const),
);

const add: fc.Arbitrary<Step> = field.map(([name, value]) => ({ do: 'add', name, value }));

const status: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('status' as const),
  status: fc.constantFrom(103, 100, 200, 201, 204, 205, 206, 304, 404, 500),
  reason: fc.constantFrom('', '', 'Mine'),
});

const write: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('write' as const),
  length: fc.constantFrom(0, 1, 1, 1, 4, 5, 2047, 2048, 2049, 3000, 5000, 20_000),
  text: fc.boolean(),
});

const other = fc.constantFrom<Step[]>({ do: 'flush' }, { do: 'wait' }, { do: 'throw' });

const programs: fc.Arbitrary<Program> = fc.record({
  steps: fc.array(
    fc.oneof(
      { weight: 3, arbitrary: add },
      { weight: 2, arbitrary: status },
      { weight: 5, arbitrary: write },
      { weight: 1, arbitrary: other },
    ),
    { maxLength: 6 },
  ),
  method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST'),
  version: fc.constantFrom('1.1', '1.1', '1.0'),
  connection: fc.constantFrom('', '', 'Connection: close\r\n', 'Connection: keep-alive\r\n'),
});

function perform(w: ResponseWriter, steps: readonly Step[]): void | Promise<void> {
  for (const [i, step] of steps.entries()) {
    if (step.do === 'throw') throw new Error('thrown');
    else if (step.do === 'add') w.header().add(step.name, step.value);
    else if (step.do === 'status') w.writeHeader(step.status, step.reason);
    else if (step.do === 'flush') void w.flush?.();
    else if (step.do === 'wait') {
      return new Promise(setImmediate).then(() => perform(w, steps.slice(i + 1)));
    } else {
      const text = 'x'.repeat(step.length);
      w.write(step.text ? text : Buffer.from(text)).catch(() => {});
    }
  }
  return undefined;
}

let current: Program | null = null;

function serving(): Promise<Running> {
  return run('pipe', (w, r) =>
    r.path === '/next' ? void w.write('x') : perform(w, current!.steps),
  );
}

/** All that a client gets who asks, and for another thing behind it. */
async function ask(running: Running, program: Program): Promise<string> {
  current = program;
  await using client = await running.dial();
  const { method, version, connection } = program;
  const body = method === 'POST' ? 'Content-Length: 4\r\n' : '';
  await client.send(
    `${method} / HTTP/${version}\r\nHost: x\r\n${connection}${body}\r\n${body && 'body'}` +
      'GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  );
  client.conn.closeWrite();
  return (await client.rest()).replace(/^Date: .* GMT\r$/gm, 'Date: now\r');
}

interface Reply {
  readonly status: number;
  readonly says: (option: RegExp) => boolean;
  /** Whether its end was where it was said to be. */
  readonly whole: boolean;
  readonly rest: string;
}

/** As a client reads it: RFC 9112, section 6.3. */
function reply(text: string, method: string): Reply {
  const end = text.indexOf('\r\n\r\n');
  assert.ok(end >= 0, `no head: ${JSON.stringify(text.slice(0, 100))}`);
  const head = text.slice(0, end + 2);
  const [, digits] = /^HTTP\/1\.[01] (\d{3}) /.exec(head) ?? assert.fail(head);
  const behind = text.slice(end + 4);
  const code = Number(digits);
  if (code < 200) return reply(behind, method);
  const says = (option: RegExp): boolean => option.test(head);
  const made = (whole: boolean, rest: string): Reply => ({ status: code, says, whole, rest });
  const lengths = [...head.matchAll(/^Content-Length: (\d+)\r$/gim)];
  const chunked = says(/^Transfer-Encoding: chunked\r$/im);
  assert.ok(lengths.length <= 1 && !(chunked && lengths.length > 0), head);
  if (method === 'HEAD' || code === 204 || code === 304) return made(true, behind);
  if (lengths.length === 1) {
    const length = Number(lengths[0]![1]);
    return made(behind.length >= length, behind.slice(length));
  }
  if (!chunked) return made(false, '');
  let rest = behind;
  for (;;) {
    const [line, size] = /^([0-9a-f]+)\r\n/.exec(rest) ?? [];
    if (line === undefined || size === undefined) return made(false, assert.equal(rest, '') ?? '');
    const length = Number.parseInt(size, 16);
    if (length === 0) {
      const [trailers] = /^0\r\n(?:[\w-]+: [^\r\n]*\r\n)*\r\n/.exec(rest) ?? assert.fail(rest);
      return made(true, rest.slice(trailers.length));
    }
    assert.equal(rest.slice(line.length + length, line.length + length + 2), '\r\n');
    rest = rest.slice(line.length + length + 2);
  }
}

function check(text: string, { method, version, connection, steps }: Program): void {
  // A handler may throw when a part has been sent, and then nothing more comes.
  if (text === '') return;
  const { says, whole, rest } = reply(text, method);
  const closes = says(/^Connection: close\r$/im);
  if (connection.includes('close')) assert.ok(closes || version === '1.0', text);
  if (closes || !whole) return assert.equal(rest, '');
  // One of HTTP/1.0 does not say so, and one that has thrown has said something else already.
  if (rest === '') return assert.ok(version === '1.0' || steps.some((step) => step.do === 'throw'));
  const next = reply(rest, 'GET');
  assert.equal(next.status, 200);
  assert.match(rest, /\r\n\r\nx$/);
}

suite('a handler that does what it likes', { timeout }, () => {
  test('leaves no doubt where its reply ends, and has the same one each time', async () => {
    await using warm = await serving();
    await fc.assert(
      fc.asyncProperty(programs, async (program) => {
        let first: string;
        {
          await using cold = await serving();
          first = await ask(cold, program);
        }
        check(first, program);
        for (let i = 0; i < 3; i++) assert.equal(await ask(warm, program), first);
      }),
      { numRuns: 1000 },
    );
  });
});
