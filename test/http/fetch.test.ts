/**
 * serve({ fetch }): what a web-standard handler is given, and what becomes of the Response it returns.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { inspect } from 'node:util';
import { Response as OtherResponse } from 'undici';
import { fetchHandler, type FetchHandlers } from '../../src/http/fetch/fetch-handler.ts';
import type { ServerOptions } from '../../src/http/server/server-options.ts';
import { chunk, get, head, ok, post, refused } from './raw-cases.ts';
import { deferred, run, type Running, turn, turnsUntil, withoutDates } from './raw-client.ts';

const timeout = 60_000;

async function runFetch(handlers: FetchHandlers, options: ServerOptions = {}): Promise<Running> {
  return run('tcp', fetchHandler(handlers), options);
}

/** What comes back for one request, up to the end of the connection. */
async function reply(handlers: FetchHandlers, ...request: string[]): Promise<string> {
  await using running = await runFetch(handlers);
  await using client = await running.dial();
  const [first = get('/', 'Connection: close'), ...rest] = request;
  await client.send([first, ...rest].join(''));
  const text = withoutDates(await client.rest());
  assert.deepEqual(running.log, []);
  return text;
}

const CLOSE = 'Connection: close';
const PLAIN = 'Content-Type: text/plain;charset=UTF-8';

/** The reply to a client that wants the connection closed. */
function whole(body: string, ...fields: string[]): string {
  const length = `Content-Length: ${body.length}`;
  return head('HTTP/1.1 200 OK', ...fields, length, 'Date: *', CLOSE) + body;
}

function chunked(parts: readonly string[], ...fields: string[]): string {
  const coding = 'Transfer-Encoding: chunked';
  const start = head('HTTP/1.1 200 OK', ...fields, 'Date: *', CLOSE, coding);
  return `${start}${parts.map(chunk).join('')}0\r\n\r\n`;
}

const encoder = new TextEncoder();

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(encoder.encode(text));

/** A stream of what `source` yields. */
function streamOf(source: AsyncIterator<Uint8Array> | Iterator<Uint8Array>): ReadableStream {
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await source.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}

