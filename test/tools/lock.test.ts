/** tools/lock.mjs lets one process in at a time, and is not stopped by one that died. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const module: string = new URL('../../../tools/lock.mjs', import.meta.url).href;

/** Starts a process that holds the lock while it runs `work`; settles with its status. */
async function holder(lock: string, work: string): Promise<number | null> {
  const program = `
    import { appendFileSync } from 'node:fs';
    import { withLock } from ${JSON.stringify(module)};
    withLock(${JSON.stringify(lock)}, () => { ${work} });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return status;
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'netfd-lock-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('one at a time', () =>
  withFolder(async (folder) => {
    const lock = join(folder, 'new', 'lock');
    const log = join(folder, 'log');
    const work = `
      appendFileSync(${JSON.stringify(log)}, 'in ');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
      appendFileSync(${JSON.stringify(log)}, 'out ');`;
    const statuses = await Promise.all(Array.from({ length: 4 }, () => holder(lock, work)));
    assert.deepEqual(statuses, [0, 0, 0, 0]);
    assert.equal(readFileSync(log, 'utf8'), 'in out '.repeat(4));
    assert.equal(existsSync(lock), false);
  }));

test('it is free again after an exception', () =>
  withFolder(async (folder) => {
    const lock = join(folder, 'lock');
    const work = `process.on('uncaughtException', () => (process.exitCode = 5)); throw new Error();`;
    assert.equal(await holder(lock, work), 5);
    assert.equal(existsSync(lock), false);
  }));

test('the lock of a process that died is taken over', () =>
  withFolder(async (folder) => {
    const lock = join(folder, 'lock');
    assert.equal(await holder(lock, "process.kill(process.pid, 'SIGKILL');"), null);
    assert.equal(existsSync(lock), true);
    assert.equal(await holder(lock, ''), 0);
    assert.equal(existsSync(lock), false);
  }));

test('a process with the number of the one that died is not taken for it', () =>
  withFolder(async (folder) => {
    const lock = join(folder, 'lock');
    mkdirSync(lock);
    writeFileSync(join(lock, 'owner'), `${process.pid} 1`); // this one started later
    assert.equal(await holder(lock, ''), 0);
  }));
