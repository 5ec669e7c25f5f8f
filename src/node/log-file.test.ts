import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openLogFile } from './log-file.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'netfd-log-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('lines are appended in order, and the file can be moved away', async (t) => {
  const path = join(folder(t), 'access.log');
  {
    await using file = await openLogFile(path);
    assert.equal(statSync(path).mode & 0o777, 0o640 & ~process.umask());
    for (let i = 0; i < 1000; i++) assert.ok(file.write(`line ${i}\n`));
    const moved = `${path}.1`;
    renameSync(path, moved);
    await file.reopen();
    file.write('new\n');
    assert.equal(readFileSync(moved, 'utf8').split('\n').length, 1001);
    file.write('newer\n');
    await file.flush();
    assert.equal(readFileSync(path, 'utf8'), 'new\nnewer\n');
    assert.equal(file.dropped, 0);
    file.write('last\n');
  }
  assert.equal(readFileSync(path, 'utf8'), 'new\nnewer\nlast\n');
  await using again = await openLogFile(path);
  again.write('appended\n');
  await again.close();
  assert.equal(again.write('too late\n'), false);
  await again.close();
  assert.equal(readFileSync(path, 'utf8'), 'new\nnewer\nlast\nappended\n');
});

test('what waits has a bound', async (t) => {
  const path = join(folder(t), 'access.log');
  await using file = await openLogFile(path, { maxBuffered: 10 });
  assert.deepEqual(
    ['12345\n', '123\n', '1\n'].map((line) => file.write(line)),
    [true, true, false],
  );
  assert.deepEqual([file.writableLength, file.dropped], [10, 1]);
  await file.flush();
  assert.equal(file.write('more\n'), true);
  await file.flush();
  assert.equal(readFileSync(path, 'utf8'), '12345\n123\nmore\n');
});

test(
  'a disk that is full loses lines, and says so',
  { skip: !existsSync('/dev/full') && 'there is no /dev/full' },
  async () => {
    const errors: string[] = [];
    const onError = (error: Error): void =>
      void errors.push((error as NodeJS.ErrnoException).code!);
    await using file = await openLogFile('/dev/full', { onError });
    file.write('lost\n');
    await file.flush();
    assert.deepEqual([errors, file.dropped], [['ENOSPC'], 1]);
  },
);

test('a file that cannot be opened anew stays', async (t) => {
  const home = folder(t);
  const path = join(home, 'logs');
  await using file = await openLogFile(path);
  renameSync(path, `${path}.1`);
  mkdirSync(path);
  await assert.rejects(file.reopen(), { code: 'EISDIR' });
  file.write('still\n');
  await file.flush();
  assert.equal(readFileSync(`${path}.1`, 'utf8'), 'still\n');
});

test('arguments are checked', async () => {
  await assert.rejects(openLogFile(5 as never), /openLogFile: path must be a string/);
  for (const options of [null, { mode: 'x' }, { maxBuffered: 0 }, { onError: 1 }]) {
    await assert.rejects(openLogFile('/x', options as never), /^TypeError: openLogFile: option/);
  }
  await assert.rejects(openLogFile('/no/such/folder'), { code: 'ENOENT' });
});
