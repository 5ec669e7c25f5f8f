/**
 * ws on netfd: WebSocketServer without a server of its own, on connections that our server hands over,
 * with ws's own client. Once by the event 'upgrade' of a listener, once from a handler (w, r).
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { after, before, suite, test } from 'node:test';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { createServer, nodeHandler, upgradeToNode } from '../../src/node.ts';
import type { HandlerFunc } from '../../src/http/handler.ts';
import { run, type Running } from '../http/raw-client.ts';
import { Client, listening, raw } from './http-oracle.ts';

const timeout = 60_000;

const MAX = 128 * 1024 * 1024;

/** Sends back what it gets. What is asked for by the path is what becomes of the connection. */
function echoServer(): WebSocketServer {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX,
    perMessageDeflate: { threshold: 10 },
  });
  server.on('connection', (socket: WebSocket, req: IncomingMessage) => {
    socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
    socket.on('error', () => {});
    if (req.url === '/close') socket.close(4001, 'as asked');
    if (req.url === '/terminate') socket.terminate();
    if (req.url === '/address') socket.send(String(req.socket.remoteAddress));
  });
  return server;
}

let running: Running;
let wss: WebSocketServer;
let url: string;

before(async () => {
  wss = echoServer();
  const upgrade: HandlerFunc = (w, r) => {
    const { req, socket, head } = upgradeToNode(w, r);
    wss.handleUpgrade(req, socket, head, (ws) => wss.emit('connection', ws, req));
  };
  running = await run('tcp', upgrade);
  url = `ws://${String(running.listener.addr)}`;
});

after(async () => {
  for (const client of wss.clients) client.terminate();
  assert.deepEqual(running.log, []);
  await running[Symbol.asyncDispose]();
});

async function open(path = '/', options: WebSocket.ClientOptions = {}): Promise<WebSocket> {
  const socket = new WebSocket(url + path, { maxPayload: MAX, ...options });
  await once(socket, 'open');
  return socket;
}

async function message(socket: WebSocket): Promise<Buffer> {
  const [data] = (await once(socket, 'message')) as [RawData];
  return data as Buffer;
}

async function close(socket: WebSocket): Promise<[code: number, reason: string]> {
  const closed = once(socket, 'close');
  if (socket.readyState === WebSocket.OPEN) socket.close(1000);
  const [code, reason] = (await closed) as [number, Buffer];
  return [code, String(reason)];
}

