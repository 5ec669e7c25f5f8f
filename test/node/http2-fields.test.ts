/** Fields and states of a response that HTTP/2 does not have, and names that objects have by themselves. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import type { HandlerFunc } from '../../src/http.ts';
import { nodeHandler } from '../../src/node.ts';
import { localhost, noOpenSSL, secureServer } from './secure-server.ts';

const timeout = 30_000;

interface Reply {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: IncomingHttpHeaders;
}

/** The reply to one request, or the error with which its stream ends; and what the server has logged. */
async function asked(
  handler: HandlerFunc,
  fields: Record<string, string> = {},
): Promise<{ reply: Partial<Reply>; error: string; log: string[] }> {
  await using server = await secureServer(handler);
  const client = connect(server.url, { ca: localhost().cert });
  const stream = client.request(fields);
  let error = '';
  let reply: Partial<Reply> = {};
  let trailers: IncomingHttpHeaders = {};
  stream.once('trailers', (raw) => (trailers = raw));
  stream.on('error', (failure) => (error = failure.message));
  const closed = new Promise((resolve) => stream.once('close', resolve));
  try {
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    reply = { headers };
    const body = await text(stream);
    reply = { headers, body, trailers };
  } catch {
    // As `error` says.
  }
  await closed;
  client.close();
  return { reply, error, log: server.log };
}

const TWICE = /"etag" must only have a single value/;

suite('responses of HTTP/2', { skip: noOpenSSL, timeout: 120_000 }, () => {
  const twice: [name: string, handler: HandlerFunc][] = [
    [
      'when the handler is done',
      (w) => {
        for (const tag of ['"a"', '"b"']) w.header().add('ETag', tag);
      },
    ],
    [
      'when it flushes and does not wait',
      async (w) => {
        for (const tag of ['"a"', '"b"']) w.header().add('ETag', tag);
        void w.flush();
        await new Promise((resolve) => setImmediate(resolve));
      },
    ],
    [
      'of a listener of node:http',
      (w, r) =>
        nodeHandler((_req, res) => {
          res.setHeader('ETag', ['"a"', '"b"']);
          res.write('begun');
        }).serveHTTP(w, r),
    ],
    [
      'in trailers',
      async (w) => {
        await w.write('body');
        for (const tag of ['"a"', '"b"']) w.header().add('Trailer:ETag', tag);
      },
    ],
  ];
  for (const [name, handler] of twice) {
    test(`a field that may be there once: ${name}`, { timeout }, async () => {
      const { error, log } = await asked(handler);
      assert.match(error, /NGHTTP2_INTERNAL_ERROR/);
      assert.match(log[0]!, TWICE);
    });
  }

  test('a status that it does not have', { timeout }, async () => {
    const thrown = await asked((w) => w.writeHeader(600));
    assert.equal(thrown.reply.headers?.[':status'], 500);
    assert.match(
      thrown.log[0]!,
      /RangeError: writeHeader: statusCode must be an integer in 100\.\.599/,
    );
    const listener = nodeHandler((_req, res) => {
      res.statusCode = 700;
      res.write('begun');
    });
    const { reply } = await asked((w, r) => listener.serveHTTP(w, r));
    assert.equal(reply.headers?.[':status'], 500);
  });

  test('names that every object has', { timeout }, async () => {
    const { reply, log } = await asked(async (w) => {
      for (const name of ['constructor', 'toString', '__proto__']) {
        w.header().set(name, 'mine');
        w.header().set(`Trailer:${name}`, 'mine');
      }
      await w.write('x');
    });
    const { headers = {}, trailers = {} } = reply;
    for (const fields of [headers, trailers]) {
      for (const name of ['constructor', 'tostring', '__proto__']) {
        assert.equal(Object.getOwnPropertyDescriptor(fields, name)?.value, 'mine', name);
      }
    }
    assert.deepEqual(log, []);
  });

  test('an outcome that cannot be looked at is a panic', { timeout }, async () => {
    const unseen = new Proxy({} as Promise<void>, {
      get() {
        throw new Error('no');
      },
    });
    const { reply } = await asked(() => unseen);
    assert.equal(reply.headers?.[':status'], 500);
  });

  test('of two hosts :authority is the one that is meant', { timeout }, async () => {
    const listener = nodeHandler((req, res) => res.end(req.headers.host));
    const { reply } = await asked((w, r) => listener.serveHTTP(w, r), {
      ':authority': 'one.example',
      host: 'two.example',
    });
    assert.equal(reply.body, 'one.example');
  });
});
