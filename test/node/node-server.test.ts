/** createServer: what code written for http.createServer asks of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { openSync, readdirSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect, createServer as createNetServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { dial, listen } from '../../src/index.ts';
import { createServer, type NodeServer } from '../../src/node.ts';
import { ask, Client, listening, raw, start } from './http-oracle.ts';

const timeout = 60_000;

const hello = (_req: unknown, res: { end(text: string): unknown }): unknown => res.end('hello');

async function closed(server: NodeServer): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

suite('listen', { timeout }, () => {
  const places: Readonly<Record<string, (port: number, path: string) => unknown[]>> = {
    'a port': (port) => [port],
    'a port as text': (port) => [String(port)],
    'a port and a host': (port) => [port, '127.0.0.1'],
    'a port, a host and a backlog': (port) => [port, '127.0.0.1', 64],
    'a port and a backlog': (port) => [port, 64],
    options: (port) => [{ port, host: '127.0.0.1', backlog: 9, exclusive: true }],
    'options for the second protocol': (port) => [{ port, host: '::', ipv6Only: false }],
    'a path': (_port, path) => [path],
    'options with a path': (_port, path) => [{ path }],
    'an abstract name': (_port, path) => [`\0${path}`],
  };
  for (const [name, args] of Object.entries(places)) {
    test(name, async () => {
      const path = join(tmpdir(), `netfd-node-server-${process.pid}`);
      const server = createServer(hello);
      const events: string[] = [];
      server.on('listening', () => events.push('listening'));
      server.on('close', () => events.push('close'));
      assert.equal(server.listening, false);
      assert.equal(server.address(), null);
      const result = await new Promise((resolve) => {
        const returned = server.listen(...args(0, path), () => resolve(returned));
      });
      assert.equal(result, server);
      assert.equal(server.listening, true);
      const address = server.address();
      const conn =
        typeof address === 'string'
          ? await dial('unix', address)
          : await dial('tcp', `127.0.0.1:${address!.port}`);
      await conn.write(ask('GET', '/'));
      assert.match(await new Response(conn.readStream).text(), /^HTTP\/1\.1 200 OK[^]*hello$/);
      conn.close();
      await closed(server);
      assert.deepEqual(events, ['listening', 'close']);
      assert.equal(server.address(), null);
    });
  }

  test('a descriptor that listens', async () => {
    const inner = createNetServer();
    await new Promise<void>((resolve) => inner.listen(0, '127.0.0.1', resolve));
    const { fd } = (inner as unknown as { _handle: { fd: number } })._handle;
    const server = createServer(hello);
    await new Promise<void>((resolve) => server.listen({ fd }, resolve));
    const { port } = server.address() as AddressInfo;
    assert.equal(port, (inner.address() as AddressInfo).port);
    inner.close();
    assert.match(await raw(port, ask('GET', '/')), /hello$/);
    await closed(server);
  });

  test('a listener of netfd', async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    const server = createServer(hello);
    await new Promise<void>((resolve) => server.listen(listener, resolve));
    const { port } = server.address() as AddressInfo;
    assert.equal(port, listener.addr.port);
    assert.match(await raw(port, ask('GET', '/')), /hello$/);
    await closed(server);
    assert.ok(listener.closed);
  });

  test('nothing: a port of the kernel’s choice', async () => {
    const server = createServer(hello).listen();
    await once(server, 'listening');
    assert.ok((server.address() as AddressInfo).port > 0);
    await closed(server);
  });

  test('errors are emitted, and it may try again', async () => {
    await using taken = await start('node');
    const server = createServer(hello).listen(taken.port, '127.0.0.1');
    const [error] = (await once(server, 'error')) as [NodeJS.ErrnoException];
    assert.deepEqual([error.code, error.syscall], ['EADDRINUSE', 'bind']);
    assert.equal(server.listening, false);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    assert.throws(() => server.listen(0), { code: 'ERR_SERVER_ALREADY_LISTEN' });
    await closed(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await closed(server);
  });

  test('bad arguments', () => {
    const server = createServer(hello);
    assert.throws(() => server.listen(70_000), { code: 'ERR_SOCKET_BAD_PORT' });
    assert.throws(() => server.listen({}), TypeError);
    assert.throws(() => server.listen({ path: 7 }), TypeError);
    assert.throws(
      () => createServer({ requestTimeout: -1 }),
      /createServer: option requestTimeout/,
    );
    assert.throws(() => createServer('x' as never), TypeError);
  });

  test('signal', async () => {
    const controller = new AbortController();
    const server = createServer(hello).listen({ port: 0, signal: controller.signal });
    await once(server, 'listening');
    controller.abort();
    await once(server, 'close');
    const late = createServer(hello).listen({ port: 0, signal: controller.signal });
    await once(late, 'close');
  });
});

suite('close', { timeout }, () => {
  test('of one that does not listen', async () => {
    const error = await new Promise((resolve) => createServer(hello).close(resolve));
    assert.equal((error as NodeJS.ErrnoException).code, 'ERR_SERVER_NOT_RUNNING');
  });

  test('before it listens', async () => {
    const server = createServer(hello);
    server.listen(0);
    server.on('listening', () => assert.fail('it was closed'));
    await closed(server);
  });

  test('idle connections go, others are completed', async () => {
    let go!: () => void;
    const server = createServer((req, res) => {
      if (req.url === '/slow') go = () => res.end('slow');
      else res.end('fast');
    });
    const { port } = await listening(server);
    const idle = new Client(port);
    idle.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await idle.until((text) => text.endsWith('fast'));
    const slow = new Client(port);
    slow.send('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(server, 'request');
    const ended = closed(server);
    await idle.until(() => false);
    go();
    assert.match(await slow.until(() => false), /slow$/);
    await ended;
  });

  test('closeIdleConnections, closeAllConnections, getConnections', async () => {
    const server = createServer((req, res) => void (req.url === '/' && res.end('x')));
    const { port } = await listening(server);
    const idle = new Client(port);
    idle.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await idle.until((text) => text.endsWith('x'));
    const busy = new Client(port);
    busy.send('GET /wait HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(server, 'request');
    assert.equal(
      await new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
      2,
    );
    server.closeIdleConnections();
    await idle.until(() => false);
    assert.equal(busy.ended, false);
    server.closeAllConnections();
    await busy.until(() => false);
    await closed(server);
  });

  test('await using', async () => {
    const server = createServer(hello);
    {
      await using running = server;
      running.listen(0);
      await once(running, 'listening');
    }
    assert.equal(server.listening, false);
  });
});

suite('connections', { timeout }, () => {
  test('are told of, with the socket that requests have', async () => {
    const seen: unknown[] = [];
    const server = createServer((req, res) => {
      seen.push(req.socket);
      res.end('x');
    });
    server.on('connection', (socket) => seen.push(socket));
    await using running = await listening(server);
    await raw(running.port, ask('GET', '/'));
    assert.equal(seen.length, 2);
    assert.equal(seen[0], seen[1]);
  });

  test('maxRequestsPerSocket', async () => {
    const server = createServer(hello);
    server.maxRequestsPerSocket = 2;
    await using running = await listening(server);
    const text = await raw(running.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3));
    assert.equal(text.match(/hello/g)?.length, 2);
    assert.match(text, /Connection: close/);
  });

  test('keepAliveTimeout, headersTimeout, requestTimeout', async () => {
    const server = createServer(
      { keepAliveTimeout: 300, headersTimeout: 300, requestTimeout: 300 },
      (req, res) => {
        req.resume().on('end', () => res.end('hello'));
      },
    );
    await using running = await listening(server);
    assert.match(await raw(running.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /hello$/);
    assert.match(await raw(running.port, 'GET / HTTP'), /^HTTP\/1\.1 408 /);
    const upload = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx';
    assert.match(await raw(running.port, upload), /^HTTP\/1\.1 408 /);
  });

  for (const who of ['server', 'req', 'res', 'socket'] as const) {
    test(`${who}.setTimeout`, async () => {
      const server = createServer((req, res) => {
        if (who === 'server') return;
        const target = who === 'socket' ? req.socket : who === 'req' ? req : res;
        target.setTimeout(20, () => res.end('timed out'));
        if (who === 'req') req.emit('timeout');
      });
      if (who === 'server') server.setTimeout(20);
      await using running = await listening(server);
      const text = await raw(running.port, ask('GET', '/'));
      assert.equal(text.endsWith('timed out'), who !== 'server');
    });
  }

  test('node’s own agent keeps a connection', async () => {
    let opened = 0;
    const server = createServer(hello);
    server.on('connection', () => opened++);
    await using running = await listening(server);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 5; i++) {
      const [reply] = (await once(get({ port: running.port, agent }), 'response')) as [
        IncomingMessage,
      ];
      reply.resume();
      await once(reply, 'end');
    }
    agent.destroy();
    assert.equal(opened, 1);
  });

  test('nothing is left open', async () => {
    const count = (): number => readdirSync('/proc/self/fd').length;
    const use = async (): Promise<void> => {
      await using running = await listening(createServer(hello));
      for (let i = 0; i < 20; i++) {
        await raw(running.port, ask('GET', '/'));
        connect(running.port, '127.0.0.1')
          .on('error', () => {})
          .destroy();
      }
    };
    await use();
    const before = count();
    await use();
    assert.ok(openSync('/dev/null', 'r') > 0);
    assert.ok(count() <= before + 3, `${count()} after ${before}`);
  });
});