suite('ws from a handler', { timeout }, () => {
  for (const perMessageDeflate of [false, true]) {
    const name = perMessageDeflate ? ', compressed' : '';
    test(`text, binary, empty, fragmented${name}`, async () => {
      const socket = await open('/', { perMessageDeflate });
      assert.equal(socket.extensions, perMessageDeflate ? 'permessage-deflate' : '');
      for (const data of ['text é', Buffer.from([0, 1, 255]), '', 'x'.repeat(70_000)]) {
        const reply = message(socket);
        socket.send(data);
        assert.deepEqual(await reply, Buffer.from(data as string));
      }
      const reply = message(socket);
      socket.send('in ', { fin: false });
      socket.send('three ', { fin: false });
      socket.send('parts', { fin: true });
      assert.equal(String(await reply), 'in three parts');
      assert.deepEqual(await close(socket), [1000, '']);
    });
  }

  test('64 MiB there and back', async () => {
    const socket = await open('/', { perMessageDeflate: false });
    const data = Buffer.alloc(64 * 1024 * 1024, 'netfd ');
    const reply = message(socket);
    socket.send(data);
    assert.ok(data.equals(await reply));
    await close(socket);
  });

  test('ping and pong', async () => {
    const socket = await open();
    const pong = once(socket, 'pong');
    socket.ping('are you there');
    assert.equal(String((await pong)[0]), 'are you there');
    const [server] = wss.clients;
    const ping = once(socket, 'ping');
    server!.ping('and you');
    assert.equal(String((await ping)[0]), 'and you');
    await close(socket);
  });

  test('close codes', async () => {
    assert.deepEqual(await close(await open('/close')), [4001, 'as asked']);
    const socket = await open();
    const [server] = [...wss.clients].slice(-1);
    const seen = once(server!, 'close');
    socket.close(3000, 'mine');
    assert.deepEqual([(await seen)[0], String((await seen)[1])], [3000, 'mine']);
  });

  test('who closes abruptly', async () => {
    const cut = new WebSocket(`${url}/terminate`);
    const [code] = (await once(cut, 'close')) as [number];
    assert.equal(code, 1006);
    const socket = await open();
    const [server] = [...wss.clients].slice(-1);
    const seen = once(server!, 'close');
    const gone = once(socket, 'close');
    (socket as unknown as { _socket: Socket })._socket.resetAndDestroy();
    assert.equal((await seen)[0], 1006);
    await gone;
  });

  test('a client that does not read makes the sender wait', async () => {
    const socket = await open('/', { perMessageDeflate: false });
    const [server] = [...wss.clients].slice(-1);
    socket.pause();
    const block = Buffer.alloc(1024 * 1024);
    for (let i = 0; i < 40; i++) server!.send(block);
    assert.ok(server!.bufferedAmount > 16 * block.length);
    let length = 0;
    const all = new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer) => {
        length += data.length;
        if (length === 40 * block.length) resolve();
      });
    });
    socket.resume();
    await all;
    await close(socket);
  });

  test('the address of the client', async () => {
    const socket = new WebSocket(`${url}/address`);
    assert.equal(String(await message(socket)), '127.0.0.1');
    await close(socket);
  });

  test('frames that come with the request', async () => {
    const { port } = new URL(url);
    const client = new Client(Number(port));
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    const fields = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n${key}`;
    client.send(`GET / HTTP/1.1\r\nHost: x\r\n${fields}\r\n\r\n\x81\x82\0\0\0\0hi`);
    const text = await client.until((all) => all.endsWith('\x81\x02hi'));
    assert.match(text, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
    assert.match(text, /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
    client.close();
  });

  test('a request that is none of a websocket is refused by ws', async () => {
    const { port } = new URL(url);
    const text = await raw(Number(port), 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.match(text, /^HTTP\/1\.1 400 Bad Request\r\n[^]*Invalid Upgrade header$/);
  });

  test('1000 connections', async () => {
    const sockets = await Promise.all(Array.from({ length: 1000 }, () => open()));
    const replies = sockets.map(message);
    sockets.forEach((socket, i) => socket.send(String(i)));
    assert.deepEqual(
      (await Promise.all(replies)).map(String),
      sockets.map((_, i) => String(i)),
    );
    await Promise.all(sockets.map(close));
    assert.equal(running.connections().size, 0);
  });
});

suite('the event upgrade', { timeout }, () => {
  test('of createServer, beside requests', async () => {
    const server = createServer((_req, res) => res.end('a page'));
    const sockets = echoServer();
    server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      assert.equal(req.socket, socket);
      assert.equal(req.headers.upgrade, 'websocket');
      sockets.handleUpgrade(req, socket, head, (ws) => sockets.emit('connection', ws, req));
    });
    await using started = await listening(server);
    const page = await fetch(`http://127.0.0.1:${started.port}`);
    assert.equal(await page.text(), 'a page');
    const socket = new WebSocket(`ws://127.0.0.1:${started.port}`);
    await once(socket, 'open');
    socket.send('hello');
    assert.equal(String(await message(socket)), 'hello');
    await close(socket);
  });

  test('new WebSocketServer({ server })', async () => {
    const server = createServer();
    const sockets = new WebSocketServer({ server, path: '/ws' });
    sockets.on('connection', (ws) => ws.send('welcome'));
    await using started = await listening(server);
    const socket = new WebSocket(`ws://127.0.0.1:${started.port}/ws`);
    assert.equal(String(await message(socket)), 'welcome');
    await close(socket);
    const wrong = new WebSocket(`ws://127.0.0.1:${started.port}/other`);
    const [error] = (await once(wrong, 'error')) as [Error];
    assert.match(error.message, /400/);
  });

  test('without a listener an upgrade is a request', async () => {
    await using plain = await run(
      'tcp',
      nodeHandler((req, res) => res.end(req.headers.upgrade)),
    );
    await using client = await plain.dial();
    await client.send(
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n',
    );
    assert.match(await client.rest(), /h2c$/);
  });

  test('of a listener that fails: the connection is closed', async () => {
    for (const fails of [
      () => {
        throw new Error('mine');
      },
      async () => Promise.reject(new Error('mine')),
    ]) {
      const log: string[] = [];
      const server = createServer({ errorLog: (line) => log.push(line) });
      server.on('upgrade', fails as () => void);
      await using started = await listening(server, log);
      const text = await raw(
        started.port,
        'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
      );
      assert.equal(text, '');
      assert.match(log.join(), /mine/);
    }
  });

  test('CONNECT: a tunnel', async () => {
    const target = createServer((_req, res) => res.end('through the tunnel'));
    await using behind = await listening(target);
    const proxy = createServer();
    proxy.on('connect', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      const [host, port] = (req.url ?? '').split(':');
      const out = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        out.write(head);
        out.pipe(socket).pipe(out);
      });
    });
    await using front = await listening(proxy);
    const client = new Client(front.port);
    client.send(
      `CONNECT 127.0.0.1:${behind.port} HTTP/1.1\r\nHost: 127.0.0.1:${behind.port}\r\n\r\n`,
    );
    await client.until((text) => text.endsWith('\r\n\r\n'));
    client.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.match(await client.until(() => false), /through the tunnel$/);
  });
});
