/** A body that is no JSON is the client's mistake: what a fetch handler sees of it, and what is answered. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fetchHandler, type FetchHandlers } from '../../src/http/fetch/fetch-handler.ts';
import { BAD, post, refused } from './raw-cases.ts';
import { run, withoutDates } from './raw-client.ts';

const timeout = 60_000;
const REFUSED = refused(BAD);

/** The reply to a request with this body, and what was logged. */
async function reply(handlers: FetchHandlers, body: string): Promise<[string, string[]]> {
  await using running = await run('tcp', fetchHandler(handlers));
  await using client = await running.dial();
  await client.send(post(body, `Content-Length: ${body.length}`, 'Connection: close'));
  return [withoutDates(await client.rest()), running.log];
}

suite('request.json()', { timeout }, () => {
  const fetch = async (request: Request): Promise<Response> => {
    return Response.json(await request.json());
  };

  test('of what is no JSON is answered with 400, and not logged', async () => {
    for (const body of ['', '{', '{"a":}', 'undefined', '[1,]']) {
      assert.deepEqual(await reply({ fetch }, body), [REFUSED, []]);
    }
  });

  test('of JSON gives the value', async () => {
    const [text] = await reply({ fetch }, '{"a":[1]}');
    assert.ok(text.startsWith('HTTP/1.1 200 OK\r\n') && text.endsWith('{"a":[1]}'));
  });

  test('fails with a SyntaxError, as everywhere', async () => {
    const caught = async (request: Request): Promise<Response> => {
      try {
        await request.json();
      } catch (error) {
        assert.ok(error instanceof SyntaxError);
        const { code, status } = error as { code?: string; status?: number };
        return new Response(`${code} ${status}`, {
          headers: { 'Content-Type': 'text/plain; charset=utf-8' },
        });
      }
      return new Response('none');
    };
    const [text] = await reply({ fetch: caught }, '{');
    assert.ok(text.endsWith('ERR_HTTP_JSON 400'));
  });

  test('leaves the answer to the error handler, if there is one', async () => {
    const error = (thrown: unknown): Response => {
      assert.ok(thrown instanceof SyntaxError);
      return new Response('sorry', { status: 422 });
    };
    const [text] = await reply({ fetch, error }, '{');
    assert.match(text, /^HTTP\/1\.1 422 Unprocessable Entity\r\n.*sorry$/s);
  });

  test('of JSON that somebody else has sent is no mistake of the client', async () => {
    const upstream = async (): Promise<Response> => Response.json(await new Response('{').json());
    const [text, log] = await reply({ fetch: upstream }, '{}');
    assert.match(text, /^HTTP\/1\.1 500 /);
    assert.equal(log.length, 1);
  });
});