suite('the Request of a fetch handler', { timeout }, () => {
  /** What `look` says of the request that `text` is. */
  async function seen(
    text: string,
    look: (request: Request, context: { remoteAddr: string; localAddr: string }) => unknown,
  ): Promise<unknown> {
    const found = deferred<unknown>();
    await using running = await runFetch({
      fetch: async (request, context) => {
        try {
          found.resolve(await look(request, context));
        } catch (error) {
          found.reject(error);
        }
        return new Response();
      },
    });
    await using client = await running.dial();
    await client.send(text);
    return await found.promise;
  }

  test('is a Request', async () => {
    const getters = Object.entries(Object.getOwnPropertyDescriptors(Request.prototype)).filter(
      ([, described]) => 'get' in described && described.get !== undefined,
    );
    assert.ok(getters.length > 10);
    const result = await seen(get('/'), (request) => {
      assert.ok(request instanceof Request);
      for (const [name] of getters) {
        assert.doesNotThrow(() => Reflect.get(request, name), `request.${name}`);
      }
      return [Object.prototype.toString.call(request), request.mode, request.redirect];
    });
    assert.deepEqual(result, ['[object Request]', 'cors', 'follow']);
  });

  test('can be looked at', async () => {
    const text = await seen(get('/path'), (request) => inspect(request));
    assert.match(String(text), /Request/);
  });

  test('method, headers, addresses', async () => {
    const request = head('PATCH /a HTTP/1.1', 'Host: h:1', 'X-A: 1', 'x-a: 2', 'Cookie: \xe9');
    const result = await seen(request, ({ method, headers }, { remoteAddr, localAddr }) => {
      assert.match(remoteAddr, /^127\.0\.0\.1:\d+$/);
      assert.match(localAddr, /^127\.0\.0\.1:\d+$/);
      return [method, [...headers]];
    });
    assert.deepEqual(result, [
      'PATCH',
      [
        ['cookie', '\xe9'],
        ['host', 'h:1'],
        ['x-a', '1, 2'],
      ],
    ]);
  });

  for (const [text, url] of [
    [get('/'), 'http://x/'],
    [get('/a%20b?c=d&e'), 'http://x/a%20b?c=d&e'],
    [get('//a'), 'http://x//a'],
    [get('/a/../b/./c'), 'http://x/b/c'],
    [get('/\xc3\xa9?\xff'), 'http://x/%C3%A9?%FF'],
    [get('http://y:81/a'), 'http://y:81/a'],
    [get('http://Y'), 'http://y/'],
    [head('GET /a HTTP/1.1', 'Host: [::1]:82'), 'http://[::1]:82/a'],
    [head('GET /a HTTP/1.1', 'Host: X:80'), 'http://x/a'],
  ] as const) {
    test(`url ${url}`, async () => {
      assert.equal(await seen(text, (request) => request.url), url);
    });
  }

  test('url without a Host', async () => {
    const url = await seen(head('GET /a/b HTTP/1.0'), (request) => request.url);
    assert.match(String(url), /^http:\/\/127\.0\.0\.1:\d+\/a\/b$/);
  });

  test('a Host that makes no URL is answered with 400', async () => {
    const fetch = ({ url }: Request): Response => new Response(url);
    const text = await reply({ fetch }, head('GET / HTTP/1.1', 'Host: a:99999'));
    assert.equal(text, refused('400 Bad Request'));
  });

  const JSON_BODY = '{"a":[1,"\xc3\xa9"]}';
  const jsonPost = post(JSON_BODY, `Content-Length: ${JSON_BODY.length}`, 'Content-Type: a/json');

  test('body as text, JSON, bytes and Blob', async () => {
    assert.equal(await seen(jsonPost, (request) => request.text()), '{"a":[1,"é"]}');
    assert.deepEqual(await seen(jsonPost, (request) => request.json()), { a: [1, 'é'] });
    const buffer = await seen(jsonPost, (request) => request.arrayBuffer());
    assert.ok(buffer instanceof ArrayBuffer);
    assert.equal(Buffer.from(buffer).toString('latin1'), JSON_BODY);
    const blob = (await seen(jsonPost, (request) => request.blob())) as Blob;
    assert.equal(blob.type, 'a/json');
    assert.equal(await blob.text(), '{"a":[1,"é"]}');
    const chunks = post(`${chunk('ab')}${chunk('c')}0\r\n\r\n`, 'Transfer-Encoding: chunked');
    assert.equal(await seen(chunks, (request) => request.text()), 'abc');
    assert.equal(await seen(get('/'), (request) => request.text()), '');
    const bodyOfGet = `${get('/', 'Content-Length: 3')}abc`;
    assert.equal(await seen(bodyOfGet, (request) => request.text()), 'abc');
  });

  test('body as form data', async () => {
    const fields = 'a=b+c&d=%C3%A9';
    const type = 'Content-Type: application/x-www-form-urlencoded';
    const urlencoded = post(fields, `Content-Length: ${fields.length}`, type);
    const form = (await seen(urlencoded, (request) => request.formData())) as FormData;
    assert.deepEqual(
      [...form],
      [
        ['a', 'b c'],
        ['d', 'é'],
      ],
    );

    const parts =
      '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' +
      '--B\r\nContent-Disposition: form-data; name="f"; filename="n.txt"\r\n\r\nfile\r\n--B--\r\n';
    const multipart = post(
      parts,
      `Content-Length: ${parts.length}`,
      'Content-Type: multipart/form-data; boundary=B',
    );
    const files = (await seen(multipart, (request) => request.formData())) as FormData;
    assert.equal(files.get('a'), 'b');
    const file = files.get('f') as File;
    assert.deepEqual([file.name, await file.text()], ['n.txt', 'file']);
  });

  test('body as a stream', async () => {
    const result = await seen(jsonPost, async (request) => {
      assert.equal(request.bodyUsed, false);
      const { body } = request;
      assert.ok(body instanceof ReadableStream);
      assert.equal(request.body, body);
      let text = '';
      for await (const part of body) text += Buffer.from(part).toString('latin1');
      assert.equal(request.bodyUsed, true);
      await assert.rejects(request.text(), TypeError);
      return text;
    });
    assert.equal(result, JSON_BODY);
    assert.equal(await seen(get('/'), (request) => request.body), null);
  });

  test('a body can be read once', async () => {
    await seen(jsonPost, async (request) => {
      await request.text();
      assert.equal(request.bodyUsed, true);
      await assert.rejects(request.json(), TypeError);
      await assert.rejects(request.blob(), TypeError);
      assert.throws(() => request.clone(), TypeError);
      assert.equal(request.mode, 'cors');
    });
  });

  test('a clone has a body of its own', async () => {
    const texts = await seen(jsonPost, async (request) => {
      const clone = request.clone();
      assert.deepEqual([clone.method, clone.url], [request.method, request.url]);
      return Promise.all([clone.json(), request.json()]);
    });
    assert.deepEqual(texts, [{ a: [1, 'é'] }, { a: [1, 'é'] }]);
  });

  /** Every way to pass a request on, to its own URL or to another one. */
  const forms: readonly [string, (request: Request, other: string) => Promise<Response>][] = [
    ['fetch(request.clone())', (request) => fetch(request.clone())],
    ['new Request(request.clone())', (request) => fetch(new Request(request.clone()))],
    ['fetch(url, request)', (request, other) => fetch(other, request)],
    ['new Request(url, request)', (request, other) => fetch(new Request(other, request))],
  ];
  for (const [form, passOn] of forms) {
    test(`it can be passed on to another server: ${form}`, async () => {
      await using upstream = await runFetch({
        fetch: async (request) => {
          const { method, headers, url } = request;
          const said = `${method} ${new URL(url).pathname} ${headers.get('x-a')}`;
          return new Response(`${said} ${await request.text()}`);
        },
      });
      const host = String(upstream.listener.addr);
      await using running = await runFetch({
        fetch: (request) => passOn(request, `http://${host}/other`),
      });
      const path = form.includes('url') ? '/other' : '/echo';
      for (const [method, body] of [
        ['POST', 'abc'],
        ['GET', ''],
      ] as const) {
        await using client = await running.dial();
        const fields = ['X-A: b', `Content-Length: ${body.length}`, 'Connection: close'];
        await client.send(head(`${method} /echo HTTP/1.1`, `Host: ${host}`, ...fields) + body);
        const text = await client.rest();
        assert.equal(text.slice(text.indexOf('\r\n\r\n') + 4), `${method} ${path} b ${body}`);
      }
      assert.deepEqual([...running.log, ...upstream.log], []);
    });
  }

  test('the signal is aborted when the client goes', async () => {
    const begun = deferred<AbortSignal>();
    await using running = await runFetch({
      fetch: async ({ signal }) => {
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          begun.resolve(signal);
        });
        return new Response();
      },
    });
    const client = await running.dial();
    await client.send(get('/'));
    const signal = await begun.promise;
    client.close();
    await turnsUntil(() => signal.aborted);
    await turnsUntil(() => running.server.connections.size === 0);
    assert.deepEqual(running.log, []);
  });

  test('a body that is too large is answered with 413', async () => {
    await using running = await runFetch(
      { fetch: async (request) => new Response(await request.text()) },
      { maxBodyBytes: 4 },
    );
    await using client = await running.dial();
    await client.send(post(`${chunk('abcde')}0\r\n\r\n`, 'Transfer-Encoding: chunked'));
    assert.equal(withoutDates(await client.rest()), refused('413 Request Entity Too Large'));
  });

  test('a body is collected up to 128 MiB, and streamed without a limit', async () => {
    const length = 128 * 1024 * 1024 + 1;
    await using running = await runFetch({
      fetch: async (request) => {
        if (request.url.endsWith('/whole')) return new Response(await request.text());
        const { value } = await request.body!.getReader().read();
        return new Response(`${value?.length} bytes`);
      },
    });
    const request = post('x', `Content-Length: ${length}`);
    await using whole = await running.dial();
    await whole.send(request.replace('/echo', '/whole'));
    assert.equal(withoutDates(await whole.rest()), refused('413 Request Entity Too Large'));
    await using streamed = await running.dial();
    await streamed.send(request);
    assert.match(await streamed.rest(), /\n1 bytes$/);
  });
});

