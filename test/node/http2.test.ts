/**
 * HTTP/2 by the client of node:http2: that a handler sees and says the same as over HTTP/1.1, and what
 * only streams have. Limits and ends are in http2-limits.test.ts.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { buffer, text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { ErrAbortHandler, type HandlerFunc, HttpError, serve, ServeMux } from '../../src/http.ts';
import { localhost, noOpenSSL, secureServer, type SecureServer } from './secure-server.ts';

const timeout = 60_000;

interface Reply {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: IncomingHttpHeaders;
}

function session(server: SecureServer): ClientHttp2Session {
  return connect(server.url, { ca: localhost().cert }).on('error', () => {});
}

async function reply(stream: ClientHttp2Stream): Promise<Reply> {
  let trailers: IncomingHttpHeaders = {};
  stream.once('trailers', (fields) => (trailers = fields));
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  return { headers, body: await text(stream), trailers };
}

/** One exchange on a session of its own. */
async function ask(
  server: SecureServer,
  headers: OutgoingHttpHeaders = {},
  body?: string | Buffer,
): Promise<Reply> {
  const client = session(server);
  try {
    const stream = client.request(headers, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    return await reply(stream);
  } finally {
    client.close();
  }
}

/** Serves with `handler` while `use` runs, and then ends gracefully; gives what was logged. */
async function serving(
  handler: HandlerFunc,
  use: (server: SecureServer) => Promise<void>,
  options: Parameters<typeof secureServer>[1] = {},
): Promise<string[]> {
  await using server = await secureServer(handler, options);
  await use(server);
  return server.log;
}

function oneCase(
  name: string,
  handler: HandlerFunc,
  use: (server: SecureServer) => Promise<void>,
): void {
  test(name, { timeout }, async () => {
    const log = await serving(handler, use);
    assert.deepEqual(log, []);
  });
}

suite('requests of HTTP/2', { skip: noOpenSSL, timeout: 120_000 }, () => {
  oneCase(
    'all that a request tells',
    async (w, r) => {
      const { method, target, path, rawQuery, host, proto, contentLength } = r;
      const told = { method, target, path, rawQuery, host, proto, contentLength };
      await w.write(JSON.stringify({ ...told, fields: [...r.header], body: await r.body.text() }));
    },
    async (server) => {
      const fields = { 'x-one': 'a', 'x-two': ['b', 'c'], cookie: ['k=1', 'l=2'], accept: '*/*' };
      const head = { ':method': 'PUT', ':path': '/a%20b?q=1', ...fields };
      const { body } = await ask(server, head, 'häuser');
      assert.deepEqual(JSON.parse(body), {
        method: 'PUT',
        target: '/a%20b?q=1',
        path: '/a b',
        rawQuery: 'q=1',
        host: `localhost:${server.port}`,
        proto: 'HTTP/2.0',
        contentLength: -1,
        fields: [
          ['X-One', 'a'],
          ['X-Two', 'b'],
          ['X-Two', 'c'],
          ['Accept', '*/*'],
          ['Cookie', 'k=1; l=2'],
        ],
        body: 'häuser',
      });
      const sized = await ask(server, { ':method': 'POST', 'content-length': 3 }, 'abc');
      assert.equal(JSON.parse(sized.body).contentLength, 3);
      assert.equal(JSON.parse((await ask(server)).body).contentLength, 0);
    },
  );

  oneCase(
    'trailers of a request',
    async (w, r) => {
      assert.equal(r.trailer.size, 0);
      const body = await r.body.text();
      await w.write(`${body} ${r.trailer.get('X-Sum')}`);
    },
    async (server) => {
      const client = session(server);
      const stream = client.request({ ':method': 'POST' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42' }));
      stream.end('body');
      assert.equal((await reply(stream)).body, 'body 42');
      client.close();
    },
  );

  oneCase(
    'a client that waits for 100 Continue hears it when the body is asked for',
    async (w, r) => {
      if (r.path === '/no') return w.writeHeader(417);
      return w.write(await r.body.text());
    },
    async (server) => {
      const client = session(server);
      const stream = client.request({ ':method': 'POST', ':path': '/yes', expect: '100-continue' });
      await once(stream, 'continue');
      stream.end('sent now');
      assert.equal((await reply(stream)).body, 'sent now');
      const refused = client.request({ ':method': 'POST', ':path': '/no', expect: '100-continue' });
      refused.on('continue', () => assert.fail('nobody has asked for the body'));
      assert.equal((await reply(refused)).headers[':status'], 417);
      client.close();
    },
  );

  oneCase(
    'the mux, patterns and values',
    (w, r) => mux.serveHTTP(w, r),
    async (server) => {
      assert.equal((await ask(server, { ':path': '/users/7' })).body, 'GET /users/{id} 7');
      assert.equal((await ask(server, { ':path': '/none' })).headers[':status'], 404);
      assert.equal(
        (await ask(server, { ':path': '/users/7', ':method': 'PUT' })).headers['allow'],
        'GET, HEAD',
      );
    },
  );
  const mux = new ServeMux();
  mux.handleFunc('GET /users/{id}', (w, r) => void w.write(`${r.pattern} ${r.pathValue('id')}`));
});

/** Handlers whose answers have to be the same in both versions. */
const same: Readonly<Record<string, HandlerFunc>> = {
  'nothing written': () => {},
  'a short body': (w) => void w.write('<!doctype html><p>short'),
  'bytes in pieces': async (w) => {
    for (let i = 0; i < 3; i++) await w.write(new Uint8Array([1, 2, i]));
  },
  'a long body': async (w) => {
    for (let i = 0; i < 100; i++) await w.write('0123456789'.repeat(100));
  },
  'a body in one long write': (w) => w.write(Buffer.alloc(300_000, 'z')),
  'status and fields': (w) => {
    w.header().set('X-Own', 'ä');
    w.header().add('Set-Cookie', 'a=1');
    w.header().add('Set-Cookie', 'b=2');
    w.writeHeader(201);
  },
  'a declared length': (w) => {
    w.header().set('Content-Length', 5);
    void w.write('12345');
  },
  'no body allowed': (w) => w.writeHeader(204),
  'not modified': (w) => {
    w.header().set('ETag', '"x"');
    w.writeHeader(304);
  },
  flushed: async (w) => {
    await w.write('first,');
    await w.flush();
    await w.write('second');
  },
  trailers: async (w) => {
    w.header().set('Trailer', 'X-Sum');
    await w.write('body');
    w.header().set('X-Sum', '4');
    w.header().set('Trailer:X-Late', 'yes');
  },
  'a type of its own': (w) => {
    w.header().set('Content-Type', 'text/x-own');
    void w.write('typed');
  },
  'an error with a status': () => {
    throw new HttpError('no tea', 'ERR_TEA', 418);
  },
  'an exception': () => {
    throw new Error('expected by this test');
  },
};

/** Which fields are of one version alone. */
const OF_VERSION = [':status', 'date', 'connection', 'keep-alive', 'transfer-encoding'];

function byName([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1;
}

function comparable(
  status: unknown,
  headers: IncomingHttpHeaders,
  body: Buffer,
  trailers: object,
): unknown {
  const fields = Object.entries(headers).filter(([name]) => !OF_VERSION.includes(name));
  return [status, fields.sort(byName), body.toString('latin1'), Object.entries(trailers)];
}

suite('responses are as in HTTP/1.1', { skip: noOpenSSL, timeout: 120_000 }, () => {
  for (const [name, handler] of Object.entries(same)) {
    for (const method of ['GET', 'HEAD']) {
      test(`${name}: ${method}`, { timeout }, async () => {
        await serving(handler, async (server) => {
          const asked = httpsRequest(server.url, { method, ca: localhost().cert, agent: false });
          asked.end();
          const [incoming] = await once(asked, 'response');
          const { statusCode, headers } = incoming;
          const expected = comparable(
            statusCode,
            headers,
            await buffer(incoming),
            incoming.trailers,
          );
          const client = session(server);
          const stream = client.request({ ':method': method });
          let trailers: object = {};
          stream.once('trailers', (fields: object) => (trailers = fields));
          const [fields] = (await once(stream, 'response')) as [IncomingHttpHeaders];
          const body = await buffer(stream);
          assert.deepEqual(comparable(fields[':status'], fields, body, trailers), expected);
          assert.ok(fields['date']);
          client.close();
        });
      });
    }
  }
});

suite('responses of HTTP/2', { skip: noOpenSSL, timeout: 120_000 }, () => {
  oneCase(
    'interim responses come before the final one',
    async (w) => {
      w.header().set('Link', '</style.css>; rel=preload');
      w.writeHeader(103);
      w.header().delete('Link');
      await w.write('final');
    },
    async (server) => {
      const client = session(server);
      const stream = client.request({});
      const interim = once(stream, 'headers') as Promise<[IncomingHttpHeaders]>;
      const final = reply(stream);
      const [early] = await interim;
      assert.deepEqual([early[':status'], early['link']], [103, '</style.css>; rel=preload']);
      assert.equal((await final).headers['link'], undefined);
      client.close();
    },
  );

  oneCase(
    'fields that are suppressed are not added',
    (w) => {
      w.header().suppress('Date');
      w.header().suppress('Content-Type');
      void w.write('<html>');
    },
    async (server) => {
      const { headers, body } = await ask(server);
      assert.deepEqual(Object.keys(headers), [':status', 'content-length']);
      assert.equal(body, '<html>');
    },
  );

  oneCase(
    'fields of a connection are left out',
    (w) => {
      w.header().set('Keep-Alive', 'timeout=5');
      w.header().set('Upgrade', 'websocket');
      w.header().set('Transfer-Encoding', 'chunked');
      void w.write('body');
    },
    async (server) => {
      const { headers, body } = await ask(server);
      assert.deepEqual(
        Object.keys(headers).filter((name) => /keep-alive|upgrade|transfer/.test(name)),
        [],
      );
      assert.equal(body, 'body');
    },
  );

  test(
    'what is wrong is told: hijack, 101, too much, too little, a second status',
    { timeout },
    async () => {
      const told: unknown[] = [];
      const log = await serving(
        async (w, r) => {
          if (r.path === '/hijack') assert.throws(() => w.hijack(), { code: 'ERR_HTTP_HIJACK' });
          if (r.path === '/101')
            assert.throws(() => w.writeHeader(101), { code: 'ERR_HTTP_UPGRADE' });
          if (r.path === '/much') {
            w.header().set('Content-Length', 2);
            await assert.rejects(w.write('abc'), { code: 'ERR_HTTP_CONTENT_LENGTH' });
            await w.write('ab');
          }
          if (r.path === '/twice') {
            w.writeHeader(202);
            w.writeHeader(203);
          }
          if (r.path === '/little') {
            w.header().set('Content-Length', 10);
            await w.write('x');
          }
          told.push(r.path);
        },
        async (server) => {
          for (const path of ['/hijack', '/101', '/twice', '/much']) {
            const { headers } = await ask(server, { ':path': path });
            assert.equal(headers[':status'], path === '/twice' ? 202 : 200, path);
          }
          await assert.rejects(ask(server, { ':path': '/little' }), {
            code: 'ERR_HTTP2_STREAM_ERROR',
          });
        },
      );
      assert.deepEqual(told, ['/hijack', '/101', '/twice', '/much', '/little']);
      assert.equal(log.length, 2);
      assert.match(log[0]!, /superfluous writeHeader/);
      assert.match(log[1]!, /more than the declared Content-Length/);
    },
  );

  test(
    'a handler that throws: 500, or a reset if the head is out; ErrAbortHandler without a word',
    { timeout },
    async () => {
      const log = await serving(
        async (w, r) => {
          if (r.path === '/late') await w.flush();
          throw r.path === '/abort' ? ErrAbortHandler : new Error('broken');
        },
        async (server) => {
          const { headers, body } = await ask(server);
          assert.deepEqual([headers[':status'], body], [500, '500 Internal Server Error']);
          for (const path of ['/late', '/abort']) {
            await assert.rejects(ask(server, { ':path': path }), {
              code: 'ERR_HTTP2_STREAM_ERROR',
            });
          }
        },
      );
      assert.equal(log.length, 2);
      for (const line of log)
        assert.match(line, /^http: panic serving 127\.0\.0\.1:\d+: Error: broken/);
    },
  );

  oneCase(
    'fetch handlers: https in the URL, streams both ways',
    () => {},
    async () => {
      const { cert, key } = localhost();
      await using server = await serve({
        port: 0,
        hostname: '127.0.0.1',
        tls: { cert, key },
        fetch: (request, { tls }) => {
          const headers = { 'x-url': request.url, 'x-protocol': tls?.negotiatedProtocol ?? '' };
          return new Response(request.body?.pipeThrough(upperCase()) ?? null, { headers });
        },
      });
      assert.match(server.url, /^https:\/\/127\.0\.0\.1:\d+\/$/);
      const client = connect(server.url, { ca: cert });
      const stream = client.request({ ':method': 'POST', ':path': '/x' });
      stream.write('one ');
      const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
      assert.deepEqual([headers['x-url'], headers['x-protocol']], [`${server.url}x`, 'h2']);
      assert.equal(String((await once(stream, 'data'))[0]), 'ONE ');
      stream.end('two');
      assert.equal(await text(stream), 'TWO');
      client.close();
    },
  );
});

function upperCase(): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform: (chunk, controller) => {
      controller.enqueue(Buffer.from(Buffer.from(chunk).toString().toUpperCase()));
    },
  });
}

suite('streams side by side', { skip: noOpenSSL, timeout: 120_000 }, () => {
  oneCase(
    'a slow one holds nobody up, and answers come as they are ready',
    async (w, r) => {
      if (r.path === '/slow') await new Promise((resolve) => (release = resolve as () => void));
      await w.write(r.path);
    },
    async (server) => {
      const client = session(server);
      const slow = reply(client.request({ ':path': '/slow' }));
      const quick = await Promise.all(
        Array.from({ length: 200 }, (_, i) => reply(client.request({ ':path': `/${i}` }))),
      );
      assert.deepEqual(
        quick.map(({ body }) => body),
        Array.from({ length: 200 }, (_, i) => `/${i}`),
      );
      release();
      assert.equal((await slow).body, '/slow');
      const [conn] = server.server.connections;
      assert.equal(conn?.requests, 201);
      client.close();
    },
  );
  let release = (): void => {};

  test(
    'the client gives up: the signal aborts, writes fail, and nobody is blamed',
    { timeout },
    async () => {
      const aborted: string[] = [];
      const log = await serving(
        async (w, r) => {
          const gone = once(r.signal, 'abort');
          await w.write('begun');
          await w.flush();
          started();
          await gone;
          aborted.push((r.signal.reason as { code: string }).code);
          await w.write('x'.repeat(100_000));
        },
        async (server) => {
          for (const how of ['reset', 'connection']) {
            const begun = new Promise<void>((resolve) => (started = resolve));
            const client = session(server);
            const stream = client.request({}).on('error', () => {});
            await begun;
            if (how === 'reset') stream.close(constants.NGHTTP2_CANCEL);
            else client.destroy();
            while (aborted.length < (how === 'reset' ? 1 : 2)) await new Promise(setImmediate);
            client.destroy();
          }
        },
      );
      assert.deepEqual(aborted, ['ERR_HTTP_CLIENT_GONE', 'ERR_HTTP_CLIENT_GONE']);
      assert.deepEqual(log, []);
    },
  );
  let started = (): void => {};

  test('the client gives up in the middle of its body', { timeout }, async () => {
    let failed: unknown = null;
    const log = await serving(
      async (_w, r) => {
        assert.equal(await r.body.read(new Uint8Array(4)), 4);
        started();
        await r.body.text().catch((error: unknown) => {
          failed = error;
          throw error;
        });
      },
      async (server) => {
        const begun = new Promise<void>((resolve) => (started = resolve));
        const client = session(server);
        const stream = client.request({ ':method': 'POST' }).on('error', () => {});
        stream.write('some');
        await begun;
        // Not by `close`, which ends the body in good order first.
        stream.destroy(new Error('given up'));
        while (failed === null) await new Promise(setImmediate);
        client.close();
      },
    );
    assert.match(String(failed), /client gone/);
    assert.deepEqual(log, []);
  });
});
