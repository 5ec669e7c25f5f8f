/** serve({ fetch, port }): from its options to a server that listens, and to its end. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { listenAndServe, serve, Server } from '../../src/http.ts';
import type { FetchHandlers } from '../../src/http/fetch/fetch-handler.ts';
import { dial, listen } from '../../src/index.ts';
import { get } from './raw-cases.ts';
import { RawClient } from './raw-client.ts';

const timeout = 60_000;

suite('serve', { timeout }, () => {
  test('listens, tells where, answers and ends', async () => {
    const running = await serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: async (request) => new Response(`${request.method} ${await request.text()}`),
    });
    assert.match(running.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    assert.equal(running.url, `http://${String(running.addr)}/`);
    const response = await fetch(running.url, { method: 'POST', body: 'hello' });
    assert.equal(await response.text(), 'POST hello');
    await running.shutdown();
    await running.finished;
    await assert.rejects(fetch(running.url));
  });

  test('ends with a signal, or at the end of its scope', async () => {
    const controller = new AbortController();
    const running = await serve({
      port: 0,
      hostname: '127.0.0.1',
      signal: controller.signal,
      fetch: () => new Response(),
    });
    controller.abort();
    await running.finished;
    {
      await using scoped = await serve({ port: 0, fetch: () => new Response('x') });
      assert.equal(await (await fetch(scoped.url)).text(), 'x');
    }
  });

  test('a unix socket has a path in the place of hostname and port', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netfd-serve-'));
    const file = join(folder, 'app.sock');
    const places: readonly [{ path: string; network?: string }, string][] = [
      [{ path: file }, `unix:${file}`],
      [{ path: file, network: 'unix' }, `unix:${file}`],
      [{ path: '@netfd-serve-test', network: 'unixpacket' }, 'unixpacket:@netfd-serve-test'],
    ];
    for (const [place, url] of places) {
      const running = await serve({ ...place, fetch: () => new Response('hello') });
      assert.equal(running.url, url);
      const client = new RawClient(await dial(running.addr.network, String(running.addr)));
      await client.send(get('/', 'Connection: close'));
      assert.match(await client.rest(), /^HTTP\/1\.1 200 OK\r\n.*hello$/s);
      client.close();
      await running.shutdown();
    }
    assert.deepEqual(readdirSync(folder), [], 'the file of the socket is gone');
    rmdirSync(folder);
  });

  test('options of the listening socket are passed on', async () => {
    const calls: string[] = [];
    const control = (network: string, address: string): void =>
      void calls.push(`${network} ${address}`);
    const options = { backlog: 5, keepAlive: false, reusePort: true, control } as const;
    const running = await serve({
      ...options,
      port: 0,
      hostname: '127.0.0.1',
      fetch: () => new Response(),
    });
    await running.shutdown();
    const stop = new AbortController();
    const onListen = (): void => stop.abort();
    await listenAndServe('127.0.0.1:0', undefined, { ...options, onListen, signal: stop.signal });
    assert.deepEqual(calls, ['tcp4 127.0.0.1:0', 'tcp4 127.0.0.1:0']);
    await assert.rejects(listenAndServe('127.0.0.1:0', undefined, { backlog: -1 }), {
      name: 'TypeError',
      message: /^listen: option backlog/,
    });
    await assert.rejects(serve({ fetch: () => new Response(), keepAlive: -1 }), {
      name: 'TypeError',
      message: /^listen: option keepAlive/,
    });
  });

  test('bad options are TypeErrors', async () => {
    const handler = (): Response => new Response();
    for (const options of [{}, undefined, null, 8080]) {
      await assert.rejects(serve(options as unknown as FetchHandlers), {
        name: 'TypeError',
        message: 'serve: option fetch must be a function (request) => Response',
      });
    }
    await assert.rejects(serve({ fetch: handler, error: 'x' } as unknown as FetchHandlers), {
      name: 'TypeError',
      message: 'serve: option error must be a function (error) => Response',
    });
    for (const port of [-1, 65536, 1.5, '80' as unknown as number]) {
      await assert.rejects(serve({ fetch: handler, port }), {
        name: 'TypeError',
        message: 'serve: option port must be an integer in 0..65535',
      });
    }
    await assert.rejects(serve({ fetch: handler, hostname: 1 as never }), TypeError);
    const together = 'serve: option path goes without hostname and port';
    for (const [options, message] of [
      [{ network: 'unix', hostname: '/tmp/x' }, 'serve: the network unix needs the option path'],
      [{ network: 'unixpacket' }, 'serve: the network unixpacket needs the option path'],
      [{ path: '/tmp/x', hostname: 'x' }, together],
      [{ path: '/tmp/x', port: 0 }, together],
      [{ path: 5 as never }, 'serve: option path must be a string'],
      [
        { path: '/tmp/x', network: 'tcp' },
        'serve: option path is for the networks unix and unixpacket',
      ],
    ] as const) {
      await assert.rejects(serve({ fetch: handler, ...options }), { name: 'TypeError', message });
    }
  });

  test('so are bad arguments of the forms after Go', async () => {
    const handler = (): void => {};
    const options = 'listenAndServe: options must be an object';
    for (const [promise, message] of [
      [
        () => listenAndServe(5 as never),
        'listenAndServe: addr must be a string, as ":8080" or "127.0.0.1:8080"',
      ],
      [() => listenAndServe('127.0.0.1:0', handler, 5 as never), options],
      [() => listenAndServe('127.0.0.1:0', handler, null as never), options],
      [
        () => listenAndServe('127.0.0.1:0', null as never),
        'listenAndServe: handler must be a function (w, r) or have a method serveHTTP',
      ],
      [
        () => listenAndServe('127.0.0.1:0', handler, { onListen: 'x' } as never),
        'listenAndServe: option onListen must be a function',
      ],
    ] as const) {
      await assert.rejects(promise(), { name: 'TypeError', message });
    }
    assert.throws(() => new Server(handler, null as never), {
      name: 'TypeError',
      message: 'Server: options must be an object',
    });
    const listener = await listen('tcp', '127.0.0.1:0');
    await assert.rejects(serve(listener, handler, 5 as never), TypeError);
    listener.close();
  });
});
