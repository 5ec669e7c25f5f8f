/**
 * Listeners of node:http that answer when nobody listens any more, or whose answer is refused: no more may
 * come of it than on node:http, where a client that has gone is no error of whoever answers it.
 */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { suite, test } from 'node:test';
import { ask, Client, compare, start } from './http-oracle.ts';

const timeout = 20_000;

/** Answers after the client has gone; settles with what that has thrown. */
async function answeredLate(
  kind: 'node' | 'netfd',
  answer: (res: ServerResponse, req: IncomingMessage) => void,
): Promise<unknown> {
  let settle!: (thrown: unknown) => void;
  const answered = new Promise<unknown>((resolve) => (settle = resolve));
  let begun!: () => void;
  const began = new Promise<void>((resolve) => (begun = resolve));
  await using running = await start(kind, (req, res) => {
    begun();
    res.once('close', () =>
      setImmediate(() => {
        try {
          answer(res, req);
          setImmediate(settle, null);
        } catch (error) {
          settle(error);
        }
      }),
    );
  });
  const client = new Client(running.port);
  client.send(ask('GET', '/'));
  await began;
  client.close();
  return await answered;
}

const ANSWERS: Record<string, (res: ServerResponse, req: IncomingMessage) => void> = {
  'writeHead, write and end': (res) => {
    res.writeHead(200, { 'X-Late': '1' });
    res.write('late');
    res.end('later');
  },
  'end alone': (res) => void res.setHeader('X-Late', '1').end('late'),
  flushHeaders: (res) => res.flushHeaders(),
  'early hints': (res) => res.writeEarlyHints({ link: '</a>; rel=preload' }),
  'processing and continue': (res) => {
    res.writeProcessing();
    res.writeContinue();
  },
  trailers: (res) => {
    res.setHeader('Trailer', 'X-Late');
    res.write('late');
    res.addTrailers({ 'X-Late': '1' });
    res.end();
  },
};

suite('a listener that answers', { timeout }, () => {
  for (const [name, answer] of Object.entries(ANSWERS)) {
    for (const kind of ['node', 'netfd'] as const) {
      test(`a client that has gone: ${name}, ${kind}`, async () => {
        assert.equal(await answeredLate(kind, answer), null);
      });
    }
  }

  test('by more than the client has read when it goes: each callback is called', async () => {
    const told: unknown[] = [];
    let settle!: () => void;
    const all = new Promise<void>((resolve) => (settle = resolve));
    await using running = await start('netfd', (_req, res) => {
      for (let i = 0; i < 3; i++) {
        res.write(Buffer.alloc(8 * 1024 * 1024), (error) => {
          told.push(error);
          if (told.length === 3) settle();
        });
      }
      res.on('error', () => {});
    });
    const client = new Client(running.port);
    client.send(ask('GET', '/'));
    await client.until((text) => text.includes('200 OK'));
    client.close();
    await all;
    assert.match(String(told.at(-1)), /aborted/);
  });

  test('by a head that is refused, and then by another one', async () => {
    const listener = (_req: IncomingMessage, res: ServerResponse): void => {
      const refused = { 'Content-Length': '5', 'Set-Cookie': 'secret=1', 'X-Bad': 'a\r\nb: c' };
      assert.throws(() => res.writeHead(200, refused), { code: 'ERR_INVALID_CHAR' });
      res.writeHead(500, { 'Content-Length': '10' });
      res.end('error page');
    };
    const [reply] = await compare(listener, ask('GET', '/'));
    assert.equal(reply!.body, 'error page');
  });
});
