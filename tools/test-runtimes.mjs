/**
 * The other runtimes: all tests under the newest Node, and the checks of test/runtimes/smoke.ts under
 * this Node, the newest one, Bun and Deno, as a table. A check is a process of its own, so that one
 * that hangs or crashes is one entry of the table; to end by itself is part of each.
 *
 *   node tools/test-runtimes.mjs            both
 *   node tools/test-runtimes.mjs --smoke    only the table
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runtimes } from './install-runtimes.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const SMOKE = join(ROOT, 'dist', 'test', 'runtimes', 'smoke.js');

/** How long one check may take. It gives up by itself after a shorter time. */
const LIMIT = 60_000;
const AT_A_TIME = 2;

/** A runtime: its name for the table, its program and the arguments before the file. */
function runtime(name, program, ...args) {
  const version = /\d+\.\d+\.\d+/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }));
  return { name: `${name} ${version?.[0] ?? ''}`, program, args };
}

function all({ node, bun, deno }) {
  return [
    runtime('Node', process.execPath),
    ...(node === undefined ? [] : [runtime('Node', node)]),
    ...(bun === undefined ? [] : [runtime('Bun', bun)]),
    ...(deno === undefined ? [] : [runtime('Deno', deno, 'run', '-A')]),
  ];
}

/** Runs one check: null if it passed, or what is wrong. */
function check({ program, args }, name) {
  return new Promise((resolve) => {
    const child = spawn(program, [...args, SMOKE, name], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve(error.message));
    child.on('close', (status, signal) => {
      if (status === 0 && output === `ok ${name}\n`) resolve(null);
      else if (signal === 'SIGKILL') resolve(`${output}the process did not end`);
      else resolve(`${output}status ${status}, signal ${signal}`);
    });
  });
}

/** The outcome of every check on every runtime: rows of cells. */
async function outcomes(names, subjects) {
  const rows = names.map(() => subjects.map(() => null));
  const tasks = names.flatMap((_, row) => subjects.map((_, column) => [row, column]));
  const worker = async () => {
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
      const [row, column] = task;
      rows[row][column] = await check(subjects[column], names[row]);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return rows;
}

function printTable(names, subjects, rows) {
  const width = Math.max(...names.map((name) => name.length));
  const columns = subjects.map(({ name }) => Math.max(name.length, 'failed'.length));
  const line = (first, cells) => {
    const padded = cells.map((cell, i) => cell.padEnd(columns[i]));
    console.log([first.padEnd(width), ...padded].join('  ').trimEnd());
  };
  const heads = subjects.map(({ name }) => name);
  line('', heads);
  for (const [i, row] of rows.entries()) {
    const cells = row.map((fault) => (fault === null ? 'ok' : 'failed'));
    line(names[i], cells);
  }
}

const found = await runtimes();
let failed = false;
if (!process.argv.includes('--smoke') && found.node !== undefined) {
  const { status } = spawnSync(found.node, [join(ROOT, 'tools', 'test.mjs')], { stdio: 'inherit' });
  failed = status !== 0;
}

const subjects = all(found);
const listed = execFileSync(process.execPath, [SMOKE, '--list'], { encoding: 'utf8' });
const names = listed.trimEnd().split('\n');
const rows = await outcomes(names, subjects);
printTable(names, subjects, rows);
for (const [i, row] of rows.entries()) {
  for (const [j, fault] of row.entries()) {
    if (fault !== null) console.log(`\n${subjects[j].name}, ${names[i]}:\n${fault}`);
  }
}
for (const name of ['node', 'bun', 'deno']) {
  if (found[name] === undefined) console.log(`skipped  ${name}: it could not be installed`);
}
const faults = rows.flat().filter((fault) => fault !== null).length;
console.log(`${rows.flat().length - faults} passed, ${faults} failed`);
if (failed || faults > 0) process.exitCode = 1;
