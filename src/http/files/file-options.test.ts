/** What the options of a file server do, over files in memory. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FakeRequest, FakeResponse } from '../../../test/http/fake-exchange.ts';
import type { FileServerOptions } from './file-options.ts';
import { fileServer, serveFile } from './file-server.ts';
import type { FileSystem, OpenFile } from './file-system.ts';

const TEXTS: Readonly<Record<string, string>> = {
  'index.html': 'home',
  'app.js': 'code',
  'app.js.br': 'brotli',
  'app.js.gz': 'gzipped',
  'plain.txt': 'plain',
  '404.html': 'lost',
  'docs/default.htm': 'default',
  'docs/README': 'read me',
  '.well-known/security.txt': 'secure',
  '.env': 'secret',
  '.well-known/.env': 'secret',
};

/** What is there at once, and, with `slow`, what takes its time. */
class Files implements FileSystem {
  opened = 0;
  readonly #slow: boolean;

  constructor(slow: boolean) {
    this.#slow = slow;
  }

  open(path: string): OpenFile | null | Promise<OpenFile | null> {
    const file = this.#open(path);
    return this.#slow ? Promise.resolve(file) : file;
  }

  #open(path: string): OpenFile | null {
    const text = TEXTS[path];
    const isDirectory =
      path === '' || Object.keys(TEXTS).some((name) => name.startsWith(`${path}/`));
    if (text === undefined && !isDirectory) return null;
    this.opened++;
    const bytes = Buffer.from(text ?? '');
    return {
      isDirectory: text === undefined,
      size: bytes.length,
      mtimeMs: 1_700_000_000_000,
      read: (buf, offset) => {
        const count = bytes.copy(buf, 0, offset);
        return this.#slow ? Promise.resolve(count) : count;
      },
      entries: () => [],
      close: () => {
        this.opened--;
        return this.#slow ? Promise.resolve() : undefined;
      },
    };
  }
}

