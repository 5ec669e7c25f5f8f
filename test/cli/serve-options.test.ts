/** netfd serve with its options: worker threads, https, a log, unix sockets that are only a path. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { localhost, noOpenSSL } from '../node/secure-server.ts';
import { netfd, Program, type Serving, serving, temporaryFolder } from './program.ts';
import { ask, bodyOf, get, RawClient, statusOf } from './raw-client.ts';

const HELLO = 'GET /hello HTTP/1.1\r\nHost: x\r\n\r\n';

suite('--workers', () => {
  function servingByTwo(t: TestContext, ...argv: string[]): Promise<Serving> {
    return serving(t, '--workers', '2', ...argv);
  }

  test('says how many there are, in one line, and they serve', async (t) => {
    const { program, port } = await servingByTwo(t);
    assert.equal(
      program.stdout,
      `netfd serving http://127.0.0.1:${port}/ (pid ${program.pid}, 2 workers)\n`,
    );
    for (let i = 0; i < 20; i++) {
      assert.equal(bodyOf(await get(t, port, '/hello')), 'Hello, world!');
    }
    // The main thread, the workers, and what the engine has besides.
    assert.ok(readdirSync(`/proc/${program.pid}/task`).length > 3);
    program.child.kill('SIGTERM');
    assert.equal((await program.ended()).status, 0);
    assert.equal(program.stderr, '');
  });

  test('a directory, a handler file', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'a.txt'), 'a file');
    const files = await servingByTwo(t, folder);
    assert.equal(bodyOf(await get(t, files.port, '/a.txt')), 'a file');
    const module = join(folder, 'handler.mjs');
    writeFileSync(module, `export default (w, r) => void w.write('by ' + r.path)`);
    const { port } = await servingByTwo(t, module);
    assert.match(await get(t, port, '/it'), /by \/it$/);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} completes the reply that was begun, and then exits 0`, async (t) => {
      const { program, client } = await unfinished(t);
      program.child.kill(signal);
      await program.prints('stderr', /waiting for a connection; another signal/);
      client.send('67890');
      assert.match(await client.rest(), /1234567890/);
      assert.equal((await program.ended()).status, 0);
    });
  }

  test('a second signal closes at once, with its status', async (t) => {
    const { program, client } = await unfinished(t);
    program.child.kill('SIGTERM');
    await program.prints('stderr', /another signal/);
    program.child.kill('SIGTERM');
    assert.equal((await program.ended()).status, 143);
    assert.doesNotMatch(await client.rest(), /1234567890/);
  });

  test('--grace ends it at last', async (t) => {
    const { program } = await unfinished(t, '--grace', '0.2', '--lame-duck', '0');
    program.child.kill('SIGTERM');
    assert.equal((await program.ended()).status, 0);
  });

  /** A request whose body is not complete, at a server that answers with it. */
  async function unfinished(
    t: TestContext,
    ...argv: string[]
  ): Promise<{ program: Program; client: RawClient }> {
    const file = join(temporaryFolder(t), 'slow.mjs');
    writeFileSync(
      file,
      `export default async (w, r) => { await w.flush(); await w.write(await r.body.text()) }`,
    );
    const { program, port } = await servingByTwo(t, ...argv, file);
    const client = await RawClient.connect(t, port);
    client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345');
    await client.until(/\r\n\r\n/);
    return { program, client };
  }

  test('what keeps them from listening is told in one line, with status 1', async (t) => {
    const holder = createServer().listen(0, '127.0.0.1');
    t.after(() => holder.close());
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    const addr = `127.0.0.1:${port}`;
    assert.deepEqual(await netfd(t, 'serve', '--workers', '2', '--addr', addr), {
      status: 1,
      stdout: '',
      stderr: `listen tcp ${addr}: bind: address already in use\n`,
    });
    assert.deepEqual(await netfd(t, 'serve', '--workers', '2', '/none/x'), {
      status: 1,
      stdout: '',
      stderr: 'netfd serve: /none/x: no such file or directory\n',
    });
  });
});

