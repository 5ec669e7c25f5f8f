/**
 * Files over real connections: what a client gets whole, slowly, in parts, or not to the end; that nobody else
 * waits meanwhile; and that no descriptor stays open. Over pipes the bytes go through the program, as they do
 * where a connection has no sendfile.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileServer, type FileSystem, nodeFiles, openFile, serveContent } from '../../src/http.ts';
import type { HandlerFunc } from '../../src/http/handler.ts';
import { WrappedResponse } from '../../src/http/around/wrapped-response.ts';
import { FakeResponse } from './fake-exchange.ts';
import { deferred, run, type Transport, turnsUntil } from './raw-client.ts';

const timeout = 60_000;
const LARGE = 12 * 1024 * 1024;

let base: string;
let files: FileSystem;
let large: string;

before(async () => {
  base = mkdtempSync(join(tmpdir(), 'netfd-files-'));
  large = join(base, 'large.bin');
  writeFileSync(large, randomBytes(LARGE));
  writeFileSync(join(base, 'middle.bin'), randomBytes(100_000));
  writeFileSync(join(base, 'small.txt'), 'small');
  files = await nodeFiles(base);
});

after(() => rmSync(base, { recursive: true }));

/** The files below the folder that this process has open. */
function open(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(base) ? [path] : [];
    } catch {
      return [];
    }
  });
}

function get(path: string, ...fields: readonly string[]): string {
  return `${['GET', path, 'HTTP/1.1\r\nHost: x\r\n'].join(' ')}${fields.join('')}\r\n`;
}

const CLOSE = 'Connection: close\r\n';

function bodyOf(reply: string): string {
  return reply.slice(reply.indexOf('\r\n\r\n') + 4);
}

function hash(bytes: string | Uint8Array): string {
  const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
  return createHash('sha1').update(data).digest('hex');
}

