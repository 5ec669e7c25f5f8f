/** tools/test.mjs counts rightly and fails when it should: it runs over small trees of its own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const runner: string = fileURLToPath(new URL('../../../tools/test.mjs', import.meta.url));

const HEAD = "import { before, suite, test } from 'node:test';\n";
const PASSES = `${HEAD}test('passes', () => {});\n`;

/** What the runner says of test files with these contents: its status and its lines. */
function run(
  files: Readonly<Record<string, string>>,
  ...args: string[]
): [number | null, string[]] {
  const tree = mkdtempSync(join(tmpdir(), 'netfd-runner-'));
  try {
    mkdirSync(join(tree, 'tools'));
    mkdirSync(join(tree, 'dist'));
    cpSync(runner, join(tree, 'tools', 'test.mjs'));
    writeFileSync(join(tree, 'package.json'), '{ "type": "module" }');
    for (const [name, text] of Object.entries(files)) writeFileSync(join(tree, 'dist', name), text);
    const env = { ...process.env };
    delete env['NODE_TEST_CONTEXT']; // it is not one of the tests of this run
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(tree, 'tools', 'test.mjs'), ...args],
      { encoding: 'utf8', env },
    );
    return [status, stdout.trimEnd().split('\n')];
  } finally {
    rmSync(tree, { recursive: true });
  }
}

test('what passed is counted, what groups is not', () => {
  const suites = `${HEAD}suite('a', () => { test('b', () => {}); test('c', () => {}); });\n`;
  const [status, lines] = run({ 'a.test.js': PASSES, 'b.test.js': suites, 'no-test.js': 'x(' });
  assert.equal(lines.at(-1), '3 passed, 0 failed');
  assert.equal(status, 0);
});

test('what was skipped is named, with the reason', () => {
  const skips = `${HEAD}test('a', { skip: 'no wrk here' }, () => {});\ntest('b', () => {});\n`;
  const [status, lines] = run({ 'a.test.js': skips });
  assert.deepEqual(lines.slice(-2), [
    'skipped  a.test.ts: a: no wrk here',
    '1 passed, 0 failed, 1 skipped',
  ]);
  assert.equal(status, 0);
});

test('a failure is named and makes the whole fail', () => {
  const fails = `${HEAD}suite('s', () => { test('a', () => { throw new Error('x'); }); });\n`;
  const [status, lines] = run({ 'a.test.js': PASSES, 'b.test.js': fails });
  assert.deepEqual(lines.slice(-2), ['failed   b.test.ts: a', '1 passed, 1 failed']);
  assert.equal(status, 1);
});

test('a file that crashes, exits, or holds no test has failed', () => {
  for (const text of ['throw new Error();', `${HEAD}process.exit(3);`, 'syntax error', '']) {
    const [status, lines] = run({ 'a.test.js': PASSES, 'b.test.js': text });
    assert.equal(lines.at(-1), '1 passed, 1 failed', text);
    assert.equal(status, 1);
  }
});

test('a hook that fails has failed', () => {
  const hook = `${HEAD}suite('s', () => { before(() => { throw 1; }); test('a', () => {}); });\n`;
  const [status, lines] = run({ 'a.test.js': PASSES, 'b.test.js': hook });
  assert.match(lines.at(-1) ?? '', /^1 passed, [12] failed$/);
  assert.equal(status, 1);
});

test('a file that hangs is ended, whatever it does', () => {
  const waits = `${HEAD}test('a', async () => { await new Promise((r) => setTimeout(r, 1e6)); });\n`;
  const spins = `${HEAD}test('a', () => { for (;;); });\n`;
  const [status, lines] = run({ 'a.test.js': waits, 'b.test.js': spins }, '--timeout', '1');
  assert.equal(lines.at(-1), '0 passed, 2 failed');
  assert.equal(status, 1);
});

test('--only chooses files', () => {
  const files = { 'a.test.js': PASSES, 'b.test.js': PASSES, 'c.test.js': PASSES };
  assert.equal(run(files, '--only', 'a.test', '--only', 'c')[1].at(-1), '2 passed, 0 failed');
});

test('that no test ran is a failure', () => {
  const [status, lines] = run({ 'a.test.js': PASSES }, '--only', 'nothing');
  assert.equal(lines.at(-1), '0 passed, 0 failed');
  assert.equal(status, 1);
});
