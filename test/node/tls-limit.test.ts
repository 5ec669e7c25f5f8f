/** The option maxConnections under TLS: handshakes count, and who comes too many waits in the kernel's queue. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import { connect as connectTCP, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { connect } from 'node:tls';
import { linux } from '../../src/kernel/linux.ts';
import { Server } from '../../src/http/server/server.ts';
import { Stack } from '../../src/net/stack.ts';
import { tlsListener } from '../../src/node.ts';
import { localhost, noOpenSSL, type SecureServer, secureServer } from './secure-server.ts';

const timeout = 60_000;

/** The beginning of a record that holds a ClientHello. */
const HALF = Buffer.from([0x16, 3, 1, 2, 0, 1]);

async function ask(port: number): Promise<string> {
  const asked = request({ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false }).end();
  const [reply] = await once(asked, 'response');
  return text(reply);
}

/** Connections that say `begin` and no more. */
function silent(port: number, count: number, begin: Buffer | null): Socket[] {
  return Array.from({ length: count }, () => {
    const socket = connectTCP(port, '127.0.0.1').on('error', () => {});
    if (begin !== null) socket.write(begin);
    return socket.resume();
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

const openOf = ({ listener, server }: SecureServer): number =>
  listener.handshakes + server.connections.size;

suite('maxConnections under TLS', { skip: noOpenSSL, timeout }, () => {
  test('handshakes that have begun keep their places until they end', { timeout }, async () => {
    await using server = await secureServer((w) => w.write('hello'), { maxConnections: 3 });
    const clients = silent(server.port, 3, HALF);
    await until(() => server.listener.handshakes === 3);
    let answered = false;
    const asking = ask(server.port).finally(() => (answered = true));
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal(server.listener.handshakes, 3);
    assert.ok(!answered);
    clients[0]!.destroy();
    assert.equal(await asking, 'hello');
    for (const client of clients) client.destroy();
  });

  test('a handshake that takes too long frees its place', { timeout }, async () => {
    await using server = await secureServer((w) => w.write('hello'), {
      maxConnections: 2,
      tls: { handshakeTimeout: 300 },
    });
    const clients = silent(server.port, 2, HALF);
    await until(() => server.listener.handshakes === 2);
    assert.equal(await ask(server.port), 'hello');
    await until(() => clients.every((client) => client.destroyed));
  });

  test('who has said nothing for a while makes room', { timeout }, async () => {
    await using server = await secureServer((w) => w.write('hello'), {
      maxConnections: 2,
      tls: { handshakeTimeout: timeout },
    });
    const clients = silent(server.port, 2, null);
    await until(() => server.listener.handshakes === 2);
    assert.equal(await ask(server.port), 'hello');
    assert.ok(clients.some((client) => client.destroyed || client.readableEnded));
    for (const client of clients) client.destroy();
    assert.deepEqual(server.log, []);
  });

  test('never more, handshakes included, and everybody has his turn', { timeout }, async () => {
    let most = 0;
    await using server = await secureServer(
      async (w) => {
        most = Math.max(most, openOf(server));
        await new Promise(setImmediate);
        most = Math.max(most, openOf(server));
        await w.write('hello');
      },
      { maxConnections: 3 },
    );
    const asking = Promise.all(Array.from({ length: 40 }, () => ask(server.port)));
    let done = false;
    const watching = until(() => {
      most = Math.max(most, openOf(server));
      return done;
    });
    assert.deepEqual(new Set(await asking), new Set(['hello']));
    done = true;
    await watching;
    assert.ok(most > 1 && most <= 3, `${most} were open`);
  });

  test('of two listeners of one server together', { timeout }, async () => {
    const { cert, key } = localhost();
    const stack = new Stack(linux);
    const server = new Server(stack, (w) => w.write('hello'), { maxConnections: 2 });
    const listeners = await Promise.all(
      [0, 1].map(async () =>
        tlsListener(await stack.listen('tcp', '127.0.0.1:0'), {
          cert,
          key,
          errorLog: () => {},
        }),
      ),
    );
    const served = listeners.map((listener) => server.serve(listener));
    const [first, second] = listeners.map(({ addr }) => (addr as { port?: number }).port!);
    const clients = silent(first!, 2, HALF);
    await until(() => listeners[0]!.handshakes === 2);
    const asking = ask(second!);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(listeners[1]!.handshakes, 0);
    clients[1]!.destroy();
    assert.equal(await asking, 'hello');
    clients[0]!.destroy();
    server.close();
    await Promise.all(served);
  });

  test('a shutdown still serves who waits for a place', { timeout }, async () => {
    const server = await secureServer((w) => w.write('hello'), { maxConnections: 1 });
    const [holder] = silent(server.port, 1, HALF);
    await until(() => server.listener.handshakes === 1);
    const client = connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false });
    await once(client, 'connect');
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => server.listener.acceptableNow() || server.listener.listener.acceptableNow!());
    const ended = server[Symbol.asyncDispose]();
    holder!.destroy();
    assert.match(await text(client), /hello$/);
    await ended;
  });
});
