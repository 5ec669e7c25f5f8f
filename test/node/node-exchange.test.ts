/**
 * What happens around a request on netfd as on node:http: events in their order, back-pressure, clients
 * that go, listeners that fail, pipelining, 100 Continue, early hints, timeouts.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { text as textOf } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { ServeMux } from '../../src/http/mux/serve-mux.ts';
import { stripPrefix } from '../../src/http/replies.ts';
import { createServer, nodeHandler, type NodeListener } from '../../src/node.ts';
import { run } from '../http/raw-client.ts';
import { ask, Client, listening, parse, raw, type Running, start } from './http-oracle.ts';

const timeout = 60_000;

const KINDS = ['node', 'netfd'] as const;

/** What `use` gives on either server has to be the same. */
async function same(
  listener: () => { listener: NodeListener; result: unknown },
  use: (running: Running) => Promise<unknown>,
): Promise<void> {
  const results: unknown[] = [];
  for (const kind of KINDS) {
    const { listener: onRequest, result } = listener();
    await using running = await start(kind, onRequest);
    results.push([await use(running), await result]);
  }
  assert.deepEqual(results[1], results[0]);
}

/** Notes the events of the two messages. */
function noted(req: IncomingMessage, res: ServerResponse, events: string[]): void {
  for (const name of ['aborted', 'end', 'close', 'error'])
    req.on(name, (error?: NodeJS.ErrnoException) =>
      events.push(`req ${name} ${error?.code ?? ''}`),
    );
  res.on('prefinish', () => events.push('res prefinish'));
  for (const name of ['finish', 'close', 'error'])
    res.on(name, () => events.push(`res ${name} ${res.writableFinished} ${res.destroyed}`));
}

/** A listener, and a promise that it fulfils. */
function promised<T>(
  make: (resolve: (value: T) => void) => NodeListener,
): () => { listener: NodeListener; result: Promise<T> } {
  return () => {
    let listener!: NodeListener;
    const result = new Promise<T>((resolve) => (listener = make(resolve)));
    return { listener, result };
  };
}

suite('events', { timeout }, () => {
  test('of a request that is answered at once', async () => {
    await same(
      promised<string[]>((resolve) => (req, res) => {
        const events: string[] = [];
        noted(req, res, events);
        res.on('close', () => setImmediate(() => resolve(events.sort())));
        res.end('x');
      }),
      async ({ port }) => parse(await raw(port, ask('GET', '/'))).body,
    );
  });

  test('of an upload that is echoed', async () => {
    await same(
      promised<string[]>((resolve) => (req, res) => {
        const events: string[] = [];
        noted(req, res, events);
        res.on('close', () => setImmediate(() => resolve(events.sort())));
        req.pipe(res);
      }),
      async ({ port }) => parse(await raw(port, ask('POST', '/', [], 'x'.repeat(300_000)))).body,
    );
  });

  test('of a client that goes while it waits', async () => {
    await same(
      promised<string[]>((resolve) => (req, res) => {
        const events: string[] = [];
        noted(req, res, events);
        res.write('begun');
        res.on('close', () =>
          setImmediate(() => {
            assert.equal(res.write('more'), false);
            events.push(String(req.aborted), String(req.destroyed), String(req.socket.destroyed));
            resolve(events.sort());
          }),
        );
      }),
      async ({ port }) => {
        const client = new Client(port);
        client.send(ask('GET', '/'));
        await client.until((text) => text.includes('begun'));
        client.close();
      },
    );
  });

  test('of a client that goes in the middle of its upload', async () => {
    await same(
      promised<string[]>((resolve) => (req, res) => {
        const events: string[] = [];
        noted(req, res, events);
        req.resume();
        res.write('begun');
        res.on('close', () => setImmediate(() => resolve(events.sort())));
      }),
      async ({ port }) => {
        const client = new Client(port);
        client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
        await client.until((text) => text.includes('begun'));
        client.close();
      },
    );
  });

  for (const what of ['req', 'res', 'socket'] as const) {
    test(`of ${what}.destroy()`, async () => {
      await same(
        promised<unknown>((resolve) => (req, res) => {
          const events: string[] = [];
          noted(req, res, events);
          res.on('close', () => setImmediate(() => resolve([events.sort(), req.socket.destroyed])));
          if (what === 'socket') req.socket.destroy();
          else (what === 'req' ? req : res).destroy();
        }),
        async ({ port }) => raw(port, ask('GET', '/')),
      );
    });
  }

  test('stream.finished and on-finished', async () => {
    await same(
      promised<string>((resolve) => async (req, res) => {
        const both = Promise.all([finished(req), finished(res)]);
        res.end(await textOf(req));
        resolve(String(await both));
      }),
      async ({ port }) => parse(await raw(port, ask('POST', '/', [], 'abc'))).body,
    );
  });
});

