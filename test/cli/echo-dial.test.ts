/** netfd echo and netfd dial, with each other and with node:net: every byte, both ends, bounded memory. */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { netfd, Program, programFile, temporaryFolder } from './program.ts';
import { RawClient } from './raw-client.ts';

interface Echo {
  readonly program: Program;
  readonly address: string;
}

/** Starts an echo; where it listens. */
async function echoing(t: TestContext, network: string, address: string): Promise<Echo> {
  const program = new Program(t, ['echo', network, address]);
  const [, at] = await program.prints('stdout', /^netfd echoing on \w+ (.*)\n/);
  return { program, address: at as string };
}

/** Starts a dial whose output is read by the test. */
function dialing(t: TestContext, network: string, address: string): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [programFile, 'dial', network, address]);
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** Sends `data` through a dial: what came back, what it complained of, and its exit status. */
async function through(
  t: TestContext,
  to: readonly [network: string, address: string],
  data: Uint8Array,
): Promise<{ output: Buffer; stderr: string; status: number | null }> {
  const child = dialing(t, ...to);
  const closed = once(child, 'close') as Promise<[number | null]>;
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  child.stdin.end(data);
  const output: Buffer[] = [];
  for await (const chunk of child.stdout) output.push(chunk as Buffer);
  const [status] = await closed;
  return { output: Buffer.concat(output), stderr, status };
}

/** A node:net server for one test. */
async function serverOf(
  t: TestContext,
  serve: (socket: Socket) => void,
): Promise<readonly ['tcp', string]> {
  const server = createServer({ allowHalfOpen: true }, serve).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return ['tcp', `127.0.0.1:${(server.address() as { port: number }).port}`];
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

suite('there and back', () => {
  const networks: Readonly<Record<string, (t: TestContext) => readonly [string, string]>> = {
    tcp: () => ['tcp', '127.0.0.1:0'],
    'tcp6, if there is one': () => ['tcp6', '[::1]:0'],
    unix: (t) => ['unix', join(temporaryFolder(t), 'echo.sock')],
    'unix, abstract': () => ['unix', `@netfd-test-${process.pid}`],
  };
  for (const [name, place] of Object.entries(networks)) {
    test(name, async (t) => {
      const [network, address] = place(t);
      if (network === 'tcp6' && !existsSync('/proc/net/if_inet6')) return t.skip('no IPv6 here');
      const echo = await echoing(t, network, address);
      for (const size of [0, 1, 1_234_567]) {
        const data = randomBytes(size);
        const { output, stderr, status } = await through(t, [network, echo.address], data);
        assert.equal(stderr, '');
        assert.equal(status, 0);
        assert.equal(output.length, size);
        assert.equal(sha256(output), sha256(data));
      }
    });
  }

  test('messages of unixpacket', async (t) => {
    const echo = await echoing(t, 'unixpacket', `@netfd-packet-${process.pid}`);
    const { output, status } = await through(t, ['unixpacket', echo.address], Buffer.from('one'));
    assert.equal(status, 0);
    assert.equal(output.toString(), 'one');
  });

  test('1 GiB, and neither program grows', { timeout: 240_000 }, async (t) => {
    const echo = await echoing(t, 'tcp', '127.0.0.1:0');
    const child = dialing(t, 'tcp', echo.address);
    const block = randomBytes(1024 * 1024);
    const total = 1024 * block.length;
    const feed = async (): Promise<void> => {
      for (let sent = 0; sent < total; sent += block.length) {
        if (!child.stdin.write(block)) await once(child.stdin, 'drain');
      }
    };
    const compare = async (): Promise<void> => {
      let got = 0;
      for await (const data of child.stdout) {
        const chunk = data as Buffer;
        for (let at = 0; at < chunk.length;) {
          const from = (got + at) % block.length;
          const count = Math.min(chunk.length - at, block.length - from);
          assert.equal(chunk.compare(block, from, from + count, at, at + count), 0);
          at += count;
        }
        got += chunk.length;
        if (got === total) {
          assert.ok(peakOf(child.pid as number) < MOST_MEMORY, `dial: ${peakOf(child.pid!)}`);
          assert.ok(peakOf(echo.program.pid) < MOST_MEMORY, `echo: ${peakOf(echo.program.pid)}`);
          child.stdin.end();
        }
      }
      assert.equal(got, total);
    };
    const closed = once(child, 'close');
    await Promise.all([feed(), compare()]);
    assert.deepEqual(await closed, [0, null]);
  });
});

/** Of a process that moves data, in KiB. A runtime by itself is half of it. */
const MOST_MEMORY = 200 * 1024;

/** The most memory that a process has had, in KiB. */
function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]);
}