for (const slow of [false, true]) {
  suite(slow ? 'files that take their time' : 'files that are there at once', () => {
    async function ask(
      target: string,
      options: FileServerOptions,
      fields: Readonly<Record<string, string>> = {},
      method = 'GET',
    ): Promise<FakeResponse> {
      const files = new Files(slow);
      const w = new FakeResponse();
      const r = new FakeRequest(method, target);
      for (const [name, value] of Object.entries(fields)) r.header.set(name, value);
      await fileServer(files, options).serveHTTP(w, r);
      assert.equal(files.opened, 0, 'all that was opened is closed');
      return w;
    }

    test('index', async () => {
      assert.equal((await ask('/', {})).body, 'home');
      assert.match((await ask('/', { index: false })).body, /^<!doctype html>/);
      const index = ['index.html', 'default.htm'];
      assert.equal((await ask('/docs/', { index })).body, 'default');
      const moved = await ask('/docs/default.htm?a', { index });
      assert.deepEqual([moved.status, moved.sent.get('Location')], [301, './?a']);
      assert.equal((await ask('/index.html', { index: false })).body, 'home');
    });

    test('listings', async () => {
      assert.equal((await ask('/docs/', {})).status, 200);
      assert.equal((await ask('/docs/', { listings: false })).status, 404);
      assert.equal((await ask('/', { listings: false })).body, 'home');
    });

    test('dotFiles', async () => {
      const target = '/.well-known/security.txt';
      assert.equal((await ask(target, {})).status, 404);
      assert.equal((await ask(target, { dotFiles: ['.well-known'] })).body, 'secure');
      assert.equal((await ask('/.env', { dotFiles: ['.well-known'] })).status, 404);
      assert.equal((await ask('/.well-known/.env', { dotFiles: ['.well-known'] })).status, 404);
      assert.equal((await ask('/.env', { dotFiles: true })).body, 'secret');
      for (const path of ['/..', '/.', '/%2e%2e/x', '/docs/../.env']) {
        assert.equal((await ask(path, { dotFiles: true })).status, 404, path);
      }
    });

    test('etag', async () => {
      assert.equal((await ask('/plain.txt', { etag: false })).sent.has('ETag'), false);
      const own = { etag: (file: OpenFile, path: string) => `W/"${path}:${file.size}"` };
      const tag = 'W/"plain.txt:5"';
      assert.equal((await ask('/plain.txt', own)).sent.get('ETag'), tag);
      assert.equal((await ask('/plain.txt', own, { 'If-None-Match': tag })).status, 304);
      assert.equal((await ask('/plain.txt', { etag: () => null })).sent.has('ETag'), false);
      const bad = { etag: () => 'without quotes' };
      await assert.rejects(ask('/plain.txt', bad), /^TypeError: fileServer: option etag must give/);
    });

    test('cacheControl', async () => {
      const always = await ask('/plain.txt', { cacheControl: 'max-age=60' });
      assert.equal(always.sent.get('Cache-Control'), 'max-age=60');
      const cacheControl = (path: string): string | null =>
        path.endsWith('.js') ? 'immutable' : null;
      assert.equal((await ask('/app.js', { cacheControl })).sent.get('Cache-Control'), 'immutable');
      assert.equal((await ask('/plain.txt', { cacheControl })).sent.has('Cache-Control'), false);
      const range = { Range: 'bytes=9-' };
      const refused = await ask('/plain.txt', { cacheControl: 'immutable' }, range);
      assert.deepEqual([refused.status, refused.sent.has('Cache-Control')], [416, false]);
    });

    test('types', async () => {
      const types = { JS: 'text/plain; charset=latin1', md: 'text/x-md' };
      const js = await ask('/app.js', { types });
      assert.equal(js.sent.get('Content-Type'), 'text/plain; charset=latin1');
      assert.equal(
        (await ask('/docs/README', { types })).sent.get('Content-Type'),
        'text/plain; charset=utf-8',
      );
    });

    test('precompressed', async () => {
      const both = { 'Accept-Encoding': 'gzip, br' };
      const br = await ask('/app.js', { precompressed: true }, both);
      assert.equal(br.body, 'brotli');
      assert.equal(br.sent.get('Content-Encoding'), 'br');
      assert.equal(br.sent.get('Content-Type'), 'text/javascript; charset=utf-8');
      assert.equal(br.sent.get('Vary'), 'Accept-Encoding');
      assert.equal(br.sent.get('Content-Length'), '6');
      const gzip = await ask('/app.js', { precompressed: ['gzip'] }, both);
      assert.equal(gzip.body, 'gzipped');
      const none = await ask('/app.js', { precompressed: true });
      assert.deepEqual([none.body, none.sent.get('Vary')], ['code', 'Accept-Encoding']);
      assert.notEqual(none.sent.get('ETag'), br.sent.get('ETag'));
      const absent = await ask('/plain.txt', { precompressed: true }, both);
      assert.deepEqual([absent.body, absent.sent.has('Content-Encoding')], ['plain', false]);
      const tag = { ...both, 'If-None-Match': br.sent.get('ETag')! };
      const same = await ask('/app.js', { precompressed: true }, tag);
      assert.deepEqual([same.status, same.sent.get('Vary')], [304, 'Accept-Encoding']);
      const part = await ask('/app.js', { precompressed: true }, { ...both, Range: 'bytes=0-1' });
      assert.deepEqual([part.status, part.body], [206, 'br']);
    });

    test('fallback', async () => {
      const options = { fallback: 'index.html' };
      const route = await ask('/users/5', options);
      assert.deepEqual([route.status, route.body], [200, 'home']);
      assert.equal((await ask('/users/', options)).body, 'home');
      assert.equal((await ask('/none.js', options)).status, 404);
      assert.equal((await ask('/.git/config', options)).status, 404);
      assert.equal((await ask('/users/5', { fallback: 'none.html' })).status, 404);
    });

    test('notFound', async () => {
      const page = await ask('/none', { notFound: '404.html' });
      assert.deepEqual([page.status, page.body], [404, 'lost']);
      assert.equal(page.sent.get('Content-Type'), 'text/html; charset=utf-8');
      assert.equal(page.sent.has('ETag'), false);
      const head = await ask('/none', { notFound: '404.html' }, {}, 'HEAD');
      assert.deepEqual([head.status, head.body, head.sent.get('Content-Length')], [404, '', '4']);
      const handler = await ask('/.env', { notFound: (w, r) => w.write(`no ${r.path}`) });
      assert.equal(handler.body, 'no /.env');
      assert.equal((await ask('/none', { notFound: 'none.html' })).body, '404 page not found\n');
    });

    test('serveFile', async () => {
      const files = new Files(slow);
      const serve = async (target: string, name: string): Promise<FakeResponse> => {
        const w = new FakeResponse();
        await serveFile(w, new FakeRequest('GET', target), files, name);
        assert.equal(files.opened, 0);
        return w;
      };
      assert.equal((await serve('/x', 'plain.txt')).body, 'plain');
      assert.equal((await serve('/x', '/docs/README')).body, 'read me');
      for (const name of ['../plain.txt', 'docs//README', 'none', '.', 'a\0']) {
        assert.equal((await serve('/x', name)).status, 404, name);
      }
      assert.equal((await serve('/x', 'docs')).sent.get('Location'), './x/');
      assert.throws(
        () => serveFile(new FakeResponse(), new FakeRequest('GET', '/'), files, 5 as never),
        {
          message: 'serveFile: name must be a string',
        },
      );
    });
  });
}

test('bad options are refused, by their names', () => {
  for (const [options, message] of [
    [null, 'fileServer: options must be an object'],
    [{ index: 5 }, /option index must be a file's name, a list of them, or false$/],
    [{ index: ['a/b'] }, /option index /],
    [{ listings: 'no' }, /option listings must be true or false$/],
    [{ dotFiles: ['a'] }, /option dotFiles must be true, false, or a list of names that begin/],
    [{ dotFiles: ['..'] }, /option dotFiles /],
    [{ etag: 'weak' }, /option etag must be true, false or a function$/],
    [{ cacheControl: 60 }, /option cacheControl must be a string or a function$/],
    [{ types: { md: 'markdown' } }, /option types must have media types by extension/],
    [{ types: { '.md': 'text/markdown' } }, /option types /],
    [{ types: 'text/html' }, /option types /],
    [
      { precompressed: ['deflate'] },
      /option precompressed must be true, false, or a list of br, zstd, gzip$/,
    ],
    [{ fallback: '../x' }, /option fallback must be a path without "\.\."/],
    [{ fallback: 5 }, /option fallback /],
    [{ notFound: '' }, /option notFound must be a path without "\.\.", or a handler$/],
    [{ notFound: {} }, /option notFound /],
  ] as const) {
    assert.throws(() => fileServer(new Files(false), options as never), {
      name: 'TypeError',
      message,
    });
  }
});