suite('back-pressure', { timeout }, () => {
  const BLOCK = Buffer.alloc(64 * 1024, 'x');
  const BLOCKS = 300;

  test('a writer waits for drain, and all arrives', async () => {
    for (const kind of KINDS) {
      let waits = 0;
      await using running = await start(kind, async (_req, res) => {
        for (let i = 0; i < BLOCKS; i++) {
          if (res.write(BLOCK)) continue;
          waits++;
          assert.equal(res.writableNeedDrain, true);
          await once(res, 'drain');
          assert.equal(res.writableNeedDrain, false);
        }
        res.end();
      });
      const { body } = parse(await raw(running.port, ask('GET', '/')));
      assert.equal(body.length, BLOCKS * BLOCK.length);
      assert.ok(waits > 0, `${kind}: ${waits} waits`);
    }
  });

  test('who does not wait is kept in memory, not cut off', async () => {
    await using running = await start('netfd', (_req, res) => {
      for (let i = 0; i < BLOCKS * 2; i++) res.write(BLOCK);
      res.end('!');
    });
    const { body } = parse(await raw(running.port, ask('GET', '/')));
    assert.equal(body.length, BLOCKS * 2 * BLOCK.length + 1);
    assert.deepEqual(running.log, []);
  });

  test('a client waits while nobody reads its upload', async () => {
    let go!: () => void;
    const reading = new Promise<void>((resolve) => (go = resolve));
    await using running = await start('netfd', async (req, res) => {
      await reading;
      let length = 0;
      for await (const part of req) length += (part as Buffer).length;
      res.end(String(length));
    });
    const client = new Client(running.port);
    const size = 64 * 1024 * 1024;
    client.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
    for (let i = 0; i < size / BLOCK.length; i++) client.socket.write(BLOCK);
    assert.ok(client.socket.writableLength > size / 2);
    go();
    await client.until((text) => text.endsWith(String(size)));
    client.close();
  });
});

