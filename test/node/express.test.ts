/** An Express 5 app on netfd: the same replies as on node:http. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, suite, test } from 'node:test';
import { createServer as createNodeServer } from 'node:http';
import { createGzip } from 'node:zlib';
import express, { type NextFunction, type Request, type Response } from 'express';
import { createServer } from '../../src/node.ts';
import { ask, compareOn, listening, raw, type Running } from './http-oracle.ts';

const timeout = 60_000;

let dir: string;
let node: Running;
let netfd: Running;

function makeApp(): express.Express {
  const app = express();
  app.set('trust proxy', 'loopback');
  app.use(express.json(), express.urlencoded({ extended: true }), express.text());
  app.use('/files', express.static(dir, { dotfiles: 'deny' }));
  app.get('/text', (_req, res) => res.send('text é'));
  app.get('/json', (_req, res) => res.json({ a: [1, 2], b: 'é' }));
  app.get('/buffer', (_req, res) => res.send(Buffer.from([1, 2, 255])));
  app.get('/status', (_req, res) => res.sendStatus(418));
  app.get('/users/:id', (req, res) => res.json({ ...req.params, query: req.query }));
  app.all('/echo', (req, res) => {
    const { method, url, originalUrl, path, hostname, protocol, secure, ip, ips, xhr } = req;
    const about = { method, url, originalUrl, path, hostname, protocol, secure, ip, ips, xhr };
    res.json({ ...about, fresh: req.fresh, body: req.body as unknown, is: req.is('json') });
  });
  app.get('/accepts', (req, res) => {
    res.format({
      text: () => res.send('t'),
      json: () => res.json('j'),
      html: () => res.send('<p>'),
    });
    assert.ok(req.accepts('text'));
  });
  app.get('/redirect', (_req, res) => res.redirect('/text'));
  app.get('/moved', (_req, res) => res.redirect(301, 'https://example.com/'));
  app.get('/cookies', (_req, res) => {
    res.cookie('a', '1', { httpOnly: true, path: '/', sameSite: 'lax' });
    res.cookie('b', { j: 1 }).clearCookie('c').append('Link', '</x>').vary('Origin').send('ok');
  });
  app.get('/file', (_req, res) => res.sendFile(join(dir, 'page.html')));
  app.get('/download', (_req, res) => res.download(join(dir, 'data.bin'), 'naïve.bin'));
  app.get('/stream', (_req, res) => {
    res.type('txt');
    Readable.from(['one ', 'two ', 'three']).pipe(res);
  });
  app.get('/gzip', (_req, res) => {
    res.setHeader('Content-Encoding', 'gzip');
    const gzip = createGzip();
    gzip.pipe(res);
    gzip.end('x'.repeat(50_000));
  });
  app.get('/async', async (_req, res) => {
    await new Promise((resolve) => setImmediate(resolve));
    res.send('later');
  });
  app.get('/throws', () => {
    throw Object.assign(new Error('thrown'), { status: 409 });
  });
  app.get('/rejects', async () =>
    Promise.reject(Object.assign(new Error('rejected'), { status: 503 })),
  );
  app.get('/late', (_req, res, next) => {
    res.write('begun');
    next(new Error('too late'));
  });
  const sub = express.Router();
  sub.get('/deep', (req, res) => res.json([req.baseUrl, req.url, req.originalUrl]));
  app.use('/sub', sub);
  // The arity says that it is for errors.
  app.use(
    (error: Error & { status?: number }, _req: Request, res: Response, next: NextFunction) => {
      if (res.headersSent) return next(error);
      res.status(error.status ?? 500).json({ failed: error.message });
    },
  );
  app.set('env', 'test');
  return app;
}

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'netfd-express-'));
  writeFileSync(join(dir, 'page.html'), '<p>page</p>');
  writeFileSync(join(dir, 'index.html'), '<p>index</p>');
  writeFileSync(join(dir, '.hidden'), 'secret');
  writeFileSync(join(dir, 'data.bin'), Buffer.alloc(300_000, 'abcdefghij'));
  node = await listening(createNodeServer(makeApp()));
  const log: string[] = [];
  netfd = await listening(createServer({ errorLog: (line) => log.push(line) }, makeApp()), log);
});

after(async () => {
  await node[Symbol.asyncDispose]();
  await netfd[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

const same = (...requests: string[]): Promise<unknown> => compareOn(node, netfd, ...requests);

suite('an Express app', { timeout }, () => {
  for (const path of [
    '/text /json /buffer /status /users/7?a=b&c[]=d /redirect /moved /cookies /file /download /stream',
    '/gzip /async /throws /rejects /sub/deep /nowhere /users/%zz',
  ].flatMap((line) => line.split(' '))) {
    test(path, async () => {
      await same(ask('GET', path), ask('HEAD', path), ask('DELETE', path));
    });
  }

  test('bodies', async () => {
    const type = (name: string): string[] => [`Content-Type: ${name}`];
    await same(
      ask('POST', '/echo', type('application/json'), '{"a":{"b":[1]}}'),
      ask('POST', '/echo', type('application/json'), '{"a":'),
      ask('POST', '/echo', type('application/x-www-form-urlencoded'), 'a=b&c[d]=e+f'),
      ask('POST', '/echo', type('text/plain'), 'plain \xe9'),
      ask('POST', '/echo', type('application/json'), `{"long":"${'x'.repeat(90_000)}"}`),
      ask('POST', '/echo', type('application/json'), `{"long":"${'x'.repeat(200_000)}"}`),
      ask('PUT', '/echo', type('application/octet-stream'), 'ignored'),
      `${ask('POST', '/echo', [...type('application/json'), 'Transfer-Encoding: chunked'])}7\r\n{"a":1}\r\n0\r\n\r\n`,
    );
  });

  test('a client behind a proxy, negotiation', async () => {
    const forwarded = [
      'X-Forwarded-For: 1.2.3.4',
      'X-Forwarded-Proto: https',
      'X-Requested-With: XMLHttpRequest',
    ];
    await same(
      ask('GET', '/echo?q', forwarded),
      ask('GET', '/accepts', ['Accept: application/json']),
      ask('GET', '/accepts', ['Accept: text/html;q=0.5, text/plain;q=0.1']),
      ask('GET', '/accepts', ['Accept: image/png']),
    );
  });

  test('static files: ranges, validators, directories', async () => {
    const validator = /ETag: (.*)\r\n/i.exec(
      await raw(netfd.port, ask('GET', '/files/data.bin')),
    )?.[1];
    assert.ok(validator !== undefined);
    await same(
      ask('GET', '/files/page.html'),
      ask('HEAD', '/files/data.bin'),
      ask('GET', '/files/data.bin', ['Range: bytes=5-9']),
      ask('GET', '/files/data.bin', ['Range: bytes=-5']),
      ask('GET', '/files/data.bin', ['Range: bytes=999999-']),
      ask('GET', '/files/data.bin', ['Range: bytes=0-1,5-6']),
      ask('GET', '/files/data.bin', [`If-None-Match: ${validator}`]),
      ask('GET', '/files/data.bin', ['If-Match: "other"']),
      ask('GET', '/files/data.bin', ['If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT']),
      ask('GET', '/files/'),
      ask('GET', '/files'),
      ask('GET', '/files/none'),
      ask('GET', '/files/.hidden'),
      ask('GET', '/files/..%2f..%2fetc/passwd'),
      ask('POST', '/files/page.html', [], 'x'),
    );
  });

  test('an error after the head cuts the reply off', async () => {
    for (const { port } of [node, netfd]) {
      assert.doesNotMatch(await raw(port, ask('GET', '/late')), /0\r\n\r\n$/);
    }
  });
});
