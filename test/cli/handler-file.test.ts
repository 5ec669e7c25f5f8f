/** netfd serve FILE: the forms that a module may have, and what is said of others. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { netfd, serving, temporaryFolder } from './program.ts';
import { ask, bodyOf, get, statusOf } from './raw-client.ts';

/** Writes a module into a folder of its own; its path. */
function moduleFile(t: TestContext, text: string, name = 'handler.mjs'): string {
  const path = join(temporaryFolder(t), name);
  writeFileSync(path, text);
  return path;
}

suite('forms', () => {
  const forms: Readonly<Record<string, string>> = {
    'default { fetch }': `
      export default {
        greeting: 'hello',
        fetch(request) { return new Response(this.greeting + new URL(request.url).pathname) },
      }`,
    'default function': `
      export default (w, r) => { w.header().set('Content-Length', 8); w.write('hello' + r.path) }`,
    'function fetch': `
      export async function fetch(request, { remoteAddr }) {
        if (!remoteAddr.startsWith('127.0.0.1:')) throw new Error(remoteAddr);
        return new Response('hello' + new URL(request.url).pathname);
      }`,
    'default { serveHTTP }': `
      export default { serveHTTP: async (w, r) => w.write('hello' + r.path) }`,
    'default before fetch': `
      export default { fetch: () => new Response('hello/ab') };
      export const fetch = () => new Response('wrong');`,
  };
  for (const [name, text] of Object.entries(forms)) {
    test(name, async (t) => {
      const { port } = await serving(t, moduleFile(t, text));
      const answer = await get(t, port, '/ab');
      assert.equal(statusOf(answer), 200);
      assert.match(answer, /hello\/ab/);
    });
  }

  test('a module in a .js file, with one beside it', async (t) => {
    const path = moduleFile(t, `export { fetch } from './inner.mjs'`, 'handler.js');
    writeFileSync(join(path, '..', 'package.json'), '{"type":"module"}');
    writeFileSync(join(path, '..', 'inner.mjs'), `export const fetch = () => new Response('in')`);
    const { port } = await serving(t, path);
    assert.equal(bodyOf(await ask(t, port, 'GET / HTTP/1.0\r\n\r\n')), 'in');
  });

  test('a handler that throws answers 500, and its log is on stderr', async (t) => {
    const path = moduleFile(t, `export const fetch = () => { throw new Error('mine') }`);
    const { program, port } = await serving(t, path);
    assert.equal(statusOf(await get(t, port, '/')), 500);
    await program.prints('stderr', /mine/);
  });

  test('TypeScript, where the runtime runs it', async (t) => {
    const path = moduleFile(
      t,
      `export function fetch(request: Request): Response { return new Response('typed') }`,
      'handler.ts',
    );
    if ((process.features as { typescript?: unknown }).typescript) {
      const { port } = await serving(t, path);
      assert.match(await get(t, port, '/'), /typed/);
    } else {
      assert.deepEqual(await netfd(t, 'serve', path), {
        status: 1,
        stdout: '',
        stderr: `netfd serve: ${path}: this runtime does not run TypeScript\n`,
      });
    }
  });
});

suite('what is no handler is told in one line, with status 1', () => {
  const faults: Readonly<Record<string, readonly [text: string, reason: string]>> = {
    'no export': [
      'export const x = 1;',
      'must export default { fetch }, default function (w, r) or function fetch',
    ],
    'a default that is none': [
      'export default 7;',
      'must export default { fetch }, default function (w, r) or function fetch',
    ],
    'a module that throws': ['throw new Error("two\\nlines")', 'two lines'],
  };
  for (const [name, [text, reason]] of Object.entries(faults)) {
    test(name, async (t) => {
      const path = moduleFile(t, text);
      assert.deepEqual(await netfd(t, 'serve', path), {
        status: 1,
        stdout: '',
        stderr: `netfd serve: ${path}: ${reason}\n`,
      });
    });
  }

  test('a module that does not parse', async (t) => {
    const path = moduleFile(t, 'let x = ;');
    const { status, stderr } = await netfd(t, 'serve', path);
    assert.equal(status, 1);
    assert.equal(stderr.split('\n').length, 2);
    assert.ok(stderr.startsWith(`netfd serve: ${path}: Unexpected token`));
    assert.ok(stderr.endsWith(` ("node ${path}" shows where)\n`));
  });

  test('a module that is not found from it', async (t) => {
    const { status, stderr } = await netfd(t, 'serve', moduleFile(t, `import './none.mjs'`));
    assert.equal(status, 1);
    assert.match(stderr, /^netfd serve: .*Cannot find module .*none\.mjs.*\n$/);
  });

  test('no file', async (t) => {
    assert.deepEqual(await netfd(t, 'serve', '/none.mjs'), {
      status: 1,
      stdout: '',
      stderr: 'netfd serve: /none.mjs: no such file or directory\n',
    });
  });

  test('a file of another kind', async (t) => {
    const path = moduleFile(t, '', 'notes.txt');
    assert.deepEqual(await netfd(t, 'serve', path), {
      status: 1,
      stdout: '',
      stderr: `netfd serve: ${path}: neither a directory nor a .js, .mjs or .ts file\n`,
    });
  });
});
