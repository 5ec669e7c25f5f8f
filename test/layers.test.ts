/** The rules of tools/layers.txt hold for this tree, and the check of them is able to fail. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root: string = fileURLToPath(new URL('../../', import.meta.url));

/** What the checker says of a tree: its violations line by line, and how many files it saw. */
function check(tree: string): { status: number | null; faults: string[]; files: number } {
  const program = join(root, 'tools', 'check-layers.mjs');
  const { status, stderr, stdout } = spawnSync(process.execPath, [program, tree], {
    encoding: 'utf8',
  });
  const faults = stderr.split('\n').filter((line) => line !== '');
  return { status, faults, files: Number.parseInt(stdout, 10) };
}

/** What the checker says of a tree that consists of `files`. */
function checkFiles(files: Readonly<Record<string, string>>): string[] {
  const tree = mkdtempSync(join(tmpdir(), 'netfd-layers-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(tree, dirname(path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    }
    const { status, faults, files: seen } = check(tree);
    assert.equal(status, faults.length > 0 ? 1 : 0);
    if (status === 0) assert.equal(seen, Object.keys(files).length);
    return faults;
  } finally {
    rmSync(tree, { recursive: true });
  }
}

test('this tree keeps the rules', () => {
  const { status, faults, files } = check(root);
  assert.deepEqual(faults, []);
  assert.equal(status, 0);
  assert.ok(files > 80);
});

suite('what is allowed', () => {
  const allowed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'a layer that stands behind the arrow': {
      'src/poll/fd.ts': "import { EAGAIN } from '../syscall/errno.ts';\n",
    },
    'the layer itself': { 'src/net/a.ts': "import { b } from './b.ts';\n" },
    'everything, for a face': { 'src/index.ts': "export * from './kernel/linux.ts';\n" },
    'everything, for a test': {
      'src/http/a.test.ts': "import { linux } from '../kernel/linux.ts';\n",
    },
    'a cycle of types': {
      'src/net/a.ts': "import type { B } from './b.ts';\nexport const a = 1;\n",
      'src/net/b.ts': "import { a } from './a.ts';\nexport type B = typeof a;\n",
    },
    'imports in comments and templates': {
      'src/net/a.ts':
        "/*\nimport '../cli/a.ts';\n*/\n// import 'x'\nconst t = `\nimport 'y';\n`;\n",
    },
    'a longer test': { 'test/a.test.ts': '\n'.repeat(600) },
  };
  for (const [name, files] of Object.entries(allowed)) {
    test(name, () => assert.deepEqual(checkFiles(files), []));
  }
});

suite('what is not', () => {
  const faults: readonly [string, Readonly<Record<string, string>>, string][] = [
    [
      'http on syscall',
      { 'src/http/a.ts': "export const b = 1;\n\nimport { c } from '../syscall/c.ts';\n" },
      'src/http/a.ts:3: http must not import syscall (../syscall/c.ts)',
    ],
    [
      'http on poll, for a type, over several lines',
      { 'src/http/a.ts': "import type {\n  FD,\n  Mode,\n} from '../poll/fd.ts';\n" },
      'src/http/a.ts:4: http must not import poll (../poll/fd.ts)',
    ],
    [
      'net on Linux',
      { 'src/net/a.ts': "import { linux } from '../kernel/linux.ts';\n" },
      'src/net/a.ts:1: net must not import kernel/linux (../kernel/linux.ts)',
    ],
    [
      'the interfaces on Linux, at run time',
      { 'src/kernel/a.ts': "export const a = () => import('./linux.ts');\n" },
      'src/kernel/a.ts:1: kernel must not import kernel/linux (./linux.ts)',
    ],
    [
      'upwards',
      { 'src/io/a.ts': "export { B } from '../net/b.ts';\nexport const c = 1;\n" },
      'src/io/a.ts:1: io must not import net (../net/b.ts)',
    ],
    [
      'a folder that no rule names',
      { 'src/other/a.ts': "import '../net/b.ts';\n" },
      'src/other/a.ts:1: other must not import net (../net/b.ts)',
    ],
    [
      'an example on the inside',
      { 'examples/a.ts': "import { FD } from '../src/poll/fd.ts';\n" },
      'examples/a.ts:1: examples must not import poll (../src/poll/fd.ts)',
    ],
    [
      'node: in net',
      { 'src/net/a.ts': "import { join } from 'node:path';\n" },
      'src/net/a.ts:1: net must not import node: (node:path)',
    ],
    [
      'a package in net',
      { 'src/net/a.ts': "import { fetch } from 'undici';\n" },
      'src/net/a.ts:1: net must not import packages (undici)',
    ],
    [
      'a barrel',
      { 'src/net/a.ts': "/** All. */\nexport { b } from './b.ts';\n" },
      'src/net/a.ts:1: a barrel; only faces are',
    ],
    [
      'export *',
      { 'src/net/a.ts': "export * from './b.ts';\nexport const c = 1;\n" },
      'src/net/a.ts:1: only faces may export everything of another file',
    ],
    [
      'a cycle',
      {
        'src/net/a.ts': "import { b } from './b.ts';\nexport const a = 1;\n",
        'src/net/b.ts': "import { c } from './c.ts';\nexport const b = 1;\n",
        'src/net/c.ts': "import { b } from './b.ts';\nexport const c = 1;\n",
      },
      'src/net/b.ts:1: a cycle: src/net/b.ts -> src/net/c.ts',
    ],
    [
      'a default export',
      { 'src/net/a.ts': '\nexport default class A {}\n' },
      'src/net/a.ts:2: no default exports',
    ],
    [
      'a name that says nothing',
      { 'src/net/socket-helpers.ts': 'export const a = 1;\n' },
      'src/net/socket-helpers.ts:1: a file must not be named helpers',
    ],
    [
      'a long file',
      { 'src/net/a.ts': '\n'.repeat(401) },
      'src/net/a.ts:401: 401 lines; at most 400 are allowed',
    ],
    [
      'a long C file',
      { 'native/a.c': '\n'.repeat(401) },
      'native/a.c:401: 401 lines; at most 400 are allowed',
    ],
    [
      'libc in native',
      { 'native/a.c': '#include <stdint.h>\n#include <string.h>\n' },
      'native/a.c:2: native must not include string.h',
    ],
  ];
  for (const [name, files, fault] of faults) {
    test(name, () => assert.deepEqual(checkFiles(files), [fault]));
  }
});
