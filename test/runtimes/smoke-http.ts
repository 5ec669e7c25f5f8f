/**
 * What must work of netfd/http and netfd/node on every runtime: files, forms, logs, Responses, listeners
 * and streams of Node, TLS, HTTP/2, workers. Checks for smoke.ts; the client is fetch, or the runtime's own
 * modules of Node. The worker of the last check runs smoke.ts itself, which calls `serveByWorkers`.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { request as requestHttps } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isMainThread } from 'node:worker_threads';
import {
  accessLog,
  fileServer,
  type Handler,
  type HandlerFunc,
  nodeFiles,
  parseMultipartForm,
  Response as OurResponse,
  type RunningServer,
  serve,
  Server,
} from '../../src/http.ts';
import { dial, listen } from '../../src/index.ts';
import { nodeHandler, toNodeSocket } from '../../src/node.ts';
import { localhost, secureServer } from '../node/secure-server.ts';

/** Asks once, on a connection of its own. */
function ask(
  url: string,
  init: RequestInit = {},
  fields: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, { ...init, headers: { connection: 'close', ...fields } });
}

/** Runs `use` with the URL of a server with `handler`. */
async function withServer(
  handler: Handler | HandlerFunc,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const log: string[] = [];
  const server = new Server(handler, { errorLog: (line) => log.push(line) });
  const listener = await listen('tcp', '127.0.0.1:0');
  const served = server.serve(listener);
  await use(`http://${String(listener.addr)}`);
  await server.shutdown();
  await served;
  assert.deepEqual(log, []);
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'netfd-smoke-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A handler that says what protocol it was asked by. */
const tellProtocol: HandlerFunc = async (w, r) => {
  await w.write(`${r.proto} ${(await r.body.text()).length} ${r.tls === null ? 'plain' : 'TLS'}`);
};

/** Elsewhere TLS is refused, in words. */
const isNode = process.versions['bun'] === undefined && process.versions['deno'] === undefined;

async function isRefused(): Promise<void> {
  await assert.rejects(secureServer(tellProtocol), /^Error: listenAndServeTLS: TLS.* need Node;/);
}

async function overHttps(): Promise<void> {
  const server = await secureServer(tellProtocol);
  const { port } = server;
  const asked = requestHttps({
    host: '127.0.0.1',
    servername: 'localhost',
    port,
    ca: localhost().cert,
    method: 'POST',
    agent: false,
  });
  asked.end('x'.repeat(100_000));
  const [reply] = (await once(asked, 'response')) as [IncomingMessage];
  assert.equal(await text(reply), 'HTTP/1.1 100000 TLS');
  await server[Symbol.asyncDispose]();
}

async function overHttp2(): Promise<void> {
  const server = await secureServer(tellProtocol);
  const options = { ca: localhost().cert, servername: 'localhost' };
  const client: ClientHttp2Session = connectHttp2(`https://localhost:${server.port}`, options);
  await once(client, 'connect');
  const stream = client.request({ ':method': 'POST', ':path': '/' });
  stream.end('x'.repeat(100_000));
  assert.equal(await text(stream), 'HTTP/2.0 100000 TLS');
  client.close();
  await once(client, 'close');
  await server[Symbol.asyncDispose]();
}

/** What the main thread and each worker do: the first has the address, the others serve. */
export function serveByWorkers(): Promise<RunningServer> {
  return serve({
    hostname: '127.0.0.1',
    port: 0,
    workers: 2,
    fetch: () => new Response(`by a worker: ${!isMainThread}`),
  });
}

async function workersServe(): Promise<void> {
  const server = await serveByWorkers();
  for (let i = 0; i < 10; i++) {
    assert.equal(await (await ask(server.url)).text(), 'by a worker: true');
  }
  await server.shutdown();
}

export const httpChecks: Readonly<Record<string, () => Promise<void>>> = {
  'http, a part of a file': () =>
    withFolder(async (folder) => {
      writeFileSync(join(folder, 'a.txt'), '0123456789'.repeat(100_000));
      await withServer(fileServer(await nodeFiles(folder)), async (url) => {
        const part = await ask(`${url}/a.txt`, {}, { range: 'bytes=500003-500012' });
        assert.equal(part.status, 206);
        assert.equal(part.headers.get('content-range'), 'bytes 500003-500012/1000000');
        assert.equal(await part.text(), '3456789012');
        assert.equal((await (await ask(`${url}/a.txt`)).text()).length, 1_000_000);
        assert.equal((await ask(`${url}/b.txt`)).status, 404);
      });
    }),

  'http, a form with a file': () =>
    withFolder(async (folder) => {
      const handler: HandlerFunc = async (w, r) => {
        await using form = await parseMultipartForm(r, { maxMemory: 1000, folder });
        const file = form.file('file')!;
        const length = (await file.bytes()).length;
        await w.write(`${form.values.get('name')} ${file.filename} ${length}`);
      };
      await withServer(handler, async (url) => {
        const body = new FormData();
        body.append('name', 'value');
        body.append('file', new Blob(['x'.repeat(100_000)]), 'f.txt');
        assert.equal(await (await ask(url, { method: 'POST', body })).text(), 'value f.txt 100000');
      });
    }),

  'http, a line for each request': async () => {
    const lines: string[] = [];
    const handler = accessLog((w) => void w.write('hello'), { write: (line) => lines.push(line) });
    await withServer(handler, async (url) => {
      assert.equal(await (await ask(`${url}/a`)).text(), 'hello');
    });
    assert.match(lines.join('\n'), /^127\.0\.0\.1 - - \[.*\] "GET \/a HTTP\/1\.1" 200 5$/);
  },

  'http, a Response of ours': async () => {
    const server = await serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: async (incoming) => {
        if (incoming.method === 'GET') return OurResponse.json({ a: 1 }, { status: 201 });
        return new OurResponse(incoming.body, { headers: { 'x-ours': 'yes' } });
      },
    });
    const reply = await ask(server.url);
    assert.equal(`${reply.status} ${await reply.text()}`, '201 {"a":1}');
    const body = 'x'.repeat(100_000);
    const back = await ask(server.url, { method: 'POST', body });
    assert.equal(back.headers.get('x-ours'), 'yes');
    assert.equal(await back.text(), body);
    await server.shutdown();
  },

  'http, a listener of node:http': async () => {
    const handler = nodeHandler((req, res) => {
      res.setHeader('X-Method', req.method ?? '');
      void text(req).then((body) => res.end(`${req.url} ${body.length}`));
    });
    await withServer(handler, async (url) => {
      const reply = await ask(`${url}/a?b`, { method: 'POST', body: 'x'.repeat(100_000) });
      assert.equal(reply.headers.get('x-method'), 'POST');
      assert.equal(await reply.text(), '/a?b 100000');
    });
  },

  'a stream of Node over a connection': async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    const [dialled, accepted] = await Promise.all([
      dial('tcp', String(listener.addr)),
      listener.accept(),
    ]);
    listener.close();
    const [client, server] = [toNodeSocket(dialled), toNodeSocket(accepted)];
    const closed = [once(client, 'close'), once(server, 'close')];
    server.pipe(server);
    client.end('x'.repeat(1_000_000));
    assert.equal((await text(client)).length, 1_000_000);
    await Promise.all(closed);
  },

  'tls, https, on Node alone': isNode ? overHttps : isRefused,
  'tls, http/2, on Node alone': isNode ? overHttp2 : isRefused,
  'http, workers': workersServe,
};
