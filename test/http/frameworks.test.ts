/**
 * Web-standard frameworks as they are: Hono, h3 and what is written for srvx, by `serve({ fetch })`. Each
 * app answers over netfd, and what it answers without a server (`app.request`, `app.fetch`) is the oracle.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFile, stat } from 'node:fs/promises';
import { suite, test } from 'node:test';
import {
  createEventStream,
  getRequestIP,
  H3,
  HTTPError,
  onError,
  readBody,
  readValidatedBody,
  redirect,
  serveStatic,
  setCookie,
  withBase,
} from 'h3';
import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { getCookie, setCookie as setHonoCookie } from 'hono/cookie';
import { cors } from 'hono/cors';
import { etag } from 'hono/etag';
import { HTTPException } from 'hono/http-exception';
import { proxy } from 'hono/proxy';
import { stream, streamSSE, streamText } from 'hono/streaming';
import { FastResponse } from 'srvx';
import { type FetchContext, type RunningServer, serve, type ServeOptions } from '../../src/http.ts';
import { deferred, turnsUntil } from './raw-client.ts';

const timeout = 60_000;

interface Started extends AsyncDisposable {
  readonly url: string;
  readonly running: RunningServer;
  readonly log: string[];
}

async function start(
  options: Pick<ServeOptions, 'fetch' | 'error' | 'middleware'>,
): Promise<Started> {
  const log: string[] = [];
  const running = await serve({
    hostname: '127.0.0.1',
    port: 0,
    errorLog: (line) => log.push(line),
    ...options,
  });
  const dispose = async (): Promise<void> => {
    running.close();
    await running.finished;
  };
  return { url: running.url, running, log, [Symbol.asyncDispose]: dispose };
}

/** What is to be equal of two responses; without their types if those are not said before they are sent. */
async function shown(response: Response, typed: boolean): Promise<unknown> {
  const skipped = typed
    ? /^(date|connection|keep-alive|content-length|transfer-encoding)$/
    : /^(date|connection|keep-alive|content-length|transfer-encoding|content-type)$/;
  const fields = [...response.headers].filter(([name]) => !skipped.test(name));
  // srvx says the charset with a blank, the platform without.
  for (const field of fields) field[1] = field[1].replace('; charset', ';charset');
  return { status: response.status, fields, body: await response.text() };
}

/** The same requests to an app over the net, and without. */
async function same(
  app: (request: Request) => Response | Promise<Response>,
  ...requests: readonly [path: string, init?: RequestInit][]
): Promise<void> {
  await using started = await start({ fetch: app });
  for (const [path, init] of requests) {
    const url = new URL(path, started.url);
    const options: RequestInit = { redirect: 'manual', ...init };
    const expected = await app(new Request(url, options));
    const actual = await fetch(url, {
      ...options,
      headers: { ...(options.headers as Record<string, string> | undefined), connection: 'close' },
    });
    // As those of texts in srvx.
    const typed = expected.headers.has('content-type');
    assert.deepEqual(
      await shown(actual, typed),
      await shown(expected, typed),
      `${init?.method ?? 'GET'} ${path}`,
    );
  }
  assert.deepEqual(started.log, []);
}

const json = (data: unknown): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(data),
  headers: { 'content-type': 'application/json' },
});

function formOf(): FormData {
  const form = new FormData();
  form.append('text', 'wört');
  form.append('tags', 'a');
  form.append('tags', 'b');
  form.append('file', new Blob(['content '.repeat(20_000)], { type: 'text/x' }), 'name.txt');
  return form;
}