suite('dial', () => {
  test('the end of stdin half-closes; the peer may still send', async (t) => {
    const to = await serverOf(t, (socket) => {
      let got = '';
      socket.on('data', (data) => (got += data.toString()));
      socket.on('end', () => socket.end(`got ${got}`));
    });
    const { output, status } = await through(t, to, Buffer.from('all'));
    assert.equal(output.toString(), 'got all');
    assert.equal(status, 0);
  });

  test('a peer that ends first still gets all of stdin', async (t) => {
    const data = randomBytes(20 * 1024 * 1024);
    const got: Buffer[] = [];
    const to = await serverOf(t, (socket) => {
      socket.end('ready');
      socket.on('data', (chunk) => got.push(chunk));
    });
    const { output, status } = await through(t, to, data);
    assert.equal(status, 0);
    assert.equal(output.toString(), 'ready');
    assert.equal(sha256(Buffer.concat(got)), sha256(data));
  });

  test('a peer that ends ends it, although stdin stays open', async (t) => {
    const to = await serverOf(t, (socket) => socket.end('bye'));
    const child = dialing(t, ...to);
    const closed = once(child, 'close');
    assert.equal((await child.stdout.toArray()).join(''), 'bye');
    assert.deepEqual(await closed, [0, null]);
  });

  test('nobody reads its output any more', async (t) => {
    const to = await serverOf(t, (socket) => {
      socket.on('error', () => {});
      const more = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
      };
      socket.on('drain', more);
      more();
    });
    const child = dialing(t, ...to);
    const closed = once(child, 'close');
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    await once(child.stdout, 'data');
    child.stdout.destroy();
    assert.deepEqual(await closed, [0, null]);
    assert.equal(stderr, '');
  });

  test('stdin and stdout may be files', async (t) => {
    const folder = temporaryFolder(t);
    const echo = await echoing(t, 'tcp', '127.0.0.1:0');
    const data = randomBytes(300_000);
    writeFileSync(join(folder, 'in'), data);
    const stdio = [openSync(join(folder, 'in'), 'r'), openSync(join(folder, 'out'), 'w'), 'pipe'];
    const child = spawn(process.execPath, [programFile, 'dial', 'tcp', echo.address], {
      stdio: stdio as ['inherit', 'inherit', 'pipe'],
    });
    assert.deepEqual(await once(child, 'close'), [0, null]);
    assert.equal(sha256(readFileSync(join(folder, 'out'))), sha256(data));
  });

  test('a connection that is reset', async (t) => {
    const to = await serverOf(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
    const { stderr, status } = await through(t, to, Buffer.from('x'));
    assert.equal(status, 1);
    assert.match(stderr, /^read tcp \S+->\S+: read: connection reset by peer\n$/);
  });

  const refused: readonly (readonly [argv: readonly string[], line: string])[] = [
    [['tcp', '127.0.0.1:1'], 'dial tcp 127.0.0.1:1: connect: connection refused'],
    [['unix', '/none/x'], 'dial unix /none/x: connect: no such file or directory'],
    [['unix', '@netfd-nobody'], 'dial unix @netfd-nobody: connect: connection refused'],
    [['tcp', '127.0.0.1'], 'dial tcp: address 127.0.0.1: missing port in address'],
    [['carrier-pigeon', 'x:1'], 'dial carrier-pigeon: unknown network carrier-pigeon'],
  ];
  for (const [argv, line] of refused) {
    test(line, async (t) => {
      assert.deepEqual(await netfd(t, 'dial', ...argv), {
        status: 1,
        stdout: '',
        stderr: `${line}\n`,
      });
    });
  }
});

suite('echo', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal} ends it with status 0, and the file of its socket is gone`, async (t) => {
      const path = join(temporaryFolder(t), 'echo.sock');
      const { program } = await echoing(t, 'unix', path);
      assert.ok(existsSync(path));
      program.child.kill(signal);
      assert.deepEqual(await program.ended(), {
        status: 0,
        stdout: `netfd echoing on unix ${path}\n`,
        stderr: '',
      });
      assert.equal(existsSync(path), false);
    });
  }

  test('open connections do not keep it', async (t) => {
    const { program, address } = await echoing(t, 'tcp', '127.0.0.1:0');
    const client = await RawClient.connect(t, Number(address.split(':')[1]));
    client.send('x');
    await client.until(/x/);
    program.child.kill('SIGTERM');
    assert.equal((await program.ended()).status, 0);
  });

  test('a line for each connection that has ended', async (t) => {
    const { program, address } = await echoing(t, 'tcp', '127.0.0.1:0');
    await through(t, ['tcp', address], Buffer.alloc(1000));
    await program.prints('stdout', /\n127\.0\.0\.1:\d+ 1000 bytes\n/);
  });

  test('--quiet: none', async (t) => {
    const program = new Program(t, ['echo', '--quiet', 'tcp', '127.0.0.1:0']);
    const [, address] = await program.prints('stdout', /^netfd echoing on tcp (.*)\n/);
    await through(t, ['tcp', address as string], Buffer.alloc(1000));
    program.child.kill('SIGTERM');
    const { stdout } = await program.ended();
    assert.equal(stdout, `netfd echoing on tcp ${address}\n`);
  });

  test('many at a time', async (t) => {
    const { address } = await echoing(t, 'tcp', '127.0.0.1:0');
    const port = Number(address.split(':')[1]);
    const clients = await Promise.all(Array.from({ length: 50 }, () => RawClient.connect(t, port)));
    await Promise.all(
      clients.map(async (client, i) => {
        client.send(`${i};`.repeat(100));
        client.socket.end();
        assert.equal(await client.rest(), `${i};`.repeat(100));
      }),
    );
  });
});
