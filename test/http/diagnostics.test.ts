/**
 * What subscribers of diagnostics channels are told, by node:http and by us: the same channels in the same
 * order, and messages in which they find the same. Channels are the process's, so one test at a time.
 */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import { Server, serve } from '../../src/http.ts';
import type { HandlerFunc } from '../../src/http/handler.ts';
import { listen } from '../../src/index.ts';
import { createServer as createOurs } from '../../src/node.ts';
import { turnsUntil } from './raw-client.ts';

const timeout = 60_000;

interface Message {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly server: object;
}

/** In order; net.server.socket is told of by whoever is first there. */
const CHANNELS = [
  'http.server.response.created',
  'http.server.request.start',
  'http.server.response.finish',
] as const;

/** What is found in a message, as text. */
function shown(name: string, { request, response, socket, server }: Message): string {
  const { method, url, headers, httpVersion } = request;
  const at = `${socket?.remoteAddress} ${socket === undefined ? '' : socket.localPort! > 0}`;
  const { statusCode } = response;
  const told = [
    method,
    url,
    httpVersion,
    headers['x'],
    headers['cookie'],
    headers.host !== undefined,
  ];
  const same = socket === undefined || (request.socket === socket && response.req === request);
  return `${name} ${told.join()} ${at} ${statusCode} ${same} ${typeof server}`;
}

/** Hears all channels until the test has ended. */
function hear(t: TestContext, isOurs: (message: Message) => boolean): string[] {
  const heard: string[] = [];
  for (const name of CHANNELS) {
    const listener = (message: unknown): void => {
      if (!isOurs(message as Message)) return;
      heard.push(shown(name, message as Message));
      if (name !== 'http.server.request.start') return;
      for (const event of ['finish', 'close']) {
        (message as Message).response.on(event, () => heard.push(event));
      }
    };
    subscribe(name, listener);
    t.after(() => unsubscribe(name, listener));
  }
  return heard;
}

const isNetfd = ({ request }: Message): boolean => 'netfd' in request;

const REQUEST =
  'GET /a?b HTTP/1.1\r\nHost: h\r\nX: 1\r\nX: 2\r\nCookie: a=b\r\nCookie: c=d\r\n\r\n';

/** Sends text and waits for the end, or for the head of a reply. */
async function send(port: number, text: string, isClosed = false): Promise<void> {
  const socket = connect(port, '127.0.0.1')
    .setEncoding('latin1')
    .on('error', () => {});
  socket.write(text, 'latin1');
  await once(isClosed ? socket.resume() : socket, isClosed ? 'close' : 'data');
  socket.destroy();
}

/** A server of ours of one handler until the test has ended; its port. */
async function start(
  t: TestContext,
  handler: HandlerFunc,
): Promise<{ server: Server; port: number }> {
  const server = new Server(handler, { errorLog: () => {} });
  const listener = await listen('tcp', '127.0.0.1:0');
  const served = server.serve(listener);
  t.after(async () => {
    server.close();
    await served;
  });
  return { server, port: (listener.addr as { port?: number }).port! };
}

suite('diagnostics channels', { timeout }, () => {
  test('tell of a request what node:http tells', async (t) => {
    const theirs = hear(t, (message) => !isNetfd(message));
    const node = createServer((_request, response) => response.writeHead(201).end('x')).listen(0);
    await once(node, 'listening');
    await send((node.address() as AddressInfo).port, REQUEST);
    await turnsUntil(() => theirs.includes('close'));
    node.close();
    // Node 20 does not tell that a response was created.
    const known = theirs.filter((line) => !line.startsWith('http.server.response.created'));

    const ours = hear(t, isNetfd);
    const { port } = await start(t, (w) => {
      w.writeHeader(201);
      void w.write('x');
    });
    await send(port, REQUEST);
    const created = ours.shift()!;
    assert.match(created, /^http.server.response.created GET,\/a\?b,1.1,1, 2,a=b; c=d,true /);
    assert.equal(known.length, 4, known.join('\n'));
    // Over IPv6 theirs, as it listens on all addresses.
    const plain = (lines: string[]): string[] =>
      lines.map((line) => line.replace('::ffff:', '')).sort();
    assert.deepEqual(plain(ours), plain(known));
  });

  test('tell of what was thrown, and nothing of what was not answered', async (t) => {
    const heard = hear(t, isNetfd);
    const { port } = await start(t, async (w, r) => {
      if (r.path === '/hijack') return w.hijack().conn.close();
      if (r.path === '/half') await w.flush();
      throw new Error('x');
    });
    const names = (): string[] =>
      heard.splice(0).map((line) => line.replace(/ .*127.0.0.1 true/, ''));
    const begun = ['http.server.response.created', 'http.server.request.start 200 true object'];
    await send(port, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', true);
    assert.deepEqual(names().slice(1), [
      begun[1],
      'finish',
      'http.server.response.finish 500 true object',
      'close',
    ]);
    for (const path of ['/hijack', '/half']) {
      await send(port, `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`, true);
      assert.deepEqual(names().slice(1), [begun[1], 'close'], path);
    }
  });

  test('of web-standard handlers too, and which server it is', async (t) => {
    const servers: unknown[] = [];
    const listener = (message: unknown): void => {
      if (isNetfd(message as Message)) servers.push((message as Message).server);
    };
    subscribe('http.server.request.start', listener);
    t.after(() => unsubscribe('http.server.request.start', listener));
    await using running = await serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: () => new Response(),
    });
    await (await fetch(running.url)).text();
    const { port, server } = await start(t, () => {});
    await send(port, REQUEST);
    assert.equal(servers.length, 2);
    assert.equal((servers[1] as { netfd: unknown }).netfd, server);
  });

  test('of listeners of node:http, on a server of ours', async (t) => {
    const ours = hear(t, isNetfd);
    const server = createOurs((_request, response) => response.writeHead(201).end('x'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    await send((server.address() as AddressInfo).port, REQUEST);
    await turnsUntil(() => ours.includes('close'));
    server.close();
    assert.deepEqual(
      ours.map((line) => line.replace(/ .* (\d+) /, ' $1 ')),
      [
        'http.server.response.created 200 true undefined',
        'http.server.request.start 200 true object',
        'finish',
        'http.server.response.finish 201 true object',
        'close',
      ],
    );
  });

  test('of connections, for a server that was made when somebody had subscribed', async (t) => {
    const sockets: Socket[] = [];
    const listener = (message: unknown): void => void sockets.push((message as Message).socket);
    subscribe('net.server.socket', listener);
    t.after(() => unsubscribe('net.server.socket', listener));
    const states: string[] = [];
    const server = new Server(() => {}, { connState: (_conn, state) => states.push(state) });
    const tcp = await listen('tcp', '127.0.0.1:0');
    const served = server.serve(tcp);
    const started: unknown[] = [];
    const onStart = (message: unknown): void => void started.push((message as Message).socket);
    subscribe('http.server.request.start', onStart);
    t.after(() => unsubscribe('http.server.request.start', onStart));
    await send((tcp.addr as { port?: number }).port!, REQUEST);
    server.close();
    await served;
    assert.equal(sockets.length, 1);
    assert.equal(sockets[0], started[0]);
    assert.equal(sockets[0]!.remoteAddress, '127.0.0.1');
    assert.deepEqual(states.slice(0, 2), ['new', 'active']);
  });

  test('without subscribers nothing is made', async (t) => {
    let seen: unknown = null;
    const { port } = await start(t, (w) => void (seen = w.constructor.name));
    await send(port, REQUEST);
    assert.equal(seen, 'Response');
  });
});