function honoApp(): Hono {
  const app = new Hono();
  app.use('/cors/*', cors({ origin: 'https://example.com' }));
  app.use('/etag/*', etag());
  app.use('/auth/*', basicAuth({ username: 'u', password: 'p' }));
  app.use('/limited', bodyLimit({ maxSize: 10, onError: (c) => c.text('too much', 413) }));
  app.get('/text', (c) => c.text('héllo', 201, { 'X-A': 'b' }));
  app.get('/json', (c) => c.json({ a: [1] }));
  app.get('/html', (c) => c.html('<p>é</p>'));
  app.get('/nothing', (c) => c.body(null, 204));
  app.get('/users/:id{[0-9]+}', (c) =>
    c.json({ id: c.req.param('id'), q: c.req.queries('q') ?? [] }),
  );
  app.get('/fields', (c) =>
    c.json([c.req.header('x-one'), c.req.header('host'), c.req.url, c.req.path, c.req.method]),
  );
  app.get('/redirect', (c) => c.redirect('/text'));
  app.get('/cookies', (c) => {
    setHonoCookie(c, 'a', '1', { httpOnly: true });
    setHonoCookie(c, 'b', '2', { path: '/x' });
    return c.json(getCookie(c));
  });
  app.get('/cors/x', (c) => c.text('x'));
  app.get('/etag/x', (c) => c.text('x'));
  app.get('/auth/x', (c) => c.text('in'));
  app.post('/json', async (c) => c.json({ got: await c.req.json() }));
  app.post('/limited', async (c) => c.text(await c.req.text()));
  app.post('/bytes', async (c) => c.json((await c.req.arrayBuffer()).byteLength));
  app.post('/twice', async (c) => c.json([await c.req.text(), await c.req.json()]));
  app.post('/raw', async (c) => c.text(await c.req.raw.clone().text()));
  app.post('/form', async (c) => {
    const { text, file, tags } = await c.req.parseBody({ all: true });
    assert.ok(file instanceof File);
    return c.json([text, tags, file.name, file.type, (await file.text()).length]);
  });
  app.put('/echo', (c) => new Response(c.req.raw.body));
  app.get('/stream', (c) =>
    stream(c, async (s) => {
      await s.write('one ');
      await s.sleep(1);
      await s.write(new TextEncoder().encode('two'));
    }),
  );
  app.get('/stream-text', (c) =>
    streamText(c, async (s) => {
      await s.writeln('line');
    }),
  );
  app.get('/sse', (c) =>
    streamSSE(c, async (s) => {
      for (const id of ['1', '2']) await s.writeSSE({ data: `event ${id}`, event: 'tick', id });
    }),
  );
  app.get('/throws', () => {
    throw new Error('mine');
  });
  app.get('/refuses', () => {
    throw new HTTPException(403, { message: 'not you' });
  });
  app.onError((error, c) =>
    error instanceof HTTPException ? error.getResponse() : c.text(`failed: ${error.message}`, 500),
  );
  app.notFound((c) => c.text(`nothing at ${c.req.path}`, 404));
  const sub = new Hono();
  sub.get('/deep', (c) => c.text(c.req.path));
  app.route('/sub', sub);
  app.mount(
    '/mounted',
    (request: Request) => new Response(`${request.method} ${new URL(request.url).pathname}`),
  );
  return app;
}

