/** A Fastify 5 app on netfd, by `serverFactory` and by `routing`: the same replies as on node:http. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, suite, test } from 'node:test';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { createServer, nodeHandler } from '../../src/node.ts';
import { ask, compareOn, raw } from './http-oracle.ts';
import { run } from '../http/raw-client.ts';

const timeout = 60_000;

function makeApp(options: FastifyServerOptions = {}): FastifyInstance {
  const app = fastify({ ...options, requestIdHeader: 'x-id' });
  const order: string[] = [];
  app.addHook('onRequest', async (request) => void order.push(`onRequest ${request.url}`));
  app.addHook('preHandler', (_request, _reply, done) => done());
  app.addHook('onSend', async (_request, reply, payload) => {
    void reply.header('X-Hook', 'sent');
    return payload;
  });
  app.addHook('onResponse', async (request, reply) => {
    order.push(`onResponse ${request.url} ${reply.statusCode}`);
  });
  app.get('/order', async () => order.splice(0));
  app.get('/json', async () => ({ hello: 'wörld' }));
  app.get('/text', (_request, reply) => reply.send('text'));
  app.get('/nothing', (_request, reply) => reply.code(204).send());
  app.get('/buffer', (_request, reply) => reply.type('image/x').send(Buffer.from([1, 2, 255])));
  app.get('/redirect', (_request, reply) => reply.redirect('/json'));
  app.get('/cookies', (_request, reply) =>
    reply.header('Set-Cookie', 'a=1').header('Set-Cookie', 'b=2').send('x'),
  );
  app.get('/stream', (_request, reply) => reply.send(Readable.from(['one ', 'two'])));
  app.get('/web-stream', (_request, reply) => reply.send(new Response('from a Response')));
  app.get('/broken-stream', (_request, reply) => {
    const stream = new Readable({ read: () => {} });
    setImmediate(() => stream.destroy(new Error('broken')));
    return reply.send(stream);
  });
  app.get('/hijack', (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(202, { 'X-Raw': '1' });
    reply.raw.end('raw');
  });
  app.get('/throws', async () => {
    throw Object.assign(new Error('thrown'), { statusCode: 409 });
  });
  app.get('/client', async ({ ip, hostname, protocol, port, host }) => ({
    ip,
    hostname,
    protocol,
    host,
    port: typeof port,
  }));
  app.get('/users/:id', async ({ params, query }) => ({ params, query }));
  app.post('/echo', async ({ body, headers }) => ({ body, length: headers['content-length'] }));
  app.post(
    '/schema',
    {
      schema: {
        body: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
        response: { 200: { type: 'object', properties: { twice: { type: 'integer' } } } },
      },
    },
    async ({ body }) => ({ twice: 2 * (body as { n: number }).n, dropped: true }),
  );
  return app;
}

let onNode: FastifyInstance;
let onNetfd: FastifyInstance;
const port = (app: FastifyInstance): { port: number } => app.server.address() as AddressInfo;

before(async () => {
  onNode = makeApp();
  onNetfd = makeApp({ serverFactory: (handler) => createServer(handler) });
  for (const app of [onNode, onNetfd]) await app.listen({ port: 0, host: '127.0.0.1' });
});

after(async () => {
  await onNode.close();
  await onNetfd.close();
});

const same = (...requests: string[]): Promise<unknown> =>
  compareOn(port(onNode), port(onNetfd), ...requests);

suite('a Fastify app', { timeout }, () => {
  for (const path of '/json /text /nothing /buffer /redirect /cookies /stream /web-stream /hijack /throws /users/7?a=b /nowhere'.split(
    ' ',
  )) {
    test(path, async () => {
      await same(ask('GET', path), ask('HEAD', path), ask('POST', path));
    });
  }

  test('bodies and schemas', async () => {
    const json = ['Content-Type: application/json'];
    await same(
      ask('POST', '/echo', json, '{"a":1}'),
      ask('POST', '/echo', json, '{"a":'),
      ask('POST', '/echo', ['Content-Type: text/plain'], 'text'),
      ask('POST', '/echo', ['Content-Type: image/png'], 'x'),
      ask('POST', '/echo', json, `{"long":"${'x'.repeat(1_100_000)}"}`),
      `${ask('POST', '/echo', [...json, 'Transfer-Encoding: chunked'])}7\r\n{"a":1}\r\n0\r\n\r\n`,
      ask('POST', '/schema', json, '{"n":21}'),
      ask('POST', '/schema', json, '{"n":"many"}'),
      ask('POST', '/schema', json, '{}'),
    );
  });

  test('hooks', async () => {
    await same(ask('GET', '/order'), ask('GET', '/json'), ask('GET', '/order'));
  });

  test('who asks', async () => {
    await same(ask('GET', '/client').replace('Host: test', 'Host: name:81'));
  });

  test('a stream that breaks', async () => {
    await same(ask('GET', '/broken-stream'));
  });

  test('inject', async () => {
    const reply = await onNetfd.inject({ method: 'POST', url: '/schema', payload: { n: 4 } });
    assert.deepEqual([reply.statusCode, reply.json()], [200, { twice: 8 }]);
  });

  test('on localhost, which may be two addresses', async () => {
    const app = makeApp({ serverFactory: (handler) => createServer(handler) });
    const url = await app.listen({ port: 0, host: 'localhost' });
    assert.match(await (await fetch(`${url}/json`)).text(), /hello/);
    await app.close();
    await assert.rejects(fetch(url));
  });

  test('a port that is taken', async () => {
    const app = makeApp({ serverFactory: (handler) => createServer(handler) });
    await assert.rejects(app.listen({ port: port(onNode).port, host: '127.0.0.1' }), {
      code: 'EADDRINUSE',
    });
    await app.close();
  });

  test('by its routing, in a handler', async () => {
    const app = makeApp();
    await app.ready();
    await using running = await run(
      'tcp',
      nodeHandler((req, res) => app.routing(req, res)),
    );
    await using client = await running.dial();
    await client.send(ask('GET', '/json'));
    assert.match(await client.rest(), /\{"hello":"wörld"\}|\{"hello":"w..rld"\}/);
    await app.close();
  });

  test('close completes what has begun', async () => {
    const app = fastify({ serverFactory: (handler) => createServer(handler) });
    let begun!: () => void;
    const begins = new Promise<void>((resolve) => (begun = resolve));
    let go!: () => void;
    const goes = new Promise<void>((resolve) => (go = resolve));
    app.get('/slow', async () => {
      begun();
      await goes;
      return 'done';
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const reply = raw(port(app).port, 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await begins;
    const closed = app.close();
    go();
    assert.match(await reply, /done$/);
    await closed;
  });
});
