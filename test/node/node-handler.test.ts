/** Plain listeners (req, res): the same on netfd as on node:http. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { IncomingMessage, type ServerResponse } from 'node:http';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text as textOf } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { ask, compare, parse, raw, start } from './http-oracle.ts';

const timeout = 60_000;

const json = (res: ServerResponse, value: unknown): void => {
  res.setHeader('Content-Type', 'application/json');
  res.end(JSON.stringify(value));
};

suite('what a listener sees of a request', { timeout }, () => {
  test('its head', async () => {
    const fields = [
      'X-One: 1',
      'x-one: 2',
      'Cookie: a=b',
      'cookie: c=d',
      'Set-Cookie: x',
      'Set-Cookie: y',
      'Content-Type: text/plain',
      'Content-Type: text/html',
      'X-Blank:   ',
      'X-Latin: \xe9',
    ];
    await compare(
      (req, res) => {
        assert.ok(req instanceof IncomingMessage);
        const { method, url, headers, headersDistinct, rawHeaders } = req;
        const { httpVersion, httpVersionMajor, httpVersionMinor, aborted } = req;
        const versions = [httpVersion, httpVersionMajor, httpVersionMinor, aborted];
        json(res, { method, url, headers, headersDistinct, rawHeaders, versions });
      },
      ask('GET', '/a%20b?c=d&e', fields),
      ask('PATCH', '/', fields, 'body'),
      ask('OPTIONS', '/'),
      ask('GET', 'http://other/path?q'),
      'GET / HTTP/1.0\r\nHost: old\r\n\r\n',
    );
  });

  test('its body, read in each way', async () => {
    const body = 'x'.repeat(100_000);
    const chunked = (text: string): string =>
      `${ask('POST', '/', ['Transfer-Encoding: chunked'])}${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
    for (const read of [
      (req: IncomingMessage) => textOf(req),
      async (req: IncomingMessage) => {
        let text = '';
        req.setEncoding('utf8').on('data', (part) => (text += String(part)));
        await once(req, 'end');
        return text;
      },
      async (req: IncomingMessage) => {
        let text = '';
        for await (const part of req) text += String(part);
        return text;
      },
      async (req: IncomingMessage) => {
        let text = '';
        req.on('readable', () => {
          for (let part; (part = req.read() as Buffer | null) !== null;) text += part.toString();
        });
        await once(req, 'end');
        return text;
      },
    ]) {
      await compare(
        async (req, res) => {
          const text = await read(req);
          json(res, [text.length, text.slice(0, 10), req.complete, req.readableEnded]);
        },
        ask('POST', '/', [], body),
        ask('POST', '/', [], 'short'),
        ask('GET', '/'),
        chunked(body),
      );
    }
  });

  test('trailers', async () => {
    await compare(
      async (req, res) => {
        const text = await textOf(req);
        json(res, [text, req.trailers, req.rawTrailers, req.trailersDistinct]);
      },
      `${ask('POST', '/', ['Transfer-Encoding: chunked', 'Trailer: X-Sum'])}2\r\nab\r\n0\r\nX-Sum: 7\r\n\r\n`,
    );
  });

  test('its socket', async () => {
    await compare(
      (req, res) => {
        const { socket } = req;
        assert.equal(req.connection, socket);
        assert.equal(res.socket, socket);
        assert.equal(res.req, req);
        assert.equal(typeof socket.remotePort, 'number');
        json(res, [
          socket.remoteAddress,
          socket.localAddress,
          socket.remoteFamily,
          socket.readable,
          socket.writable,
          socket.destroyed,
          socket.readyState,
          'encrypted' in socket,
        ]);
      },
      ask('GET', '/'),
    );
  });
});

suite('what a listener makes of a response', { timeout }, () => {
  const cases: Readonly<Record<string, (req: IncomingMessage, res: ServerResponse) => unknown>> = {
    nothing: (_req, res) => res.end(),
    text: (_req, res) => res.end('é €'),
    'text in latin1': (_req, res) => res.end('é', 'latin1'),
    base64: (_req, res) => res.end('aGVsbG8=', 'base64'),
    'a buffer': (_req, res) => res.end(Buffer.from([0, 1, 255])),
    'a long text': (_req, res) => res.end('y'.repeat(200_000)),
    'two writes': (_req, res) => {
      res.write('a');
      res.end('b');
    },
    'writes of later': async (_req, res) => {
      res.write('a');
      await new Promise((resolve) => setImmediate(resolve));
      res.write('b');
      await new Promise((resolve) => setImmediate(resolve));
      res.end();
    },
    'status and message': (_req, res) => {
      res.statusCode = 418;
      res.statusMessage = 'Not a pot';
      res.end('x');
    },
    'usual messages': (_req, res) => {
      res.statusCode = 413;
      res.end('x');
    },
    'an odd status': (_req, res) => res.writeHead(799).end(),
    'writeHead with an object': (_req, res) =>
      res.writeHead(201, 'Made', { 'X-A': 1, 'X-B': ['1', '2'] }).end('x'),
    'writeHead with a flat list': (_req, res) =>
      res.writeHead(200, ['X-A', '1', 'X-A', '2', 'content-type', 'text/x']).end('x'),
    'writeHead after setHeader': (_req, res) => {
      res.setHeader('X-A', 'a');
      res.setHeader('X-C', 'c');
      res.writeHead(200, { 'x-a': 'b', 'X-D': 'd' });
      res.end('x');
    },
    'fields of each kind': (_req, res) => {
      res.setHeader('X-Number', 7);
      res.setHeader('Set-Cookie', ['a=b', 'c=d']);
      res.appendHeader('X-More', 'one');
      res.appendHeader('X-More', ['two', 'three']);
      res.setHeader('X-Gone', '1');
      res.removeHeader('x-gone');
      res.setHeader('etag', '"x"');
      json(res, [
        res.getHeaders(),
        res.getHeaderNames(),
        res.hasHeader('ETAG'),
        res.getHeader('x-number'),
      ]);
    },
    '204': (_req, res) => res.writeHead(204).end(),
    '304 with fields': (_req, res) => {
      res.setHeader('ETag', '"x"');
      res.writeHead(304).end();
    },
    'no Date': (_req, res) => {
      res.sendDate = false;
      res.end('x');
    },
    'a length of its own': (_req, res) => {
      res.setHeader('Content-Length', 5);
      res.write('he');
      res.end('llo');
    },
    close: (_req, res) => {
      res.setHeader('Connection', 'close');
      res.end('x');
    },
    'corked writes': (_req, res) => {
      res.cork();
      for (let i = 0; i < 100; i++) res.write(String(i));
      res.uncork();
      res.end();
    },
    'a pipe': (_req, res) => void Readable.from(['a', 'b', 'c']).pipe(res),
    'a pipeline': async (req, res) => {
      const upper = new Transform({
        transform: (chunk, _encoding, done) => done(null, String(chunk).toUpperCase()),
      });
      await pipeline(req, upper, res);
    },
    flushHeaders: async (_req, res) => {
      res.flushHeaders();
      await new Promise((resolve) => setImmediate(resolve));
      res.end('x');
    },
    'a callback of end': (_req, res) => {
      res.end('x', () => assert.ok(res.writableFinished));
    },
  };
  for (const [name, listener] of Object.entries(cases)) {
    test(name, async () => {
      await compare(listener, ask('GET', '/'), ask('POST', '/', [], 'body'), ask('HEAD', '/'));
    });
  }

  test('trailers, said before or not', async () => {
    await compare(
      (_req, res) => {
        res.setHeader('Trailer', 'X-Sum');
        res.write('x');
        res.addTrailers({ 'X-Sum': '7', 'X-More': ['1', '2'] });
        res.end();
      },
      ask('GET', '/'),
    );
    await compare(
      async (_req, res) => {
        res.write('x');
        await new Promise((resolve) => setImmediate(resolve));
        res.addTrailers([['X-Sum', '7']]);
        res.end('y');
      },
      ask('GET', '/'),
    );
  });

  test('errors of its methods', async () => {
    await compare(
      (_req, res) => {
        const codes: unknown[] = [];
        const attempt = (call: () => unknown): void => {
          try {
            call();
            codes.push('none');
          } catch (error) {
            codes.push((error as NodeJS.ErrnoException).code);
          }
        };
        attempt(() => res.setHeader('bad name', 'x'));
        attempt(() => res.setHeader('X', undefined as unknown as string));
        attempt(() => res.setHeader('X', 'a\r\nb'));
        attempt(() => res.writeHead(99));
        attempt(() => res.write(null));
        attempt(() => res.write(7 as unknown as string));
        attempt(() => res.writeHead(200, { 'X-A': 'a\nb' }));
        attempt(() => res.writeHead(200, ['a', 'b', 'c'] as unknown as string[]));
        res.setHeader('X-Codes', codes.map(String));
        res.writeHead(200);
        const late: unknown[] = [];
        codes.length = 0;
        attempt(() => res.setHeader('X', 'y'));
        attempt(() => res.writeHead(200));
        late.push(...codes, res.headersSent, res.writableEnded);
        res.end(JSON.stringify(late));
      },
      ask('GET', '/'),
    );
  });

  test('strictContentLength, of lengths that setHeader has said as well', async () => {
    await using netfd = await start('netfd', (_req, res) => {
      res.strictContentLength = true;
      res.setHeader('Content-Length', 3);
      res.flushHeaders();
      assert.throws(() => res.write('12345'), { code: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH' });
      res.end('123');
    });
    assert.equal(parse(await raw(netfd.port, ask('GET', '/'))).body, '123');
  });

  test('writing after the end is an error of the response', async () => {
    await compare(
      (_req, res) => {
        const seen: string[] = [];
        res.on('error', (error: NodeJS.ErrnoException) => seen.push(error.code ?? ''));
        res.setHeader('X', 'y');
        res.end('x');
        res.write('y', (error) => seen.push((error as NodeJS.ErrnoException).code ?? ''));
        setImmediate(() =>
          assert.deepEqual(seen, ['ERR_STREAM_WRITE_AFTER_END', 'ERR_STREAM_WRITE_AFTER_END']),
        );
      },
      ask('GET', '/'),
    );
  });
});