suite('the Response of a fetch handler', { timeout }, () => {
  const long = 'long '.repeat(20_000);

  for (const [name, make, expected] of [
    ['a string', () => new Response('hello'), whole('hello', PLAIN)],
    ['a long string', () => new Response(long), whole(long, PLAIN)],
    ['an empty string', () => new Response(''), whole('', PLAIN)],
    [
      'nothing',
      () => new Response(),
      head('HTTP/1.1 200 OK', 'Date: *', 'Content-Length: 0', CLOSE),
    ],
    ['JSON', () => Response.json({ a: 1 }), whole('{"a":1}', 'Content-Type: application/json')],
    [
      'bytes',
      () => new Response(bytesOf('hello'), { headers: { 'Content-Type': 'x/y' } }),
      whole('hello', 'Content-Type: x/y'),
    ],
    [
      'another package',
      () => new OtherResponse('hello') as unknown as Response,
      whole('hello', PLAIN),
    ],
    ['a clone', () => new Response('hello').clone(), whole('hello', PLAIN)],
    [
      'a stream that is there at once',
      () => new Response(streamOf([bytesOf('hello')].values())),
      whole('hello'),
    ],
  ] as const) {
    test(`of ${name}`, async () => {
      const text = await reply({ fetch: make });
      assert.ok(text === expected, `${text.slice(0, 500)}\n--- not\n${expected.slice(0, 500)}`);
    });
  }

  test('status and headers, each cookie in a line of its own', async () => {
    const headers = new Headers({ 'X-B': '1', 'x-a': '2' });
    headers.append('Set-Cookie', 'a=b');
    headers.append('Set-Cookie', 'c=d');
    const text = await reply({ fetch: () => new Response('', { status: 201, headers }) });
    const fields = ['Content-Type: text/plain;charset=UTF-8', 'Set-Cookie: a=b', 'Set-Cookie: c=d'];
    assert.equal(text, whole('', ...fields, 'X-A: 2', 'X-B: 1').replace('200 OK', '201 Created'));
  });

  for (const status of [204, 304]) {
    test(`status ${status}`, async () => {
      const text = await reply({ fetch: () => new Response(null, { status }) });
      assert.match(
        text,
        new RegExp(`^HTTP/1\\.1 ${status} [\\w ]+\r\nDate: \\*\r\n${CLOSE}\r\n\r\n$`),
      );
    });
  }

  test('HEAD has the length and not the body', async () => {
    const request = head('HEAD / HTTP/1.1', 'Host: x', CLOSE);
    const text = await reply({ fetch: () => new Response('hello') }, request);
    assert.equal(text, whole('hello', PLAIN).slice(0, -5));
  });

  test('HEAD of a stream that goes on', async () => {
    const cancelled = deferred();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(bytesOf('hello')),
      cancel: () => cancelled.resolve(),
    });
    const request = head('HEAD / HTTP/1.1', 'Host: x', CLOSE);
    const text = await reply({ fetch: () => new Response(body) }, request);
    assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
    assert.ok(text.endsWith('\r\n\r\n'));
    await cancelled.promise;
  });

  test('a stream with a length', async () => {
    const parts = ['one', 'two', 'three'];
    async function* produce(): AsyncGenerator<Uint8Array> {
      for (const part of parts) {
        await turn();
        yield bytesOf(part);
      }
    }
    const headers = { 'Content-Length': '11', 'Content-Type': 'x/y' };
    const text = await reply({
      fetch: () => new Response(streamOf(produce()), { headers }),
    });
    assert.equal(
      text,
      `${head('HTTP/1.1 200 OK', 'Content-Length: 11', 'Content-Type: x/y', 'Date: *', CLOSE)}onetwothree`,
    );
  });

  test('each chunk of a stream is sent before the next one is made', async () => {
    const events = ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n'];
    let control!: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (control = controller),
    });
    await using running = await runFetch({
      fetch: () => new Response(body, { headers: { 'Content-Type': 'text/event-stream' } }),
    });
    await using client = await running.dial();
    await client.send(get('/', CLOSE));
    let expected = chunked([], 'Content-Type: text/event-stream').slice(0, -5);
    const arrives = async (): Promise<void> => {
      await client.until((text) => withoutDates(text).length >= expected.length);
      assert.equal(withoutDates(client.text), expected);
    };
    await arrives(); // the head, before there is anything else
    for (const event of events) {
      control.enqueue(bytesOf(event));
      expected += chunk(event);
      await arrives();
    }
    control.close();
    assert.equal(withoutDates(await client.rest()), `${expected}0\r\n\r\n`);
  });

  test('a stream is told when the client goes, though it waits for something else', async () => {
    const cancelled = deferred<unknown>();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(bytesOf('first')),
      cancel: (reason) => cancelled.resolve(reason),
    });
    await using running = await runFetch({ fetch: () => new Response(body) });
    const client = await running.dial();
    await client.send(get('/'));
    await client.until((text) => text.includes('first'));
    client.close();
    assert.equal(((await cancelled.promise) as { code?: string }).code, 'ERR_HTTP_CLIENT_GONE');
    await turnsUntil(() => running.server.connections.size === 0);
    assert.deepEqual(running.log, []);
  });

  test('a client that sends no more counts as gone, and does not take a part for the whole', async () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(bytesOf('first')),
    });
    await using running = await runFetch({ fetch: () => new Response(body) });
    await using client = await running.dial();
    await client.send(get('/'));
    await client.until((text) => text.includes('first'));
    client.conn.closeWrite();
    assert.ok((await client.rest()).endsWith('\r\n5\r\nfirst\r\n'));
    assert.deepEqual(running.log, []);
  });

  test('a producer waits for a client that does not read', async () => {
    let produced = 0;
    const cancelled = deferred();
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        produced++;
        controller.enqueue(new Uint8Array(100_000));
      },
      cancel: () => cancelled.resolve(),
    });
    await using running = await runFetch({ fetch: () => new Response(body) });
    const conn = await running.connect();
    await conn.write(get('/'));
    for (let before = -1, same = 0; same < 30; same = produced === before ? same + 1 : 0) {
      before = produced;
      await turn();
    }
    assert.ok(produced > 1 && produced < 1000, `${produced} chunks were produced`);
    conn.close();
    await cancelled.promise;
  });

  test('a stream that fails at first is a 500, later it cuts the reply', async () => {
    const failing = (first: string[]): Response => {
      async function* produce(): AsyncGenerator<Uint8Array> {
        for (const part of first) {
          yield bytesOf(part);
          await turn();
        }
        throw new Error('of the stream');
      }
      return new Response(streamOf(produce()), { headers: { 'Content-Type': 'x/y' } });
    };
    await using running = await runFetch({
      fetch: ({ url }) => failing(url.endsWith('/at-once') ? [] : ['part']),
    });
    await using one = await running.dial();
    await one.send(get('/at-once'));
    assert.equal(withoutDates(await one.rest()), refused('500 Internal Server Error'));
    await using other = await running.dial();
    await other.send(get('/', CLOSE));
    const cut = chunked(['part'], 'Content-Type: x/y').slice(0, -5);
    assert.equal(withoutDates(await other.rest()), cut);
    assert.equal(running.log.length, 2);
    assert.match(running.log[0]!, /Error: of the stream/);
  });
});

