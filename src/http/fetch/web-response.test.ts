/** Our Response next to the platform's: the same answers to the same questions. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { WebResponse } from './web-response.ts';

const Own: typeof Response = WebResponse as unknown as typeof Response;

async function shown(
  make: (Kind: typeof Response) => Response,
  Kind: typeof Response,
): Promise<unknown> {
  let response: Response;
  try {
    response = make(Kind);
  } catch (error) {
    return (error as Error).constructor;
  }
  assert.ok(response instanceof Response);
  const { status, statusText, ok, type, redirected, url, bodyUsed } = response;
  const hasBody = response.body !== null;
  const fields = [...response.headers];
  const cookies = response.headers.getSetCookie();
  const clone = await response.clone().text();
  const text = await response.text();
  const again = await response.text().then(
    (more) => more,
    (error: Error) => error.constructor,
  );
  return {
    status,
    statusText,
    ok,
    type,
    redirected,
    url,
    bodyUsed,
    hasBody,
    fields,
    cookies,
    clone,
    text,
    again,
    after: response.bodyUsed,
  };
}

const cases: Readonly<Record<string, (Kind: typeof Response) => Response>> = {
  nothing: (Kind) => new Kind(),
  null: (Kind) => new Kind(null, { status: 204 }),
  text: (Kind) => new Kind('text é'),
  'empty text': (Kind) => new Kind(''),
  'text of a type': (Kind) => new Kind('x', { headers: { 'content-type': 'x/y' } }),
  bytes: (Kind) => new Kind(new Uint8Array([65, 66])),
  'a part of a buffer': (Kind) => new Kind(new Uint8Array([65, 66, 67]).subarray(1, 2)),
  'an ArrayBuffer': (Kind) => new Kind(new Uint8Array([65, 66]).buffer),
  'a blob': (Kind) => new Kind(new Blob(['b'], { type: 'x/y' })),
  'a stream': (Kind) => new Kind(new Blob(['s']).stream()),
  parameters: (Kind) => new Kind(new URLSearchParams({ a: 'b c' })),
  'a status': (Kind) => new Kind('x', { status: 404, statusText: 'Gone fishing' }),
  'headers as Headers': (Kind) => new Kind('x', { headers: new Headers({ a: '1' }) }),
  'headers as pairs': (Kind) =>
    new Kind('x', {
      headers: [
        ['a', '1'],
        ['A', '2'],
        ['set-cookie', 'x=1'],
        ['set-cookie', 'y=2'],
      ],
    }),
  'headers changed': (Kind) => {
    const response = new Kind('x', { headers: { a: '1' } });
    response.headers.append('a', '2');
    response.headers.delete('content-type');
    return response;
  },
  'headers changed after a clone': (Kind) => {
    const response = new Kind('x');
    response.clone();
    response.headers.set('a', '1');
    return response;
  },
  JSON: (Kind) => Kind.json({ a: ['é'] }),
  'JSON of a type': (Kind) => Kind.json(1, { status: 201, headers: { 'content-type': 'a/json' } }),
  redirect: (Kind) => Kind.redirect('http://x/y', 307),
  error: (Kind) => Kind.error(),
  'a status that is none': (Kind) => new Kind('x', { status: 99 }),
  'a status of interim': (Kind) => new Kind(null, { status: 101 }),
  'a body where none may be': (Kind) => new Kind('x', { status: 204 }),
  'a bad name': (Kind) => new Kind('x', { headers: { 'a b': '1' } }),
  'a bad value': (Kind) => new Kind('x', { headers: { a: '1\r\n2' } }),
  'a value that is not latin1': (Kind) => new Kind('x', { headers: { a: '€' } }),
  'a bad text': (Kind) => new Kind('x', { statusText: 'a\nb' }),
  'JSON that is none': (Kind) => Kind.json(undefined),
};

suite('Response', () => {
  for (const [name, make] of Object.entries(cases)) {
    test(name, async () => {
      assert.deepEqual(await shown(make, Own), await shown(make, Response));
    });
  }

  test('in each form', async () => {
    for (const Kind of [Own, Response]) {
      const make = (): Response => new Kind('{"a":1}');
      assert.deepEqual(await make().json(), { a: 1 });
      assert.equal((await make().arrayBuffer()).byteLength, 7);
      assert.equal(await (await make().blob()).text(), '{"a":1}');
      const form = new Kind('a=b', {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      assert.equal((await form.formData()).get('a'), 'b');
    }
    assert.equal((await new Own('abc').bytes()).length, 3);
  });

  test('what is sent of it', () => {
    assert.equal(WebResponse.partsOf(new Response('x')), null);
    assert.equal(WebResponse.partsOf({}), null);
    const parts = WebResponse.partsOf(new Own('x', { status: 201, statusText: 'Made' }));
    assert.deepEqual(
      [parts?.status, parts?.statusText, parts?.body, parts?.fields],
      [201, 'Made', 'x', null],
    );
    const read = new Own('x');
    void read.text();
    assert.throws(() => WebResponse.partsOf(read), TypeError);
  });
});
