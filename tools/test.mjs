/**
 * Runs the compiled tests and says at the end what was skipped and why, what failed, and as the last
 * line "N passed, N failed" (", N skipped"). Exit status 1 if anything failed or no test ran.
 *
 *   node tools/test.mjs                   all of dist
 *   node tools/test.mjs --only net/tcp    the files whose path contains it; may be repeated
 *   node tools/test.mjs --concurrency 1   how many files at a time (2)
 *   node tools/test.mjs --timeout 600     seconds that a file may take (300)
 *   node tools/test.mjs --traced          every call of the tests is printed, into nothing
 *
 * The tests run under the Node that runs this program. Each file is a process of its own, with a time
 * limit that holds even if the file no longer answers. A test that only groups others is not counted.
 */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist');
const TRACING = pathToFileURL(join(DIST, 'test', 'trace', 'every-kernel.js')).href;

/** The summary that node:test makes for each file. */
const SUMMARY = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) \d/;

const counts = { passed: 0, failed: 0, skipped: 0 };
const skips = [];
const failures = [];

function testFiles() {
  try {
    const names = readdirSync(DIST, { recursive: true });
    return names.filter((name) => name.endsWith('.test.js')).sort();
  } catch {
    return [];
  }
}

/** How it ended: 'passed', 'failed', 'skipped', or null if it is not to be counted. */
function outcome(type, data) {
  if (data.skip !== undefined || data.todo !== undefined) return 'skipped';
  const failure = data.details.error?.failureType;
  if (type === 'test:fail') return failure === 'subtestsFailed' ? null : 'failed';
  return data.details.type === 'suite' ? null : 'passed';
}

function count(source, type, data) {
  const result = outcome(type, data);
  if (result === null) return;
  // A file that holds no test is itself reported as one that passed.
  const empty = result === 'passed' && data.name.endsWith('.test.js');
  counts[empty ? 'failed' : result]++;
  const where = `${source}: ${data.name.endsWith('.test.js') ? 'the file' : data.name}`;
  if (empty) failures.push(`${where} holds no test`);
  else if (result === 'failed') failures.push(where);
  else if (result === 'skipped') skips.push(`${where}: ${reason(data)}`);
}

function reason({ skip, todo }) {
  if (typeof skip === 'string') return skip;
  if (typeof todo === 'string') return `to do: ${todo}`;
  return 'no reason given';
}

/** Runs one file; gives its events to the reporter in one piece, so that files do not mix. */
async function runFile(name, reporter, timeout) {
  const source = name.replace(/\.js$/, '.ts');
  const events = [{ type: 'test:stdout', data: { message: `${source}\n` } }];
  const signal = AbortSignal.timeout(timeout);
  for await (const event of run({ files: [join(DIST, name)], signal })) {
    const { type, data } = event;
    if (type === 'test:summary') continue;
    if (type === 'test:diagnostic' && SUMMARY.test(data.message)) continue;
    if (type === 'test:pass' || type === 'test:fail') count(source, type, data);
    events.push(event);
  }
  for (const event of events) reporter.write(event);
}

function options() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: [''] },
        concurrency: { type: 'string', default: '2' },
        timeout: { type: 'string', default: '300' },
        traced: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

async function runAll({ only, concurrency, timeout, traced }) {
  const files = testFiles().filter((name) => only.some((part) => name.includes(part)));
  // run() hands on what this process was started with.
  process.execArgv.push('--enable-source-maps');
  if (traced) process.execArgv.push(`--import=${TRACING}`);
  const reporter = new spec();
  const printed = new Promise((resolve) => reporter.once('end', resolve));
  reporter.on('data', (text) => process.stdout.write(text));
  const worker = async () => {
    for (let name = files.shift(); name !== undefined; name = files.shift()) {
      await runFile(name, reporter, Number(timeout) * 1000);
    }
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, worker));
  reporter.end();
  await printed;
}

function summarise() {
  for (const line of skips) console.log(`skipped  ${line}`);
  for (const line of failures) console.log(`failed   ${line}`);
  const { passed, failed, skipped } = counts;
  if (passed + failed === 0) console.log('no test ran');
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}

await runAll(options());
summarise();