for (const transport of ['tcp', 'unix', 'pipe'] as const satisfies readonly Transport[]) {
  suite(`over ${transport}`, { timeout }, () => {
    test('whole files, one after the other and pipelined', async () => {
      await using running = await run(transport, fileServer(files));
      await using client = await running.dial();
      const names = ['small.txt', 'large.bin', 'middle.bin', 'small.txt', 'middle.bin'];
      await client.send(names.map((name) => get(`/${name}`)).join('') + get('/small.txt', CLOSE));
      const reply = await client.rest();
      let at = 0;
      for (const name of [...names, 'small.txt']) {
        const expected = readFileSync(join(base, name));
        const start = reply.indexOf('\r\n\r\n', at) + 4;
        const length = Number(/Content-Length: (\d+)/.exec(reply.slice(at, start))?.[1]);
        assert.equal(length, expected.length, name);
        at = start + length;
        assert.equal(hash(reply.slice(start, at)), hash(expected), name);
      }
      assert.equal(at, reply.length);
      assert.deepEqual(open(), []);
    });

    test('parts of one', async () => {
      await using running = await run(transport, fileServer(files));
      const bytes = readFileSync(large);
      for (const [range, start, end] of [
        ['bytes=5000000-5000009', 5_000_000, 5_000_010],
        ['bytes=1000-9999999', 1000, 10_000_000],
        ['bytes=-70000', LARGE - 70_000, LARGE],
      ] as const) {
        await using client = await running.dial();
        await client.send(get('/large.bin', `Range: ${range}\r\n`, CLOSE));
        assert.equal(hash(bodyOf(await client.rest())), hash(bytes.subarray(start, end)), range);
      }
      await using client = await running.dial();
      await client.send(get('/large.bin', 'Range: bytes=0-99999,5000000-8000000\r\n', CLOSE));
      const reply = await client.rest();
      const body = bodyOf(reply);
      assert.equal(body.length, Number(/Content-Length: (\d+)/.exec(reply)?.[1]));
      const first = body.indexOf('\r\n\r\n') + 4;
      assert.equal(hash(body.slice(first, first + 100_000)), hash(bytes.subarray(0, 100_000)));
      const second = body.indexOf('\r\n\r\n', first + 100_000) + 4;
      const part = body.slice(second, second + 3_000_001);
      assert.equal(hash(part), hash(bytes.subarray(5_000_000, 8_000_001)));
      assert.deepEqual(open(), []);
    });

    test('a client that does not read keeps nobody waiting, and gets all of it later', async () => {
      await using running = await run(transport, fileServer(files));
      const slow = await running.connect();
      await slow.write(get('/large.bin', CLOSE));
      await turnsUntil(() => open().length === 1);
      await using other = await running.dial();
      await other.send(get('/middle.bin', CLOSE));
      assert.equal(bodyOf(await other.rest()).length, 100_000);
      assert.equal(open().length, 1);
      const digest = createHash('sha1');
      const chunks: Uint8Array[] = [];
      for await (const chunk of slow) chunks.push(chunk);
      const reply = Buffer.concat(chunks);
      digest.update(reply.subarray(reply.indexOf('\r\n\r\n') + 4));
      assert.equal(digest.digest('hex'), hash(readFileSync(large)));
      slow.close();
      await turnsUntil(() => open().length === 0);
    });

    test('a client that goes away closes the file', async () => {
      await using running = await run(transport, fileServer(files));
      const conn = await running.connect();
      await conn.write(get('/large.bin'));
      await turnsUntil(() => open().length === 1);
      conn.close();
      await turnsUntil(() => open().length === 0 && running.connections().size === 0);
      assert.deepEqual(running.log, []);
    });

    test('a server that is closed closes the file', async () => {
      const running = await run(transport, fileServer(files));
      const conn = await running.connect();
      await conn.write(get('/large.bin'));
      await turnsUntil(() => open().length === 1);
      await running[Symbol.asyncDispose]();
      await turnsUntil(() => open().length === 0);
      conn.close();
    });

    test('one that becomes shorter ends the connection, and is told of', async () => {
      const path = join(base, 'shrinks.bin');
      writeFileSync(path, randomBytes(LARGE));
      await using running = await run(transport, fileServer(files));
      const conn = await running.connect();
      await conn.write(get('/shrinks.bin') + get('/small.txt'));
      await turnsUntil(() => open().length === 1);
      truncateSync(path, 1000);
      let length = 0;
      for await (const chunk of conn) length += chunk.length;
      assert.ok(length < LARGE, 'not all of it, and nothing after it');
      conn.close();
      assert.match(running.log.join('\n'), /a file has become shorter while it was sent/);
      assert.deepEqual(open(), []);
      rmSync(path);
    });

    test('one that becomes longer is sent as long as was said', async () => {
      const path = join(base, 'grows.bin');
      writeFileSync(path, randomBytes(LARGE));
      await using running = await run(transport, fileServer(files));
      const conn = await running.connect();
      await conn.write(get('/grows.bin', CLOSE));
      await turnsUntil(() => open().length === 1);
      appendFileSync(path, randomBytes(100_000));
      const chunks: Uint8Array[] = [];
      for await (const chunk of conn) chunks.push(chunk);
      const reply = Buffer.concat(chunks);
      assert.equal(reply.length - reply.indexOf('\r\n\r\n') - 4, LARGE);
      conn.close();
      rmSync(path);
    });
  });
}