suite('--log', () => {
  for (const workers of [[], ['--workers', '2']]) {
    test(`json, ${workers.length === 0 ? 'alone' : 'by workers'}`, async (t) => {
      const { program, port } = await serving(t, '--log', 'json', ...workers);
      await get(t, port, '/hello');
      await ask(t, port, 'what is this\r\n\r\n');
      await program.prints('stdout', /"unhandled":true.*\n/);
      await program.prints('stdout', /"status":200.*\n/);
      const lines = program.stdout.trim().split('\n').slice(1);
      const said = lines.map((line) => {
        const { status, target, line: first } = JSON.parse(line) as Record<string, unknown>;
        return [status, target ?? first];
      });
      assert.deepEqual(
        said.sort((a, b) => Number(a[0]) - Number(b[0])),
        [
          [200, '/hello'],
          [400, 'what is this'],
        ],
      );
    });
  }

  test('common', async (t) => {
    const { program, port } = await serving(t, '--log', 'common');
    await get(t, port, '/hello');
    await program.prints('stdout', /\n127\.0\.0\.1 - - \[.*\] "GET \/hello HTTP\/1\.1" 200 13\n/);
  });
});

suite('unix sockets', () => {
  for (const [name, prefix] of [
    ['a path alone', ''],
    ['with unix: before it', 'unix:'],
  ] as const) {
    test(name, async (t) => {
      const path = join(temporaryFolder(t), 'http.sock');
      const program = new Program(t, ['serve', '--addr', `${prefix}${path}`]);
      await program.prints('stdout', /\n/);
      assert.equal(program.stdout, `netfd serving unix ${path} (pid ${program.pid})\n`);
      const client = await RawClient.connect(t, { path });
      client.send(HELLO);
      await client.until(/world!/);
      program.child.kill('SIGINT');
      assert.equal((await program.ended()).status, 0);
      assert.equal(existsSync(path), false);
    });
  }
});

suite('--tls-cert, --tls-key', { skip: noOpenSSL }, () => {
  /** The paths of a certificate for localhost, and of its key. */
  function files(t: TestContext): string[] {
    const folder = temporaryFolder(t);
    const { cert, key } = localhost();
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key);
    return ['--tls-cert', join(folder, 'cert.pem'), '--tls-key', join(folder, 'key.pem')];
  }

  for (const workers of [[], ['--workers', '2']]) {
    test(`https, ${workers.length === 0 ? 'alone' : 'by workers'}`, async (t) => {
      if (!existsSync('/usr/bin/curl')) return t.skip('there is no curl here');
      const argv = ['serve', '--addr', '127.0.0.1:0', ...files(t), ...workers];
      const program = new Program(t, argv);
      const [, port] = await program.prints('stdout', /^netfd serving https:\/\/127\S*:(\d+)\//);
      const url = `https://127.0.0.1:${port}/hello`;
      assert.equal(
        execFileSync('curl', ['-sSk', '--max-time', '20', url], { encoding: 'utf8' }),
        'Hello, world!',
      );
      program.child.kill('SIGTERM');
      assert.equal((await program.ended()).status, 0);
      return undefined;
    });
  }

  test('a certificate that is not there is told in one line', async (t) => {
    const [, cert, ...rest] = files(t);
    for (const path of [`${cert}x`, '/']) {
      const { status, stdout, stderr } = await netfd(t, 'serve', '--tls-cert', path, ...rest);
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(stderr, /^netfd serve: .*\n$/);
      assert.equal(stderr.trim().split('\n').length, 1);
    }
  });
});

test('a request that cannot be read is answered', async (t) => {
  const { port } = await serving(t);
  assert.equal(statusOf(await ask(t, port, 'x\r\n\r\n')), 400);
});