suite('connections', { timeout }, () => {
  test('requests that came together are answered in order', async () => {
    await same(
      promised<string[]>((resolve) => {
        const urls: string[] = [];
        return async (req, res) => {
          urls.push(req.url ?? '');
          if (req.url === '/1') await new Promise((later) => setImmediate(later));
          res.end(`reply to ${req.url} ${await textOf(req)}`);
          if (urls.length === 3) resolve(urls);
        };
      }),
      async ({ port }) => {
        const client = new Client(port);
        client.send(
          'GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc',
        );
        client.send('GET /3 HTTP/1.1\r\nHost: x\r\n\r\n');
        const text = await client.until((all) => all.includes('/3'));
        client.close();
        return text.match(/reply to \S+ \w*/g);
      },
    );
  });

  test('one socket for a connection', async () => {
    for (const kind of KINDS) {
      const sockets = new Set<unknown>();
      let closes = 0;
      await using running = await start(kind, (req, res) => {
        if (!sockets.has(req.socket)) req.socket.on('close', () => closes++);
        sockets.add(req.socket);
        res.end(req.url);
      });
      const client = new Client(running.port);
      for (const path of ['/1', '/2']) {
        client.send(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
        await client.until((text) => text.endsWith(path));
      }
      const [socket] = sockets as Set<IncomingMessage['socket']>;
      client.close();
      await once(socket!, 'close');
      assert.deepEqual([sockets.size, closes, socket!.destroyed], [1, 1, true], kind);
    }
  });

  test('an unread upload is passed over', async () => {
    await same(
      () => ({ listener: (req, res) => res.end(req.url), result: null }),
      async ({ port }) => {
        const client = new Client(port);
        client.send(
          `POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n${'x'.repeat(1000)}`,
        );
        client.send('GET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
        const text = await client.until((all) => all.endsWith('/2'));
        client.close();
        return text.match(/\/\d/g);
      },
    );
  });

  test('a listener reads on after it has answered', async () => {
    await same(
      promised<number>((resolve) => async (req, res) => {
        const reading = textOf(req);
        res.end('early');
        resolve((await reading).length);
      }),
      async ({ port }) => {
        const client = new Client(port);
        client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx');
        await client.until((text) => text.endsWith('early'));
        client.send('x'.repeat(999));
        client.send('GET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
        const text = await client.until((all) => all.split('HTTP/1.1 200').length === 3);
        client.close();
        return text.split('HTTP/1.1 200').length;
      },
    );
  });
});

suite('interim responses', { timeout }, () => {
  test('100 Continue, asked for by reading and by writeContinue', async () => {
    for (const event of ['request', 'checkContinue']) {
      const replies: string[] = [];
      for (const kind of KINDS) {
        await using running = await start(kind);
        running.server.on(event, (req: IncomingMessage, res: ServerResponse) => {
          if (event === 'checkContinue') res.writeContinue();
          req.pipe(res);
        });
        const client = new Client(running.port);
        client.send(ask('POST', '/', ['Expect: 100-continue', 'Content-Length: 4']));
        await client.until((text) => text.includes('100 Continue\r\n\r\n'));
        client.send('body');
        const text = await client.until(() => false);
        replies.push(
          `${text.slice(0, 40)} ${parse(text.slice(text.indexOf('\r\n\r\n') + 4)).body}`,
        );
      }
      assert.equal(replies[1], replies[0]);
    }
  });

  test('an upload that is refused', async () => {
    for (const kind of KINDS) {
      await using running = await start(kind);
      running.server.on('checkContinue', (_req: IncomingMessage, res: ServerResponse) => {
        res.writeHead(413).end('no');
      });
      const text = await raw(
        running.port,
        ask('POST', '/', ['Expect: 100-continue', 'Content-Length: 4']),
      );
      assert.match(text, /^HTTP\/1\.1 413 /, kind);
      assert.equal(parse(text).body, 'no', kind);
    }
  });

  test('early hints', async () => {
    const replies: string[] = [];
    for (const kind of KINDS) {
      await using running = await start(kind, (_req, res) => {
        res.writeEarlyHints({
          link: ['</a.css>; rel=preload', '</b.js>; rel=preload'],
          'x-trace': 'id',
        });
        res.end('x');
      });
      const text = await raw(running.port, ask('GET', '/'));
      replies.push(text.slice(0, text.indexOf('\r\n\r\n')).toLowerCase());
    }
    assert.equal(replies[1], replies[0]);
  });
});

suite('failures', { timeout }, () => {
  test('a listener that throws is answered with 500, and logged', async () => {
    await using running = await start('netfd', () => {
      throw new Error('mine');
    });
    assert.match(await raw(running.port, ask('GET', '/')), /^HTTP\/1\.1 500 /);
    assert.match(running.log.join(), /mine/);
  });

  test('a promise that is rejected, too', async () => {
    await using running = await start('netfd', async (req, res) => {
      res.setHeader('X-Leak', '1');
      if (req.url === '/late') res.write('begun');
      await Promise.resolve();
      throw new Error('mine');
    });
    const text = await raw(running.port, ask('GET', '/'));
    assert.match(text, /^HTTP\/1\.1 500 /);
    assert.doesNotMatch(text, /X-Leak/);
    const late = await raw(running.port, ask('GET', '/late'));
    assert.doesNotMatch(late, /0\r\n\r\n$/, 'the client sees that it is not whole');
    assert.equal(running.log.length, 2);
  });

  test('nobody listens', async () => {
    await using running = await start('netfd');
    assert.match(await raw(running.port, ask('GET', '/')), /^HTTP\/1\.1 500 /);
  });

  test('a malformed body is answered with 400', async () => {
    for (const kind of KINDS) {
      await using running = await start(kind, (req, res) => {
        textOf(req).then(
          (text) => res.end(text),
          () => {},
        );
      });
      const request = `${ask('POST', '/', ['Transfer-Encoding: chunked'])}zz\r\n`;
      assert.match(await raw(running.port, request), /^HTTP\/1\.1 400 /, kind);
    }
  });

  test('a body that is too long is answered with 413', async () => {
    const server = createServer({ maxBodyBytes: 10 }, async (req, res) => {
      res.end(await textOf(req));
    });
    await using running = await listening(server);
    const request = `${ask('POST', '/', ['Transfer-Encoding: chunked'])}b\r\n01234567890\r\n0\r\n\r\n`;
    assert.match(await raw(running.port, request), /^HTTP\/1\.1 413 /);
  });

  test('CONNECT that nobody wants', async () => {
    for (const kind of KINDS) {
      await using running = await start(kind, (_req, res) => res.end());
      const text = await raw(running.port, 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n');
      assert.equal(text, '', kind);
    }
  });
});

suite('a listener beside other handlers', { timeout }, () => {
  test('in a mux, below a prefix, behind another handler', async () => {
    const mux = new ServeMux();
    const inner = nodeHandler((req, res) => {
      res.setHeader('X-Url', req.url ?? '');
      res.end(req.headers.host);
    });
    mux.handle('/whole/', inner);
    mux.handle('/cut/', stripPrefix('/cut', inner));
    await using running = await run('tcp', mux);
    await using client = await running.dial();
    await client.send(
      'GET /whole/a?b HTTP/1.1\r\nHost: h\r\n\r\nGET /cut/a?b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
    );
    const text = await client.rest();
    assert.deepEqual(text.match(/X-Url: .*/g), ['X-Url: /whole/a?b', 'X-Url: /a?b']);
  });

  test('over a unix socket', async () => {
    const seen: unknown[] = [];
    const handler = nodeHandler((req, res) => {
      seen.push(req.socket.remoteAddress, req.socket.address());
      res.end('x');
    });
    await using running = await run('unix', handler);
    await using client = await running.dial();
    await client.send(ask('GET', '/'));
    assert.match(await client.rest(), /^HTTP\/1\.1 200 OK/);
    assert.deepEqual(seen, [undefined, {}]);
  });
});
