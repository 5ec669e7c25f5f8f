/** HTTP/2 where it ends, and where somebody wants too much of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { connect as connectTLS } from 'node:tls';
import type { HandlerFunc } from '../../src/http.ts';
import { openSockets } from '../net/machine.ts';
import { localhost, noOpenSSL, secureServer, type SecureServer } from './secure-server.ts';

const timeout = 60_000;

function session(server: SecureServer): ClientHttp2Session {
  return connect(server.url, { ca: localhost().cert }).on('error', () => {});
}

async function status(stream: ClientHttp2Stream): Promise<unknown> {
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  stream.resume();
  return headers[':status'];
}

/** Settles when it has closed, whatever errors it tells of. */
function closed(one: ClientHttp2Stream | ClientHttp2Session): Promise<void> {
  one.on('error', () => {});
  return new Promise((resolve) => one.once('close', resolve));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A promise that the test fulfils. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

suite('the end of a connection of HTTP/2', { skip: noOpenSSL, timeout: 120_000 }, () => {
  test(
    'shutdown: GOAWAY, what is being served finishes, and then it is closed',
    { timeout },
    async () => {
      const sockets = openSockets();
      const [begun, release] = [gate(), gate()];
      const server = await secureServer(async (w) => {
        await w.write('first ');
        await w.flush();
        begun.open();
        await release.opened;
        await w.write('last');
      });
      const [client, idle] = [session(server), session(server)];
      await once(idle, 'remoteSettings');
      const stream = client.request({});
      const body = text(stream);
      await begun.opened;
      const told = [client, idle].map((one) => once(one, 'goaway') as Promise<[number]>);
      const ended = server[Symbol.asyncDispose]();
      for (const [code] of await Promise.all(told)) assert.equal(code, constants.NGHTTP2_NO_ERROR);
      await closed(idle);
      await until(() => server.server.connections.size === 1);
      release.open();
      assert.equal(await body, 'first last');
      await ended;
      await until(() => openSockets() <= sockets);
      assert.deepEqual(server.log, []);
    },
  );

  test(
    'a request on its way while the server begins to shut down is served',
    { timeout },
    async () => {
      const [begun, release] = [gate(), gate()];
      const server = await secureServer(async (w, r) => {
        if (r.path !== '/first') return;
        begun.open();
        await release.opened;
        await w.write('done');
      });
      const client = session(server);
      const first = client.request({ ':path': '/first' });
      await begun.opened;
      // In one turn: it is sent before the client can have heard.
      const ended = server[Symbol.asyncDispose]();
      const second = client.request({ ':path': '/second' });
      assert.equal(await status(second), 200);
      release.open();
      assert.equal(await status(first), 200);
      await ended;
    },
  );

  test('a lame duck tells its clients to go, and takes others', { timeout }, async () => {
    const server = await secureServer(() => {});
    const client = session(server);
    assert.equal(await status(client.request({})), 200);
    const ended = server.server.shutdown({ lameDuck: 60_000 });
    for (const one of [client, session(server)]) {
      const gone = closed(one);
      assert.equal(await status(one.request({})), 200);
      await gone;
    }
    await server[Symbol.asyncDispose]();
    await ended;
    assert.deepEqual(server.log, []);
  });

  test('close: at once, and handlers notice', { timeout }, async () => {
    const [begun, noticed] = [gate(), gate()];
    const server = await secureServer(async (_w, r) => {
      r.signal.addEventListener('abort', () => noticed.open());
      begun.open();
      await noticed.opened;
    });
    const client = session(server);
    const failed = closed(client.request({}));
    await begun.opened;
    server.server.close();
    await Promise.all([failed, noticed.opened]);
    assert.equal(server.server.connections.size, 0);
    await server[Symbol.asyncDispose]();
  });

  test(
    'states, an idle connection that is closed in time, and one that says nothing',
    { timeout },
    async () => {
      const states: string[] = [];
      await using server = await secureServer(() => {}, {
        idleTimeout: 500,
        connState: (_conn, state) => states.push(state),
      });
      const client = session(server);
      assert.equal(await status(client.request({})), 200);
      await closed(client);
      await until(() => states.at(-1) === 'closed');
      assert.deepEqual(states.splice(0), ['new', 'idle', 'active', 'idle', 'closed']);
      const silent = connectTLS({
        port: server.port,
        rejectUnauthorized: false,
        ALPNProtocols: ['h2'],
      });
      await once(silent.resume(), 'close');
      await until(() => states.at(-1) === 'closed');
      assert.deepEqual(states, ['new', 'idle', 'closed']);
    },
  );

  test('a handler that says Connection: close gets no further request', { timeout }, async () => {
    await using server = await secureServer((w) => w.header().set('Connection', 'close'));
    const client = session(server);
    const gone = closed(client);
    assert.equal(await status(client.request({})), 200);
    await gone;
  });
});

suite('limits of HTTP/2', { skip: noOpenSSL, timeout: 120_000 }, () => {
  test('what the server announces, and more than that', { timeout }, async () => {
    const handler: HandlerFunc = async (w, r) => w.write(`${(await r.body.bytes()).length}`);
    await using server = await secureServer(handler, {
      maxHeaderBytes: 8192,
      maxHeaders: 20,
      maxBodyBytes: 1000,
    });
    const client = session(server);
    const [settings] = await once(client, 'remoteSettings');
    assert.equal(settings.maxConcurrentStreams, 250);
    assert.equal(settings.maxHeaderListSize, 8192);
    const refused = async (headers: object): Promise<void> => {
      const stream = client.request({ ...headers });
      await assert.rejects(once(stream, 'response'), { code: 'ERR_HTTP2_STREAM_ERROR' });
    };
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`x-${i}`, 'v']));
    await refused(many);
    const other = session(server);
    await once(other, 'remoteSettings');
    const large = other.request({ 'x-large': 'v'.repeat(20_000) }).on('error', () => {});
    await closed(large);
    assert.notEqual(large.rstCode, constants.NGHTTP2_NO_ERROR);
    for (const length of [1000, 1001]) {
      for (const declared of [true, false]) {
        const stream = client.request({
          ':method': 'POST',
          ...(declared && { 'content-length': length }),
        });
        stream.end(Buffer.alloc(length));
        assert.equal(await status(stream), length === 1000 ? 200 : 413);
      }
    }
    client.close();
    other.destroy();
  });

  test(
    'requests that are reset at once: handlers stay few, and the connection is ended',
    { timeout },
    async () => {
      let [running, most] = [0, 0];
      const release = gate();
      await using server = await secureServer(async () => {
        most = Math.max(most, ++running);
        await release.opened;
        running--;
      });
      const client = session(server);
      await once(client, 'remoteSettings');
      let ended = false;
      client.once('close', () => (ended = true));
      for (let i = 0; i < 5000 && !ended; i++) {
        const stream = client.request({}).on('error', () => {});
        stream.close(constants.NGHTTP2_CANCEL);
        if (i % 100 === 0) await new Promise(setImmediate);
      }
      await until(() => ended);
      assert.ok(most <= 250, `${most} handlers at a time`);
      release.open();
      const next = session(server);
      assert.equal(await status(next.request({})), 200);
      next.close();
      await until(() => running === 0);
    },
  );

  test('a client that does not read makes the handler wait', { timeout }, async () => {
    let written = 0;
    const block = Buffer.alloc(64 * 1024);
    await using server = await secureServer(async (w) => {
      for (let i = 0; i < 320; i++) {
        await w.write(block);
        written += block.length;
      }
    });
    const client = session(server);
    const stream = client.request({}).pause();
    await once(stream, 'response');
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok(written < 4 << 20, `${written} bytes without a reader`);
    let received = 0;
    for await (const chunk of stream) received += (chunk as Buffer).length;
    assert.equal(received, 320 * block.length);
    client.close();
  });

  test('a handler that does not read makes the client wait', { timeout }, async () => {
    const release = gate();
    await using server = await secureServer(async (w, r) => {
      await release.opened;
      let length = 0;
      for await (const chunk of r.body) length += chunk.length;
      await w.write(String(length));
    });
    const client = session(server);
    const stream = client.request({ ':method': 'POST' });
    const block = Buffer.alloc(64 * 1024);
    let sent = 0;
    const sending = (async () => {
      for (let i = 0; i < 320; i++) {
        if (!stream.write(block)) await once(stream, 'drain');
        sent += block.length;
      }
      stream.end();
    })();
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok(sent < 4 << 20, `${sent} bytes without a reader`);
    release.open();
    await sending;
    assert.equal(await text(stream), String(320 * block.length));
    client.close();
  });

  test(
    'times: of a body that does not come, of a response that nobody takes',
    { timeout },
    async () => {
      const failures: unknown[] = [];
      await using server = await secureServer(
        async (w, r) => {
          if (r.method === 'POST') await r.body.text();
          for (let i = 0; i < 320; i++)
            await w.write(Buffer.alloc(64 * 1024)).catch((error: unknown) => {
              failures.push((error as { timeout?: boolean }).timeout);
              throw error;
            });
        },
        { readTimeout: 300, writeTimeout: 1000 },
      );
      const client = session(server);
      const late = client.request({ ':method': 'POST' });
      late.write('some');
      assert.equal(await status(late), 408);
      const slow = client
        .request({})
        .pause()
        .on('error', () => {});
      await closed(slow);
      assert.notEqual(slow.rstCode, constants.NGHTTP2_NO_ERROR);
      assert.deepEqual(failures, [true]);
      client.destroy();
    },
  );

  test('a handler that does not wait for its writes is stopped', { timeout }, async () => {
    let failed: unknown = null;
    await using server = await secureServer(
      async (w) => {
        for (let i = 0; i < 100 && failed === null; i++) {
          w.write(Buffer.alloc(10_000)).catch((error: unknown) => (failed ??= error));
        }
        await new Promise(setImmediate);
      },
      { maxUnsentBytes: 200_000 },
    );
    const client = session(server);
    const stream = client.request({}).on('error', () => {});
    await closed(stream);
    assert.equal((failed as { code?: string } | null)?.code, 'ERR_HTTP_NOT_AWAITED');
    assert.match(server.log[0]!, /more than 200000 bytes wait to be sent/);
    client.close();
  });
});