suite('Hono', { timeout }, () => {
  test('answers as it does without a server', async () => {
    const app = honoApp();
    const GETS =
      '/text /json /html /nothing /users/7?q=a&q=b /users/x /redirect /cors/x /etag/x /auth/x /stream ' +
      '/stream-text /sse /throws /refuses /nowhere /sub/deep /mounted/a/b /a%20b /%E2%82%AC';
    await same(
      (request) => app.fetch(request),
      ...GETS.split(' ').flatMap((path): [string, RequestInit?][] => [
        [path],
        [path, { method: 'HEAD' }],
      ]),
      ['/cookies', { headers: { cookie: 'x=y; z=w' } }],
      [
        '/cors/x',
        {
          method: 'OPTIONS',
          headers: { origin: 'https://example.com', 'access-control-request-method': 'PUT' },
        },
      ],
      ['/auth/x', { headers: { authorization: `Basic ${btoa('u:p')}` } }],
      ['/json', json({ a: 'é' })],
      ['/limited', { method: 'POST', body: 'short' }],
      ['/limited', { method: 'POST', body: 'much longer than ten' }],
      ['/bytes', { method: 'POST', body: new Uint8Array(300_000) }],
      ['/twice', { method: 'POST', body: '[1]' }],
      ['/raw', { method: 'POST', body: 'raw' }],
      ['/form', { method: 'POST', body: formOf() }],
      ['/form', { method: 'POST', body: formOf() }],
      ['/echo', { method: 'PUT', body: 'x'.repeat(300_000) }],
    );
  });

  test('fields of the request, and the context as its env', async () => {
    const app = new Hono<{ Bindings: FetchContext }>();
    const order: string[] = [];
    app.get('/', (c) => {
      c.executionCtx.waitUntil(Promise.resolve().then(() => order.push('after')));
      return c.json([c.req.header('X-One'), c.req.header('host'), c.env.remoteAddr, c.req.raw.url]);
    });
    await using started = await start({ fetch: (...args) => app.fetch(...args) });
    const reply = await fetch(`${started.url}?a=b`, { headers: { 'x-one': '1' } });
    const [one, host, remote, url] = (await reply.json()) as string[];
    assert.deepEqual([one, host, url], ['1', new URL(started.url).host, `${started.url}?a=b`]);
    assert.match(remote!, /^127\.0\.0\.1:\d+$/);
    assert.deepEqual(order, ['after']);
  });

  test('compressed', async () => {
    const app = new Hono();
    app.use(compress());
    app.get('/', (c) => c.text('x'.repeat(10_000)));
    await using started = await start({ fetch: (...args) => app.fetch(...args) });
    const reply = await fetch(started.url, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(reply.headers.get('content-encoding'), 'gzip');
    assert.equal((await reply.text()).length, 10_000);
  });

  test('as a proxy before another one', async () => {
    const inner = honoApp();
    await using behind = await start({ fetch: (...args) => inner.fetch(...args) });
    const app = new Hono();
    app.all('/*', (c) =>
      proxy(new URL(c.req.path, behind.url), { raw: c.req.raw, headers: c.req.header() }),
    );
    await using front = await start({ fetch: (...args) => app.fetch(...args) });
    const reply = await fetch(new URL('/json', front.url), json({ via: 'proxy' }));
    assert.deepEqual(await reply.json(), { got: { via: 'proxy' } });
  });

  test('the stream is aborted when the client goes', async () => {
    const aborted = deferred();
    const app = new Hono();
    app.get('/', (c) =>
      streamSSE(c, async (s) => {
        s.onAbort(() => aborted.resolve());
        while (!s.aborted) {
          await s.writeSSE({ data: 'tick' });
          await s.sleep(1);
        }
      }),
    );
    await using started = await start({ fetch: (...args) => app.fetch(...args) });
    const controller = new AbortController();
    const reply = await fetch(started.url, { signal: controller.signal });
    await reply.body!.getReader().read();
    controller.abort();
    await aborted.promise;
    await turnsUntil(() => started.running.server.connections.size === 0);
  });
});

function h3App(dir: string): H3 {
  const app = new H3();
  app.use(
    onError((error) => {
      if (error.message === 'mine') error.message = 'of the middleware';
    }),
  );
  app.get('/text', () => 'text é');
  app.get('/json', () => ({ a: [1] }));
  app.get('/nothing', () => null);
  app.get('/bytes', () => new Uint8Array([1, 2, 255]));
  app.get('/blob', () => new Blob(['blob'], { type: 'x/y' }));
  app.get(
    '/response',
    () => new Response('own', { status: 202, statusText: 'Mine', headers: { 'x-a': 'b' } }),
  );
  app.get('/users/:id', (event) => ({
    ...event.context.params,
    q: event.url.searchParams.getAll('q'),
  }));
  app.get('/redirect', () => redirect('/text', 307));
  app.get('/cookies', (event) => {
    setCookie(event, 'a', '1');
    setCookie(event, 'b', '2');
    event.res.headers.set('x-set', 'yes');
    event.res.status = 203;
    return 'ok';
  });
  app.post('/json', async (event) => ({ got: await readBody(event) }));
  app.post('/valid', async (event) =>
    readValidatedBody(
      event,
      (data) => (data as { n?: unknown }).n === 1 || Promise.reject(new Error('bad')),
    ),
  );
  app.post('/form', async (event) => {
    const form = await event.req.formData();
    const file = form.get('file') as File;
    return [form.get('text'), form.getAll('tags'), file.name, (await file.text()).length];
  });
  app.post('/text', async (event) => event.req.text());
  app.get(
    '/stream',
    () =>
      new ReadableStream({
        start: (controller) => {
          controller.enqueue(new TextEncoder().encode('streamed'));
          controller.close();
        },
      }),
  );
  app.get('/sse', async (event) => {
    const events = createEventStream(event);
    void events
      .push('one')
      .then(() => events.push({ event: 'two', data: '2' }))
      .then(() => events.close());
    return events.send();
  });
  app.get('/throws', () => {
    throw new HTTPError({ status: 418, statusText: 'Teapot', message: 'mine' });
  });
  app.get('/files/**', (event) =>
    serveStatic(event, {
      getContents: (id) => readFile(join(dir, id.slice('/files'.length))),
      getMeta: async (id) => {
        const found = await stat(join(dir, id.slice('/files'.length))).catch(() => null);
        return found?.isFile() ? { size: found.size, mtime: found.mtimeMs } : undefined;
      },
    }),
  );
  const sub = new H3().get('/deep', (event) => event.url.pathname);
  app.mount('/sub', sub);
  app.all(
    '/based/**',
    withBase('/based', (event) => event.url.pathname),
  );
  return app;
}

suite('h3', { timeout }, () => {
  test('answers as it does without a server', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'netfd-h3-'));
    writeFileSync(join(dir, 'a.txt'), 'a file');
    try {
      const app = h3App(dir);
      const GETS =
        '/text /json /nothing /bytes /blob /response /users/7?q=a&q=b /redirect /cookies /stream /sse ' +
        '/throws /files/a.txt /files/none /sub/deep /based/x /nowhere';
      await same(
        (request) => app.fetch(request),
        ...GETS.split(' ').flatMap((path): [string, RequestInit?][] => [
          [path],
          [path, { method: 'HEAD' }],
        ]),
        ['/json', json({ a: 'é' })],
        ['/valid', json({ n: 1 })],
        ['/valid', json({ n: 2 })],
        ['/text', { method: 'POST', body: 'plain' }],
        ['/form', { method: 'POST', body: formOf() }],
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test('who asks, and what goes on afterwards', async () => {
    const go = deferred();
    const order: string[] = [];
    const app = new H3().get('/', (event) => {
      event.waitUntil(go.promise.then(() => order.push('work')));
      return { ip: getRequestIP(event), runtime: event.runtime?.name };
    });
    await using started = await start({ fetch: (request) => app.fetch(request) });
    const reply = await fetch(started.url, { headers: { connection: 'close' } });
    assert.deepEqual(await reply.json(), { ip: '127.0.0.1', runtime: 'netfd' });
    const ended = started.running.shutdown().then(() => order.push('shutdown'));
    await turnsUntil(() => started.running.server.connections.size === 0);
    go.resolve();
    await ended;
    assert.deepEqual(order, ['work', 'shutdown']);
  });
});

suite('what is written for srvx', { timeout }, () => {
  const app = {
    port: 0,
    hostname: '127.0.0.1',
    middleware: [
      async (request: Request, next: () => Response | Promise<Response>): Promise<Response> => {
        if (new URL(request.url).pathname === '/blocked')
          return new Response('no', { status: 403 });
        const response = await next();
        response.headers.set('x-outer', '1');
        return response;
      },
      async (_request: Request, next: () => Response | Promise<Response>): Promise<Response> => {
        const response = await next();
        response.headers.set('x-inner', response.headers.get('x-outer') ?? 'first');
        return response;
      },
    ],
    fetch(request: Request): Response {
      assert.equal(this.port, 0, 'called as a method');
      return Response.json((request as Request & { ip?: string }).ip);
    },
  };

  test('its default export, with middleware', async () => {
    await using running = await serve(app);
    const reply = await fetch(running.url);
    assert.equal(await reply.json(), '127.0.0.1');
    assert.deepEqual([reply.headers.get('x-outer'), reply.headers.get('x-inner')], ['1', 'first']);
    assert.equal((await fetch(new URL('/blocked', running.url))).status, 403);
    await running.shutdown();
  });

  const responses: Readonly<Record<string, () => Response>> = {
    text: () => new FastResponse('text é', { headers: { 'x-a': 'b' } }),
    'a status': () => new FastResponse('x', { status: 404, statusText: 'Not here' }),
    bytes: () => new FastResponse(new Uint8Array([1, 2, 255])),
    nothing: () => new FastResponse(null, { status: 204 }),
    'a stream': () => new FastResponse(new Blob(['streamed']).stream()),
    'a blob': () => new FastResponse(new Blob(['blob'], { type: 'x/y' })),
    JSON: () => FastResponse.json({ a: 1 }),
    'several cookies': () =>
      new FastResponse('x', {
        headers: [
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
        ],
      }),
    'one whose headers were changed': () => {
      const response = new FastResponse('x', { headers: { a: '1' } });
      response.headers.set('b', '2');
      return response;
    },
  };
  for (const [name, make] of Object.entries(responses)) {
    test(`its own Response: ${name}`, async () => {
      await using started = await start({ fetch: make });
      const reply = await fetch(started.url);
      const expected = make();
      assert.deepEqual(
        [reply.status, await reply.text()],
        [expected.status, await expected.clone().text()],
      );
      for (const [field, value] of expected.headers) {
        if (field === 'set-cookie') continue;
        // srvx has it with a blank, the platform without.
        assert.equal(reply.headers.get(field)?.replace('; charset', ';charset'), value, field);
      }
      assert.deepEqual(reply.headers.getSetCookie(), expected.headers.getSetCookie());
      assert.deepEqual(started.log, []);
    });
  }

  test('waitUntil that fails is logged', async () => {
    await using started = await start({
      fetch: (request, context) => {
        context.waitUntil(Promise.reject(new Error('mine')));
        const { waitUntil } = request as Request & {
          waitUntil: (promise: Promise<unknown>) => void;
        };
        waitUntil(Promise.resolve());
        waitUntil(7 as never);
        return new Response();
      },
    });
    await fetch(started.url);
    await started.running.shutdown();
    assert.match(started.log.join(), /^http: waitUntil: Error: mine/);
  });
});
