/**
 * What is less usual in HTTP/1.1, as node:http's client and curl understand it: trailers, interim
 * responses, 100 Continue, tunnels, upgrades, and replies that are cut.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { text as textOf } from 'node:stream/consumers';
import { protocolHandlers } from './protocol-handlers.ts';
import { run, type Running } from './raw-client.ts';

const timeout = 60_000;

let running: Running;
let port: number;

before(async () => {
  running = await run('tcp', async (w, r) => {
    if (r.path === '/echo') return w.write(`${await r.body.text()} ${[...r.trailer].join(' ')}`);
    if (r.path === '/cut') {
      await w.write('part');
      await w.flush();
      throw new Error('of the handler');
    }
    return protocolHandlers[r.path === '' ? r.target : r.path]!(w, r);
  });
  port = Number(String(running.listener.addr).split(':').at(-1));
});

after(() => running[Symbol.asyncDispose]());

function request(path: string, options: RequestOptions = {}): ReturnType<typeof httpRequest> {
  return httpRequest({ host: '127.0.0.1', port, path, agent: false, ...options });
}

/** The response to a request that is complete. */
async function responseTo(path: string, options: RequestOptions = {}): Promise<IncomingMessage> {
  const [response] = (await once(request(path, options).end(), 'response')) as [IncomingMessage];
  return response;
}

suite('node:http', { timeout }, () => {
  for (const [path, announced, trailers] of [
    ['/trailer', 'X-Sum', { 'x-sum': '6' }],
    ['/trailer-long', 'X-Sum', { 'x-sum': '3000' }],
    ['/trailer-late', undefined, { 'x-late': '1', 'x-more': '2' }],
    ['/trailer-both', 'X-A, X-B', { 'x-a': 'a', 'x-b': 'b', 'x-d': 'd' }],
    ['/trailer-length', undefined, {}],
  ] as const) {
    test(`trailers of ${path}`, async () => {
      const response = await responseTo(path);
      const text = await textOf(response);
      assert.ok(['abc', 'x'.repeat(3000)].includes(text));
      assert.equal(response.headers.trailer, announced);
      assert.deepEqual({ ...response.trailers }, trailers);
      assert.equal(response.complete, true);
    });
  }

  test('trailers of a request', async () => {
    const sent = request('/echo', { method: 'POST', headers: { Trailer: 'X-Sum' } });
    sent.write('abc');
    sent.addTrailers({ 'X-Sum': '6', Host: 'y' });
    const [response] = (await once(sent.end(), 'response')) as [IncomingMessage];
    assert.equal(await textOf(response), 'abc X-Sum,6');
  });

  test('early hints, as often as they come', async () => {
    const hints: unknown[] = [];
    const sent = request('/hints');
    sent.on('information', ({ statusCode, headers }) => hints.push([statusCode, headers.link]));
    const [response] = (await once(sent.end(), 'response')) as [IncomingMessage];
    assert.equal(await textOf(response), 'hello');
    assert.deepEqual(hints, [
      [103, '</a.css>'],
      [103, '</a.css>, </b.js>'],
    ]);
    assert.equal(response.headers.link, undefined);
  });

  test('100 Continue before the head of a reply in full duplex', async () => {
    const sent = request('/duplex', {
      method: 'POST',
      headers: { Expect: '100-continue', 'Content-Length': 3 },
    });
    const told: string[] = [];
    sent.on('continue', () => {
      told.push('continue');
      sent.end('abc');
    });
    sent.on('response', () => told.push('response'));
    sent.flushHeaders();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    assert.deepEqual(told, ['continue', 'response']);
    assert.equal(await textOf(response), 'abc');
  });

  test('a tunnel', async () => {
    const sent = request('tunnel:443', { method: 'CONNECT' }).end();
    const [response, socket] = (await once(sent, 'connect')) as [IncomingMessage, Socket];
    assert.equal(response.statusCode, 200);
    assert.equal(response.headers['content-length'], undefined);
    assert.equal(response.headers['transfer-encoding'], undefined);
    socket.end('through it');
    assert.equal(await textOf(socket), 'through it');
  });

  test('a tunnel that is refused', async () => {
    const sent = request('no:443', { method: 'CONNECT' }).end();
    const [response, socket] = (await once(sent, 'connect')) as [IncomingMessage, Socket, Buffer];
    assert.equal(response.statusCode, 403);
    socket.destroy();
  });

  test('an upgrade', async () => {
    const headers = { Connection: 'Upgrade', Upgrade: 'echo' };
    const sent = request('/upgrade', { headers }).end();
    const [response, socket] = (await once(sent, 'upgrade')) as [IncomingMessage, Socket];
    assert.equal(response.statusCode, 101);
    socket.end('in another protocol');
    assert.equal(await textOf(socket), 'in another protocol');
  });

  test('a status without a body', async () => {
    const response = await responseTo('/205');
    assert.equal(response.statusCode, 205);
    assert.equal(response.headers['content-length'], '0');
    assert.equal(await textOf(response), '');
  });

  test('a reply that is cut', async () => {
    const response = await responseTo('/cut');
    await assert.rejects(textOf(response), { code: 'ECONNRESET' });
    assert.equal(response.complete, false);
  });
});

const { error } = spawnSync('curl', ['--version'], { stdio: 'ignore' });

suite('curl', { timeout, skip: error === undefined ? false : 'curl is not installed' }, () => {
  /** What curl printed, and its exit status. */
  function curl(...args: string[]): Promise<{ stdout: string; status: unknown }> {
    const all = ['--silent', '--max-time', '20', ...args.slice(0, -1)];
    const url = `http://127.0.0.1:${port}${args.at(-1)}`;
    return new Promise((resolve) => {
      execFile('curl', [...all, url], (failure, stdout) => {
        resolve({ stdout, status: failure === null ? 0 : failure.code });
      });
    });
  }

  test('a reply that is cut is an error, in chunks or not', async () => {
    const PARTIAL = 18;
    const RECEIVE = 56;
    assert.deepEqual(await curl('/cut'), { stdout: 'part', status: PARTIAL });
    const { status } = await curl('--http1.0', '/cut');
    assert.equal(status, RECEIVE, 'it knows nothing but the end of the connection');
  });

  test('trailers are fields', async () => {
    const { stdout, status } = await curl('--include', '/trailer');
    assert.equal(status, 0);
    assert.match(stdout, /^HTTP\/1\.1 200 OK\r\nTrailer: X-Sum\r\n.*\r\n\r\nabcX-Sum: 6\r\n$/s);
  });

  test('through a tunnel', async () => {
    const proxied = await run('tcp', async (w, r) => {
      if (r.method !== 'CONNECT') return w.write('direct');
      await w.flush();
      const { conn, buffered } = w.hijack();
      assert.equal(buffered.length, 0);
      const buf = new Uint8Array(4096);
      const count = await conn.read(buf);
      const line = Buffer.from(buf.subarray(0, count!)).toString().split('\r\n')[0]!;
      await conn.write(`HTTP/1.1 200 OK\r\nContent-Length: ${line.length}\r\n\r\n${line}`);
      conn.close();
      return undefined;
    });
    const { stdout, status } = await curl(
      '--proxytunnel',
      '--proxy',
      `http://${String(proxied.listener.addr)}`,
      '/inside',
    );
    assert.deepEqual({ stdout, status }, { stdout: 'GET /inside HTTP/1.1', status: 0 });
    await proxied[Symbol.asyncDispose]();
  });
});
