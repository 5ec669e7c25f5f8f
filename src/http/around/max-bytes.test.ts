import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { head } from '../../../test/http/raw-cases.ts';
import { run } from '../../../test/http/raw-client.ts';
import type { RequestBody, ServerRequest } from '../handler.ts';
import { maxBytes, maxBytesHandler } from './max-bytes.ts';

const timeout = 60_000;
const LIMIT = 10;

/** All ways to read a body to its end; each gives its text. */
const WAYS: Readonly<Record<string, (body: RequestBody) => Promise<string>>> = {
  read: async (body) => {
    let text = '';
    const buf = new Uint8Array(4);
    for (let n = await body.read(buf); n !== null; n = await body.read(buf)) {
      text += Buffer.from(buf.subarray(0, n)).toString();
    }
    return text;
  },
  bytes: async (body) => Buffer.from(await body.bytes()).toString(),
  text: (body) => body.text(),
  json: async (body) => JSON.stringify(await body.json()),
  stream: async (body) => new Response(body.stream).text(),
  iterator: async (body) => {
    let text = '';
    for await (const part of body) text += Buffer.from(part).toString();
    return text;
  },
};

function sized(body: string): string {
  return head('POST / HTTP/1.1', 'Host: x', `Content-Length: ${body.length}`) + body;
}

function chunked(body: string): string {
  const start = head('POST / HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked');
  return `${start}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

suite('maxBytesHandler', { timeout }, () => {
  for (const [name, read] of Object.entries(WAYS)) {
    for (const send of [sized, chunked]) {
      test(`${name}, ${send.name}`, async () => {
        const seen: unknown[] = [];
        const handler = maxBytesHandler(async (w, r) => {
          try {
            await w.write(await read(r.body));
          } catch (error) {
            seen.push(error, w.header().get('Connection'));
            assert.equal(await r.body.text().catch((again: unknown) => again), error);
            throw error;
          }
        }, LIMIT);
        await using running = await run('tcp', handler);
        await using client = await running.dial();
        const fits = '"12345678"';
        await client.send(send(fits) + send('"1"') + send('"123456789"') + send('"2"'));
        const text = await client.rest();
        assert.equal(text.split(fits).length, 2);
        assert.equal(text.split('HTTP/1.1 200').length, 3);
        assert.match(text, /HTTP\/1.1 413 Request Entity Too Large\r\n[^]*Connection: close\r\n/);
        const [error, connection] = seen as [Error & { code: string; status: number }, string];
        assert.deepEqual(
          [error.message, error.code, error.status, connection, seen.length],
          ['http: request body too large', 'ERR_HTTP_BODY_TOO_LARGE', 413, 'close', 2],
        );
        assert.deepEqual(running.log, []);
      });
    }
  }

  test('a length that is said to be too large is not asked for', async () => {
    await using running = await run(
      'pipe',
      maxBytesHandler(async (w, r) => {
        await w.write(await r.body.text().catch((error: Error) => error.message));
      }, LIMIT),
    );
    await using client = await running.dial();
    await client.send(
      head('POST / HTTP/1.1', 'Host: x', 'Content-Length: 11', 'Expect: 100-continue'),
    );
    const text = await client.rest();
    assert.match(
      text,
      /^HTTP\/1.1 200 OK\r\nConnection: close\r\n[^]*http: request body too large$/,
    );
  });

  test('a smaller limit of the reader’s own is not the handler’s', async () => {
    await using running = await run('pipe', async (w, r) => {
      const limited: ServerRequest = maxBytes(w, r, 100);
      await limited.body.text(2).catch(() => {});
      await w.write(String(w.header().get('Connection')));
    });
    await using client = await running.dial();
    await client.send(sized('12345'));
    assert.match(await client.until((text) => text.includes('undefined')), /undefined$/);
  });

  test('arguments are checked', () => {
    for (const bad of [-1, Number.NaN, '5', undefined]) {
      assert.throws(
        () => maxBytesHandler(() => {}, bad as number),
        /^TypeError: maxBytesHandler: b/,
      );
      assert.throws(() => maxBytes(null as never, null as never, bad as number), /maxBytes: bytes/);
    }
  });
});
