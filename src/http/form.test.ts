import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { head } from '../../test/http/raw-cases.ts';
import { run } from '../../test/http/raw-client.ts';
import { type FormOptions, parseForm } from './form.ts';

const timeout = 60_000;
const TYPE = 'application/x-www-form-urlencoded';

/** Body and all values that a server finds in a form, or the status of its refusal. */
async function asked(
  method: string,
  target: string,
  body: string,
  { type = TYPE, options = {} as FormOptions, again = false } = {},
): Promise<string> {
  await using running = await run('pipe', async (w, r) => {
    const form = await parseForm(r, options);
    if (again) assert.equal(String((await parseForm(r, options)).values), String(form.values));
    await w.write(`${String(form.body)} | ${String(form.values)}`);
  });
  await using client = await running.dial();
  const fields = [`Content-Type: ${type}`, `Content-Length: ${body.length}`, 'Connection: close'];
  await client.send(head(`${method} ${target} HTTP/1.1`, 'Host: x', ...fields) + body);
  const text = await client.rest();
  assert.deepEqual(running.log, []);
  return text.startsWith('HTTP/1.1 200') ? text.split('\r\n\r\n')[1]! : text.slice(9, 12);
}

suite('parseForm', { timeout }, () => {
  test('the body comes before the query', async () => {
    assert.equal(
      await asked('POST', '/?a=1&c=3', 'a=2&b=x+%C3%A4'),
      'a=2&b=x+%C3%A4 | a=2&b=x+%C3%A4&a=1&c=3',
    );
    assert.equal(await asked('PUT', '/', '?a=2', { again: true }), '%3Fa=2 | %3Fa=2');
    assert.equal(await asked('PATCH', '/?', 'a', { type: `${TYPE} ; charset=utf-8` }), 'a= | a=');
    assert.equal(await asked('POST', '/?a=1', ''), ' | a=1');
  });

  test('only bodies of the type, and methods that have one', async () => {
    assert.equal(await asked('GET', '/?a=1', 'a=2'), ' | a=1');
    assert.equal(await asked('DELETE', '/?a=1', 'a=2'), ' | a=1');
    assert.equal(await asked('POST', '/?a=1', 'a=2', { type: 'text/plain' }), ' | a=1');
    assert.equal(await asked('POST', '/?a=1', 'a=2', { type: `${TYPE}x` }), ' | a=1');
  });

  test('limits', async () => {
    const options = { maxBytes: 5, maxFields: 3 };
    assert.equal(await asked('POST', '/?a', 'b&c', { options }), 'b=&c= | b=&c=&a=');
    assert.equal(await asked('POST', '/?a', 'b&c&d', { options }), '413');
    assert.equal(await asked('POST', '/?a&b&c&d', '', { options }), '413');
    assert.equal(await asked('POST', '/', 'b=1234', { options }), '413');
    assert.equal(await asked('POST', '/', '&'.repeat(1000)), '413');
  });

  test('options are checked', async () => {
    for (const bad of [null, { maxBytes: -1 }, { maxFields: 'x' }]) {
      await assert.rejects(parseForm({} as never, bad as never), /^TypeError: parseForm: option/);
    }
  });
});
