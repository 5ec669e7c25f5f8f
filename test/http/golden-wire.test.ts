/**
 * Replies of the HTTP server are Go's: a hundred requests as bytes are sent to a server with the same
 * handlers as the Go program that test/golden/http_wire.jsonl was recorded with, and what comes back is
 * compared to the byte, and whether the connection stays. golden-differences.ts holds what differs on
 * purpose.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { goldenPath } from '../golden/net-values.ts';
import { type Outcome, WIRE_DIFFERENCES, WITHOUT_COUNTERPART } from './golden-differences.ts';
import { goldenMux } from './golden-handlers.ts';
import { deferred, run, withoutDates } from './raw-client.ts';

/** One recorded exchange: one code unit a byte, runs of a byte as "<x x 60>". */
interface GoldenCase extends Outcome {
  readonly section: string;
  readonly name: string;
  readonly send: string;
}

/** Where the client finishes. */
const HALF_CLOSE = '<HALFCLOSE>';

const timeout = 60_000;

const cases: readonly GoldenCase[] = readFileSync(goldenPath('http_wire.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as GoldenCase);

/** With runs of one byte written out. */
function expanded(text: string): string {
  return text.replaceAll(/<(.) x (\d+)>/g, (_, byte: string, count: string) => {
    return byte.repeat(Number(count));
  });
}

function goOutcome({ reply, conn }: GoldenCase): Outcome {
  return { reply: expanded(reply).replaceAll('Date: <date>', 'Date: *'), conn };
}

/** What netfd answers, once it waits for the next request or has closed. */
async function outcome(send: string): Promise<Outcome> {
  const idle = deferred();
  await using running = await run('tcp', goldenMux(), {
    connState: (_conn, state) => {
      if (state === 'idle') idle.resolve();
    },
  });
  await using client = await running.dial();
  const finishes = send.endsWith(HALF_CLOSE);
  await client.send(expanded(finishes ? send.slice(0, -HALF_CLOSE.length) : send));
  if (finishes) client.conn.closeWrite();
  const conn = await Promise.race([
    idle.promise.then(() => 'OPEN' as const),
    client.rest().then(() => 'EOF' as const),
  ]);
  // What it has sent is all there once the end has come too.
  if (conn === 'OPEN') for (const served of running.server.connections) served.close();
  await client.rest();
  assert.equal(client.error, null, 'the reply ends with the end of the stream, not with a reset');
  return { reply: withoutDates(client.text), conn };
}

function expectedOf(golden: GoldenCase): Outcome {
  const go = goOutcome(golden);
  const ours = WIRE_DIFFERENCES.find((difference) => golden.name in difference.cases)?.cases[
    golden.name
  ];
  if (ours === undefined) return go;
  return typeof ours === 'function' ? ours(go) : ours;
}

suite('replies as in Go', { timeout: 10 * timeout }, () => {
  for (const golden of cases) {
    if (golden.name in WITHOUT_COUNTERPART) continue;
    test(`${golden.section}: ${golden.name}`, { timeout }, async () => {
      assert.deepEqual(await outcome(golden.send), expectedOf(golden));
    });
  }
});

test('every difference is one, is of one case, and is documented', () => {
  const text = readFileSync(goldenPath('../../docs/differences-from-go.md'), 'utf8');
  const names = cases.map(({ name }) => name);
  assert.equal(new Set(names).size, 100);
  const listed = WIRE_DIFFERENCES.flatMap((difference) => Object.keys(difference.cases));
  listed.push(...Object.keys(WITHOUT_COUNTERPART));
  assert.equal(new Set(listed).size, listed.length, 'a case has one difference');
  for (const name of listed) assert.ok(names.includes(name), `there is no case: ${name}`);
  for (const golden of cases) {
    if (!listed.includes(golden.name) || golden.name in WITHOUT_COUNTERPART) continue;
    assert.notDeepEqual(expectedOf(golden), goOutcome(golden), `no difference: ${golden.name}`);
  }
  const titles = WIRE_DIFFERENCES.map(({ name }) => name);
  for (const title of [...titles, ...Object.values(WITHOUT_COUNTERPART)]) {
    assert.ok(
      text.includes(`- **${title}**`),
      `docs/differences-from-go.md does not have: ${title}`,
    );
  }
});