suite('sendFile', { timeout }, () => {
  async function reply(handler: HandlerFunc, request = get('/', CLOSE)): Promise<string> {
    await using running = await run('tcp', handler);
    await using client = await running.dial();
    await client.send(request);
    return await client.rest();
  }

  test('without a length in chunks, between other writes', async () => {
    const text = await reply(async (w) => {
      using file = openFile(join(base, 'middle.bin'));
      await w.write('before');
      assert.equal(await w.sendFile!(file, 0, 20_000), 20_000);
      void w.sendFile!(file, 5, 3);
      await w.write('after');
    });
    const bytes = readFileSync(join(base, 'middle.bin')).toString('latin1');
    const chunks = `6\r\nbefore\r\n4e20\r\n${bytes.slice(0, 20_000)}\r\n3\r\n${bytes.slice(5, 8)}\r\n`;
    assert.equal(hash(bodyOf(text)), hash(`${chunks}5\r\nafter\r\n0\r\n\r\n`));
    assert.deepEqual(open(), []);
  });

  test('HEAD sends nothing of it', async () => {
    const text = await reply(
      (w) => {
        using file = openFile(join(base, 'middle.bin'));
        w.header().set('Content-Length', file.size);
        void w.sendFile!(file, 0, file.size);
      },
      get('/', CLOSE).replace('GET', 'HEAD'),
    );
    assert.match(text, /Content-Length: 100000/);
    assert.equal(bodyOf(text), '');
  });

  test('more than was said is refused, and so is what is no part of a file', async () => {
    const seen: unknown[] = [];
    await reply(async (w) => {
      using file = openFile(join(base, 'small.txt'));
      w.header().set('Content-Length', 3);
      for (const args of [
        [file, 0, 5],
        [file, -1, 2],
        [file, 0, 0.5],
        [{ fd: 1 }, 0, 1],
        [null, 0, 1],
      ] as unknown as [typeof file, number, number][]) {
        await w.sendFile!(...args).catch((error: Error) => seen.push(error.message));
      }
      await w.sendFile!(file, 0, 3);
    });
    assert.deepEqual(seen, [
      'http: wrote more than the declared Content-Length',
      'sendFile: offset must be an integer from 0 to 2^53 - 1',
      'sendFile: length must be an integer from 0 to 2^53 - 1',
      'sendFile: file must be a regular file of openFile or nodeFiles',
      'sendFile: file must be a regular file of openFile or nodeFiles',
    ]);
  });

  test('a small one that became shorter is an error before anything is sent of it', async () => {
    const path = join(base, 'shorter.txt');
    writeFileSync(path, 'x'.repeat(1000));
    const failure = deferred<Error>();
    const text = await reply(async (w) => {
      using file = openFile(path);
      truncateSync(path, 10);
      w.header().set('Content-Length', 1000);
      await w.sendFile!(file, 0, 1000).catch(failure.resolve);
    });
    assert.equal(text, '');
    assert.equal(((await failure.promise) as { code?: string }).code, 'ERR_HTTP_FILE_SHORT');
    rmSync(path);
  });

  test('hijacking has to wait for it', async () => {
    const told = deferred<string>();
    await using running = await run('tcp', (w) => {
      using file = openFile(large);
      w.header().set('Content-Length', LARGE);
      void w.sendFile!(file, 0, LARGE);
      try {
        w.hijack();
      } catch (error) {
        told.resolve((error as Error).message);
      }
    });
    const conn = await running.connect();
    await conn.write(get('/', CLOSE));
    assert.match(await told.promise, /^hijack: a file is being sent/);
    conn.close();
    await turnsUntil(() => open().length === 0);
  });

  test('openFile says what is wrong', () => {
    assert.throws(() => openFile(join(base, 'none')), { code: 'ENOENT', syscall: 'openat' });
    assert.throws(() => openFile(base), { code: 'EISDIR', path: base });
    assert.throws(() => openFile('/dev/null'), { code: 'ENXIO' });
    assert.throws(() => openFile(1 as unknown as string), {
      name: 'TypeError',
      message: 'openFile: path must be a string',
    });
    assert.deepEqual(open(), []);
  });

  test('serveContent of an open file', async () => {
    const text = await reply(
      (w, r) => {
        using file = openFile(join(base, 'middle.bin'));
        return serveContent(w, r, 'm.png', file.mtimeMs, file);
      },
      get('/', 'Range: bytes=50000-\r\n', CLOSE),
    );
    assert.match(text, /^HTTP\/1\.1 206 /);
    assert.match(text, /Content-Type: image\/png/);
    assert.equal(hash(bodyOf(text)), hash(readFileSync(join(base, 'middle.bin')).subarray(50_000)));
  });
});

suite('a writer in front of another', () => {
  test('passes files on, unless it has to see what is written', async () => {
    class Quiet extends WrappedResponse {}
    class Louder extends WrappedResponse {
      override write(data: Uint8Array | string): Promise<number> {
        return super.write(String(data).toUpperCase());
      }
    }
    const inner = new FakeResponse();
    assert.equal(new Quiet(inner).sendFile, undefined, 'the other one has it not');
    let through = '';
    await using running = await run('tcp', (w, r) => {
      assert.equal(new Louder(w).sendFile, undefined);
      const quiet = new Quiet(w);
      through = typeof quiet.sendFile;
      return fileServer(files).serveHTTP(quiet, r);
    });
    await using client = await running.dial();
    await client.send(get('/middle.bin', CLOSE));
    assert.equal(hash(bodyOf(await client.rest())), hash(readFileSync(join(base, 'middle.bin'))));
    assert.equal(through, 'function');
  });
});
