/** serve({ fetch, port }): from its options to a server that listens, and to its end. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { serve } from '../../src/http.ts';
import type { FetchHandlers } from '../../src/http/fetch-handler.ts';

const timeout = 20_000;

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
  });
});