suite('a fetch handler that fails', { timeout }, () => {
  const failure = new Error('of the handler');
  const fetch = (): never => {
    throw failure;
  };

  test('is answered with 500', async () => {
    await using running = await runFetch({ fetch });
    await using client = await running.dial();
    await client.send(get('/'));
    assert.equal(withoutDates(await client.rest()), refused('500 Internal Server Error'));
    assert.match(
      running.log.join('\n'),
      /^http: panic serving 127\.0\.0\.1:\d+: Error: of the handler/,
    );
  });

  test('is answered by the error handler, if there is one', async () => {
    const error = async (thrown: unknown): Promise<Response> => {
      assert.equal(thrown, failure);
      return new Response('sorry', { status: 503 });
    };
    const text = await reply({ fetch: async () => fetch(), error });
    assert.equal(text, whole('sorry', PLAIN).replace('200 OK', '503 Service Unavailable'));
  });

  test('if that fails too, with 500', async () => {
    await using running = await runFetch({
      fetch,
      error: () => {
        throw new Error('of the error handler');
      },
    });
    await using client = await running.dial();
    await client.send(get('/'));
    assert.equal(withoutDates(await client.rest()), refused('500 Internal Server Error'));
    assert.match(running.log.join('\n'), /of the error handler/);
  });

  test('and so is one that returns no Response', async () => {
    for (const value of [undefined, null, 'hello', {}, Response.error()]) {
      await using running = await runFetch({ fetch: () => value as Response });
      await using client = await running.dial();
      await client.send(get('/'));
      assert.equal(withoutDates(await client.rest()), refused('500 Internal Server Error'));
      assert.equal(running.log.length, 1);
    }
  });

  test('what is no fetch handler is refused at once', () => {
    for (const handlers of [null, undefined, {}, () => new Response()]) {
      assert.throws(() => fetchHandler(handlers as unknown as FetchHandlers), {
        name: 'TypeError',
        message: 'fetchHandler: option fetch must be a function (request) => Response',
      });
    }
  });
});

suite('a connection', { timeout }, () => {
  test('has one Response after the other', async () => {
    await using running = await runFetch({ fetch: () => new Response('hello') });
    await using client = await running.dial();
    await client.send(get('/') + get('/', CLOSE));
    const first = ok('hello').replace(/\r\n\r\n.*/s, '');
    assert.ok(first.length > 0);
    const text = withoutDates(await client.rest());
    assert.equal(text, whole('hello', PLAIN).replace(`${CLOSE}\r\n`, '') + whole('hello', PLAIN));
  });
});
