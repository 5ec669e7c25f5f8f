/** An Express app over https, by HTTP/2 and HTTP/1.1, and on a server of createServer with a TLS listener. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { get, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import express from 'express';
import { listen } from '../../src/index.ts';
import { createServer, nodeHandler, tlsListener } from '../../src/node.ts';
import { localhost, noOpenSSL, secureServer } from './secure-server.ts';

const timeout = 60_000;

function makeApp(): express.Express {
  const app = express();
  app.use(express.text());
  app.all('/', (req, res) => {
    const { method, protocol, secure, httpVersion, hostname } = req;
    const { encrypted, alpnProtocol } = req.socket as {
      encrypted?: boolean;
      alpnProtocol?: unknown;
    };
    res.cookie('a', '1').cookie('b', '2');
    res.json({
      method,
      protocol,
      secure,
      httpVersion,
      hostname,
      encrypted,
      alpnProtocol,
      body: req.body as unknown,
    });
  });
  app.get('/stream', (_req, res) => {
    res.write('one ');
    setImmediate(() => res.end('two'));
  });
  app.get('/wait', (_req, res) => void res.on('close', () => app.emit('gone')));
  return app;
}

async function ask(options: RequestOptions): Promise<IncomingMessage> {
  const [reply] = (await once(
    get({ host: 'localhost', rejectUnauthorized: false, ...options }),
    'response',
  )) as [IncomingMessage];
  return reply;
}

suite('an Express app over https', { timeout, skip: noOpenSSL }, () => {
  test('by HTTP/1.1 and by HTTP/2', async () => {
    const app = makeApp();
    await using served = await secureServer(nodeHandler(app));
    const reply = await ask({ port: served.port });
    const said = JSON.parse(await textOf(reply)) as Record<string, unknown>;
    assert.deepEqual(
      [said['protocol'], said['secure'], said['httpVersion']],
      ['https', true, '1.1'],
    );
    assert.deepEqual([said['encrypted'], said['hostname']], [true, 'localhost']);
    assert.equal(reply.headers['set-cookie']?.length, 2);

    const session = connect(`https://localhost:${served.port}`, { rejectUnauthorized: false });
    try {
      const post = session.request({ ':method': 'POST', 'content-type': 'text/plain' });
      post.end('a body');
      const both = session.request({ ':path': '/stream' });
      const [first, second] = await Promise.all([textOf(post), textOf(both)]);
      const over2 = JSON.parse(first) as Record<string, unknown>;
      assert.deepEqual(
        [over2['secure'], over2['httpVersion'], over2['body']],
        [true, '2.0', 'a body'],
      );
      assert.equal(over2['alpnProtocol'], 'h2');
      assert.equal(second, 'one two');
      const waiting = session.request({ ':path': '/wait' });
      waiting.on('error', () => {});
      const gone = once(app, 'gone');
      await new Promise((resolve) => session.ping(resolve));
      waiting.close(8);
      await gone;
      const after = session.request({ ':path': '/stream' });
      assert.equal(await textOf(after), 'one two', 'the others go on');
    } finally {
      session.close();
    }
  });

  test('on a server of createServer', async () => {
    const { cert, key } = localhost();
    const server = createServer(makeApp());
    server.listen(await tlsListener(await listen('tcp', '127.0.0.1:0'), { cert, key }));
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const reply = await ask({ port, host: '127.0.0.1', agent: false });
    assert.match(await textOf(reply), /"protocol":"https","secure":true/);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});
