/**
 * netfd/netip against Go's net/netip: a recorded sample, and, where Go 1.19 is, thousands of calls that it
 * answers now. The sample is made of what netipCalls returns with a fixed seed; `go run test/netip/oracle.go`
 * with the recorded file as its input prints that file.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { goldenPath } from '../golden/net-values.ts';
import { chosenSeed, Random } from '../native/random.ts';
import { netipCalls } from './calls.ts';
import { expectedRow, type NetipRow, ourRow } from './replay.ts';

const RECORDED_WITH = 'go1.19';
const SAMPLE_SEED = 1;
const SAMPLE_SIZE = 400;
const LIVE_SIZE = 20_000;

const recorded: string = readFileSync(goldenPath('netip_values.jsonl'), 'utf8');

function rowsOf(text: string): NetipRow[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as NetipRow);
}

function compare(rows: readonly NetipRow[]): void {
  for (const row of rows) {
    const ours = ourRow(row);
    assert.deepEqual(ours, expectedRow(row, ours), `${row.fn} ${JSON.stringify(row.in)}`);
  }
}

/** False, or why Go cannot be asked: the value that node:test’s `skip` takes. */
function goIsMissing(): string | false {
  const { stdout, error } = spawnSync('go', ['version'], { encoding: 'utf8' });
  if (error !== undefined) return `no Go here: ${error.message}`;
  if (stdout.includes(RECORDED_WITH)) return false;
  return `the messages are those of ${RECORDED_WITH}, and here is ${stdout.trim()}`;
}

function askGo(calls: string): string {
  const program = fileURLToPath(new URL('../../../test/netip/oracle.go', import.meta.url));
  const { status, stdout, stderr } = spawnSync('go', ['run', program], {
    encoding: 'utf8',
    input: calls,
    maxBuffer: 2 ** 28,
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

test('the recorded calls', () => {
  const rows = rowsOf(recorded);
  const calls = netipCalls(new Random(SAMPLE_SEED), SAMPLE_SIZE);
  assert.deepEqual(
    rows.map(({ fn, in: args }) => ({ fn, in: args })),
    calls,
  );
  compare(rows);
});

test('calls that Go answers now', { skip: goIsMissing(), timeout: 300_000 }, (t) => {
  const seed = chosenSeed();
  t.diagnostic(`NETFD_SEED=${seed} repeats this`);
  const random = netipCalls(new Random(seed), LIVE_SIZE);
  const lines = random.map((call) => JSON.stringify(call)).join('\n');
  const answers = askGo(`${recorded}${lines}\n`);
  assert.ok(answers.startsWith(recorded), 'Go says what is recorded');
  const rows = rowsOf(answers.slice(recorded.length));
  assert.equal(rows.length, random.length);
  compare(rows);
});
