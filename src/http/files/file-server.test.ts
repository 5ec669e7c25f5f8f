/** The file server over files in memory: what is found, what is refused, and what is said of it. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FakeRequest, FakeResponse } from '../../../test/http/fake-exchange.ts';
import { httpDate } from '../message/date.ts';
import { fileServer } from './file-server.ts';
import type { FileSystem, OpenFile } from './file-system.ts';

const MODIFIED = Date.UTC(2026, 0, 2, 3, 4, 5) + 678;

/** Text by path; a path that ends in a slash is a directory. Counts what is open, and notes the paths. */
class MemoryFiles implements FileSystem {
  opened = 0;
  readonly paths: string[] = [];
  readonly #texts: Readonly<Record<string, string>>;
  /** Files that end after this many bytes, although they were longer when they were opened. */
  shrinkTo = Number.POSITIVE_INFINITY;
  mtimeMs = MODIFIED;

  constructor(texts: Readonly<Record<string, string>>) {
    this.#texts = texts;
  }

  open(path: string): Promise<OpenFile | null> {
    this.paths.push(path);
    if (path === 'secret') return Promise.reject(withCode('EACCES'));
    if (path === 'broken') return Promise.reject(withCode('EIO'));
    const text = this.#texts[path];
    if (text === undefined && path !== '' && this.#texts[`${path}/`] === undefined) {
      return Promise.resolve(null);
    }
    this.opened++;
    return Promise.resolve(this.#file(path, text));
  }

  #file(path: string, text: string | undefined): OpenFile {
    const bytes = new TextEncoder().encode(text ?? '');
    const end = Math.min(this.shrinkTo, bytes.length);
    const { mtimeMs } = this;
    return {
      isDirectory: text === undefined,
      size: bytes.length,
      mtimeMs,
      read: (buf, offset) => {
        const part = bytes.subarray(Math.min(offset, end), Math.min(offset + buf.length, end));
        buf.set(part);
        return Promise.resolve(part.length);
      },
      entries: (limit) => {
        const prefix = path === '' ? '' : `${path}/`;
        const names = Object.keys(this.#texts).filter((name) => name.startsWith(prefix));
        const below = names.map((name) => name.slice(prefix.length)).filter((name) => name !== '');
        const direct = below.filter((name) => !name.slice(0, -1).includes('/'));
        const entries = direct.map((name) => ({
          name: name.replace(/\/$/, ''),
          isDirectory: name.endsWith('/'),
          size: (this.#texts[prefix + name] as string).length,
          mtimeMs,
        }));
        return Promise.resolve(entries.slice(0, limit));
      },
      close: () => {
        this.opened--;
        return Promise.resolve();
      },
    };
  }
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const files = new MemoryFiles({
  'index.html': '<p>home</p>',
  'a.txt': 'hello',
  'empty.txt': '',
  README: '<html><script>alert(1)</script>',
  'data.weird': 'GIF89a....',
  'list/': '',
  'list/b.txt': 'b',
  'list/a&b.txt': 'ab',
  'list/sub/': '',
  'with/': '',
  'with/index.html': '<p>index</p>',
  'ü.css': 'p {}',
});

async function ask(
  method: string,
  target: string,
  fields: Readonly<Record<string, string>> = {},
  from: MemoryFiles = files,
): Promise<FakeResponse> {
  const w = new FakeResponse();
  const r = new FakeRequest(method, target);
  for (const [name, value] of Object.entries(fields)) r.header.set(name, value);
  await fileServer(from).serveHTTP(w, r);
  assert.equal(from.opened, 0, 'all that was opened is closed');
  return w;
}

suite('a file', () => {
  test('its bytes, and what is known of them', async () => {
    const w = await ask('GET', '/a.txt');
    assert.equal(w.status, 200);
    assert.equal(w.body, 'hello');
    assert.deepEqual(
      [...w.sent],
      [
        ['Last-Modified', 'Fri, 02 Jan 2026 03:04:05 GMT'],
        ['Etag', '"6475ef6574bb0-5"'],
        ['X-Content-Type-Options', 'nosniff'],
        ['Accept-Ranges', 'bytes'],
        ['Content-Type', 'text/plain; charset=utf-8'],
        ['Content-Length', '5'],
      ],
    );
  });

  test('HEAD says the same and sends nothing', async () => {
    for (const target of ['/a.txt', '/data.weird', '/README', '/empty.txt']) {
      const get = await ask('GET', target);
      const head = await ask('HEAD', target);
      assert.deepEqual([...head.sent], [...get.sent]);
      assert.equal(head.status, 200);
      assert.equal(head.body, '');
    }
  });

  test('an empty one', async () => {
    const w = await ask('GET', '/empty.txt');
    assert.equal(w.sent.get('Content-Length'), '0');
    assert.equal(w.body, '');
  });

  test('a large one, in pieces', async () => {
    const text = 'x'.repeat(64 * 1024) + 'y'.repeat(64 * 1024) + 'z';
    const w = await ask('GET', '/large.txt', {}, new MemoryFiles({ 'large.txt': text }));
    assert.equal(w.body, text);
  });

  test('one that becomes shorter meanwhile ends early', async () => {
    const large = new MemoryFiles({ 'large.txt': 'x'.repeat(200_000) });
    large.shrinkTo = 100_000;
    const w = await ask('GET', '/large.txt', {}, large);
    assert.equal(w.sent.get('Content-Length'), '200000');
    assert.equal(w.body.length, 100_000);
  });

  test('a type from the first bytes', async () => {
    const readme = await ask('GET', '/README');
    assert.equal(readme.sent.get('Content-Type'), 'text/html; charset=utf-8');
    const weird = await ask('GET', '/data.weird');
    assert.equal(weird.sent.get('Content-Type'), 'image/gif');
  });

  test('a name past ASCII', async () => {
    const w = await ask('GET', '/%C3%BC.css');
    assert.equal(w.sent.get('Content-Type'), 'text/css; charset=utf-8');
    assert.equal(w.body, 'p {}');
  });

  test('the query is nothing to it', async () => {
    assert.equal((await ask('GET', '/a.txt?/../b')).body, 'hello');
  });
});

suite('not modified since', () => {
  const since = (ms: number): Record<string, string> => ({ 'If-Modified-Since': httpDate(ms) });

  test('the time it was modified', async () => {
    const w = await ask('GET', '/a.txt', since(MODIFIED));
    assert.equal(w.status, 304);
    assert.equal(w.body, '');
    // The entity tag says it.
    assert.deepEqual(
      [...w.sent.entries()].map(([name]) => name),
      ['Etag', 'X-Content-Type-Options'],
    );
  });

  test('a second before', async () => {
    assert.equal((await ask('GET', '/a.txt', since(MODIFIED - 1000))).status, 200);
  });

  test('also for HEAD, and for an index', async () => {
    assert.equal((await ask('HEAD', '/a.txt', since(MODIFIED))).status, 304);
    assert.equal((await ask('GET', '/with/', since(MODIFIED))).status, 304);
  });

  test('no date, or an entity tag: it is sent', async () => {
    assert.equal((await ask('GET', '/a.txt', { 'If-Modified-Since': 'yesterday' })).status, 200);
    const tagged = { ...since(MODIFIED), 'If-None-Match': '"x"' };
    assert.equal((await ask('GET', '/a.txt', tagged)).status, 200);
  });

  test('a time that HTTP cannot tell is not told', async () => {
    const odd = new MemoryFiles({ 'a.txt': 'a' });
    odd.mtimeMs = 1e17;
    const w = await ask('GET', '/a.txt', since(MODIFIED), odd);
    assert.equal(w.status, 200);
    assert.equal(w.sent.has('Last-Modified'), false);
  });
});

suite('a directory', () => {
  test('its index.html', async () => {
    assert.equal((await ask('GET', '/')).body, '<p>home</p>');
    assert.equal((await ask('GET', '/with/')).sent.get('Content-Type'), 'text/html; charset=utf-8');
  });

  test('without one a listing, directories first', async () => {
    const w = await ask('GET', '/list/');
    const links = [...w.body.matchAll(/href="([^"]*)"/g)].map(([, link]) => link);
    assert.deepEqual(links, ['../', './sub/', './a%26b.txt', './b.txt']);
    assert.match(w.body, />a&amp;b\.txt</);
    assert.equal(w.sent.get('Content-Length'), String(w.body.length));
    assert.match(w.sent.get('Content-Security-Policy') ?? '', /default-src 'none'/);
  });

  test('without its slash: to the one with it, relative, with the query', async () => {
    const w = await ask('GET', '/list?a=1');
    assert.equal(w.status, 301);
    assert.equal(w.sent.get('Location'), './list/?a=1');
  });

  test('never to another host', async () => {
    const evil = new MemoryFiles({ 'evil.example/': '', 'a:b/': '' });
    const twice = await ask('GET', '//evil.example', {}, evil);
    assert.equal(twice.sent.get('Location'), './evil.example/');
    const scheme = await ask('GET', '/a:b', {}, evil);
    assert.equal(scheme.sent.get('Location'), './a%3Ab/');
  });

  test('a listing has a bound, and says so', async () => {
    const many = Object.fromEntries(Array.from({ length: 5001 }, (_, i) => [`f${i}`, '']));
    const w = await ask('GET', '/', {}, new MemoryFiles(many));
    assert.equal(w.body.match(/<tr>/g)?.length, 5000);
    assert.match(w.body, /Only 5000 entries are shown/);
  });
});

suite('refused', () => {
  const absent = ['/none.txt', '/a.txt/b', '/list/none/'];
  for (const target of absent) {
    test(`404 ${target}`, async () => {
      const w = await ask('GET', target);
      assert.equal(w.status, 404);
      assert.equal(w.body, '404 page not found\n');
    });
  }

  const never = [
    '/..',
    '/../a.txt',
    '/list/../a.txt',
    '/./a.txt',
    '/%2e%2e/a.txt',
    '/%2E%2e%2fa.txt',
    '/list/%2e%2e%2f%2e%2e%2fetc/passwd',
    '/.git/config',
    '/%2egit/config',
    '/.htaccess',
    '/a.txt%00.html',
    '/list%2fb.txt',
    '/...',
  ];
  for (const target of never) {
    test(`404 without a look ${target}`, async () => {
      const before = files.paths.length;
      assert.equal((await ask('GET', target)).status, 404);
      assert.equal(files.paths.length, before);
    });
  }

  test('a backslash and a broken escape are parts of a name', async () => {
    assert.equal((await ask('GET', '/..%5ca.txt')).status, 404);
    assert.equal((await ask('GET', '/a%5C..%5Cb')).status, 404);
    assert.equal(files.paths.at(-1), 'a\\..\\b');
    assert.equal((await ask('GET', '/a%zz')).status, 404);
    assert.equal(files.paths.at(-1), 'a%zz');
  });

  test('other methods', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'get']) {
      const w = await ask(method, '/a.txt');
      assert.equal(w.status, 405);
      assert.equal(w.sent.get('Allow'), 'GET, HEAD');
    }
  });

  test('what may not be read', async () => {
    assert.equal((await ask('GET', '/secret')).status, 403);
  });

  test('what fails otherwise fails the handler', async () => {
    await assert.rejects(ask('GET', '/broken'), { code: 'EIO' });
  });
});

test('a client that has gone ends the transfer without an error', async () => {
  class GoneResponse extends FakeResponse {
    override async write(data: Uint8Array): Promise<number> {
      if (this.body.length > 0) throw new Error('write tcp: broken pipe');
      return super.write(data);
    }
  }
  const w = new GoneResponse();
  const large = new MemoryFiles({ 'large.txt': 'x'.repeat(200_000) });
  await fileServer(large).serveHTTP(w, new FakeRequest('GET', '/large.txt'));
  assert.equal(w.body.length, 65_536);
  assert.equal(large.opened, 0);
});

test('what gives no files is refused at once', () => {
  for (const files of [null, undefined, {}, Promise.resolve(new MemoryFiles({}))]) {
    assert.throws(() => fileServer(files as unknown as FileSystem), {
      name: 'TypeError',
      message: /^fileServer: files must have a method open/,
    });
  }
});
