/** The phrase after the status code, and fields that the server is not to add. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { run } from '../../../test/http/raw-client.ts';
import type { ResponseWriter } from '../handler.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

async function replies(handlers: readonly ((w: ResponseWriter) => void)[]): Promise<string[]> {
  const left = [...handlers];
  await using running = await run('tcp', (w) => left.shift()!(w));
  await using client = await running.dial();
  await client.send(GET.repeat(handlers.length).replace(/\r\n$/, 'Connection: close\r\n\r\n'));
  const text = await client.rest();
  return text.split(/(?=HTTP\/1\.1 )/);
}

suite('a reason phrase', () => {
  test('is sent, and not remembered for the next response', async () => {
    const [one, two, three] = await replies([
      (w) => w.writeHeader(404, 'Gone fishing'),
      (w) => w.writeHeader(404),
      (w) => w.writeHeader(404, 'Not Found'),
    ]);
    assert.match(one!, /^HTTP\/1\.1 404 Gone fishing\r\n/);
    assert.match(two!, /^HTTP\/1\.1 404 Not Found\r\n/);
    assert.match(three!, /^HTTP\/1\.1 404 Not Found\r\n/);
  });

  test('that is none is a TypeError', async () => {
    await replies([
      (w) => {
        for (const reason of ['a\r\nb', '€', '\0', 7 as never]) {
          assert.throws(() => w.writeHeader(200, reason), TypeError);
        }
      },
    ]);
  });
});

test('what a handler suppresses is not added', async () => {
  const [bare, usual] = await replies([
    (w) => {
      w.header().suppress('Date');
      w.header().suppress('Content-Type');
      void w.write('text');
    },
    (w) => void w.write('text'),
  ]);
  assert.equal(bare, 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext');
  assert.match(usual!, /Date: .*Content-Type: /s);
});
