/**
 * That a response was created is told once for each exchange of a listener of node:http, although newer
 * versions of Node tell of it in the constructor of their ServerResponse. In a process of its own: a channel
 * is everybody's.
 */
import assert from 'node:assert/strict';
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Server, ServeMux } from '../../src/http.ts';
import { listen } from '../../src/index.ts';
import { createServer, nodeHandler, type NodeListener } from '../../src/node.ts';

const CHANNEL = 'http.server.response.created';
const timeout = 60_000;

test('http.server.response.created is published once for an exchange', { timeout }, async (t) => {
  const told: string[] = [];
  const listener = (message: unknown): void => {
    const { request, response } = message as { request: IncomingMessage; response: unknown };
    assert.equal((response as { req: unknown }).req, request);
    told.push(request.url!);
  };
  subscribe(CHANNEL, listener);
  t.after(() => unsubscribe(CHANNEL, listener));
  const answer: NodeListener = (_req, res) => void res.end('x');

  const server = createServer(answer);
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await (await fetch(`http://127.0.0.1:${port}/server`)).text();
  assert.deepEqual(told.splice(0), ['/server']);

  const mux = new ServeMux();
  mux.handle('/', nodeHandler(answer));
  const outer = new Server(mux);
  const tcp = await listen('tcp', '127.0.0.1:0');
  const served = outer.serve(tcp);
  t.after(async () => {
    outer.close();
    await served;
  });
  await (await fetch(`http://127.0.0.1:${tcp.addr.port}/mux`)).text();
  assert.deepEqual(told.splice(0), ['/mux']);

  // What node makes for others is told as before: some versions tell, some do not.
  assert.ok(!Object.hasOwn(channel(CHANNEL), 'publish'));
  const before = told.length;
  const plain = new ServerResponse(new IncomingMessage(null as never));
  assert.equal(plain.statusCode, 200);
  assert.ok(told.length - before <= 1);
});
