/** The files of this machine: what of a folder is shown, and that nothing leads out of it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { FileSystem, OpenFile } from '../http/files/file-system.ts';
import { real, wrapped } from '../../test/net/wrapped-system.ts';
import { nodeFiles } from '../http.ts';
import { Stack } from '../net/stack.ts';
import { ENOSYS, EPERM } from '../syscall/errno.ts';
import { nodeFiles as nodeFilesOn } from './files.ts';

let base: string;
let files: FileSystem;

before(async () => {
  base = mkdtempSync(join(tmpdir(), 'netfd-files-'));
  const root = join(base, '.site'); // what the folder itself is called does not matter
  for (const folder of ['sub', '.hidden']) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(base, 'outside.txt'), 'outside');
  mkdirSync(join(base, '.site-2'));
  writeFileSync(join(base, '.site-2', 'near.txt'), 'near');
  writeFileSync(join(root, 'a.txt'), 'hello world');
  utimesSync(join(root, 'a.txt'), 1_700_000_000, 1_700_000_000);
  writeFileSync(join(root, 'sub', 'b.txt'), 'b');
  writeFileSync(join(root, '.hidden', 'c.txt'), 'c');
  execFileSync('mkfifo', [join(root, 'pipe')]);
  for (const [name, target] of [
    ['inside', 'a.txt'],
    ['inside-absolute', join(root, 'sub')],
    ['out', '../outside.txt'],
    ['near', '../.site-2/near.txt'],
    ['out-folder', '..'],
    ['to-hidden', '.hidden/c.txt'],
    ['nowhere', 'none'],
    ['loop', 'loop'],
    ['device', '/dev/null'],
  ] as const) {
    symlinkSync(target, join(root, name));
  }
  symlinkSync(root, join(base, 'link-to-site'));
  files = await nodeFiles(join(base, 'link-to-site'));
});

after(() => rmSync(base, { recursive: true }));

async function opened(path: string): Promise<OpenFile> {
  const file = await files.open(path);
  assert.ok(file !== null, path);
  return file;
}

test('the folder has to be a string', async () => {
  await assert.rejects(nodeFiles(5 as unknown as string), {
    name: 'TypeError',
    message: 'nodeFiles: root must be a string',
  });
});

test('a file: its size, its time, its bytes from any offset', async () => {
  const file = await opened('a.txt');
  assert.equal(file.isDirectory, false);
  assert.equal(file.size, 11);
  assert.equal(file.mtimeMs, 1_700_000_000_000);
  const buf = new Uint8Array(5);
  assert.equal(await file.read(buf, 6), 5);
  assert.equal(new TextDecoder().decode(buf), 'world');
  assert.equal(await file.read(buf, 9), 2);
  assert.equal(await file.read(buf, 11), 0);
  await file.close();
});

test('the folder itself, and what of it is shown', async () => {
  const root = await opened('');
  assert.equal(root.isDirectory, true);
  const entries = await root.entries!(100);
  const shown = entries.map(({ name, isDirectory, size }) => [name, isDirectory || size]);
  assert.deepEqual(Object.fromEntries(shown), {
    'a.txt': 11,
    inside: 11,
    'inside-absolute': true,
    sub: true,
  });
  await root.close();
});

test('no more entries than asked for', async () => {
  const root = await opened('');
  assert.equal((await root.entries!(2)).length, 2);
  await root.close();
});

test('links that stay inside are followed', async () => {
  for (const path of ['inside', 'inside-absolute/b.txt', 'sub/b.txt']) {
    await (await opened(path)).close();
  }
});

const shut = [
  'out',
  'near',
  'out-folder',
  'out-folder/outside.txt',
  'to-hidden',
  'nowhere',
  'loop',
  'device',
  'pipe',
  'none',
  'a.txt/none',
  'none/none',
  'x'.repeat(300),
];
for (const path of shut) {
  test(`nothing at ${path.slice(0, 30)}`, async () => {
    assert.equal(await files.open(path), null);
  });
}

test('not even by a path that the file server would not ask for', async () => {
  for (const path of [
    '..',
    '../outside.txt',
    'sub/../../outside.txt',
    '.hidden/c.txt',
    '/etc/passwd',
  ]) {
    assert.equal(await files.open(path), null);
  }
});

test('what may not be read says so', { skip: process.getuid?.() === 0 && 'root may' }, async () => {
  chmodSync(join(base, '.site', 'sub', 'b.txt'), 0);
  await assert.rejects(async () => files.open('sub/b.txt'), { code: 'EACCES' });
});

test('no descriptor is left open', async () => {
  const count = (): number => readdirSync('/proc/self/fd').length;
  const before = count();
  for (const path of ['a.txt', 'sub', 'inside']) await (await opened(path)).close();
  for (const path of shut) await files.open(path);
  assert.equal(count(), before);
});

test('a folder that is not there', async () => {
  await assert.rejects(nodeFiles(join(base, 'none')), { code: 'ENOENT' });
});

suite('where openat2 is not known', () => {
  for (const errno of [ENOSYS, EPERM]) {
    const system = wrapped({ openat2: () => -errno });

    test(`errno ${errno}: the same is there, and the same is not`, async () => {
      const older = await nodeFilesOn(new Stack(system), join(base, 'link-to-site'));
      for (const path of ['a.txt', 'inside', 'inside-absolute/b.txt', 'sub', '']) {
        const file = await older.open(path);
        assert.ok(file !== null, path);
        await file.close();
      }
      for (const path of [...shut, '..', '.hidden/c.txt'])
        assert.equal(await older.open(path), null);
      const none = await nodeFilesOn(new Stack(system), base, { links: 'none' });
      assert.equal(await none.open('link-to-site/a.txt'), null);
    });
  }

  test('what is exchanged for a link in between is not opened', async () => {
    const target = join(base, '.site', 'exchanged');
    writeFileSync(target, 'here');
    let opened = 0;
    const system = wrapped({
      openat2: () => -ENOSYS,
      openat: (...args) => {
        opened++;
        rmSync(target);
        symlinkSync(join(base, 'outside.txt'), target);
        return real.openat(...args);
      },
    });
    const older = await nodeFilesOn(new Stack(system), join(base, '.site'));
    assert.equal(await older.open('exchanged'), null);
    assert.equal(opened, 1);
    rmSync(target);
  });
});

suite('links', () => {
  test('none', async () => {
    const none = await nodeFiles(join(base, 'link-to-site'), { links: 'none' });
    for (const path of ['inside', 'inside-absolute/b.txt', 'out']) {
      assert.equal(await none.open(path), null, path);
    }
    await (await none.open('a.txt'))?.close();
  });

  test('all', async () => {
    const all = await nodeFiles(join(base, 'link-to-site'), { links: 'all' });
    const file = await all.open('out-folder/outside.txt');
    assert.equal(file?.size, 7);
    await file.close();
    assert.equal(await all.open('loop'), null);
    assert.equal(await all.open('../outside.txt'), null, 'not without a link');
    assert.equal(await all.open('device'), null);
    const root = (await all.open(''))!;
    assert.ok((await root.entries!(100)).some(({ name }) => name === 'out'));
    await root.close();
  });

  test('dot files, where they are shown', async () => {
    const file = await files.open('to-hidden', ['.hidden']);
    assert.equal(file?.size, 1);
    await file.close();
    const root = (await files.open('', true))!;
    assert.ok((await root.entries!(100)).some(({ name }) => name === '.hidden'));
    await root.close();
  });

  test('bad options', async () => {
    await assert.rejects(nodeFiles(base, { links: 'some' as never }), {
      name: 'TypeError',
      message: 'nodeFiles: option links must be "inside", "all" or "none"',
    });
    await assert.rejects(nodeFiles(base, null as never), /nodeFiles: options must be an object/);
  });
});
