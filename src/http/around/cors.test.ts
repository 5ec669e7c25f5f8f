import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeRequest, FakeResponse } from '../../../test/http/fake-exchange.ts';
import { cors, type CorsOptions } from './cors.ts';

type Fields = Readonly<Record<string, string>>;

/** Status, body and fields of the reply, in the order in which they are sent. */
function reply(options: CorsOptions, method: string, fields: Fields): string[] {
  const w = new FakeResponse();
  const r = new FakeRequest(method, '/');
  for (const [name, value] of Object.entries(fields)) r.header.set(name, value);
  void cors((inner) => void inner.write('seen'), options).serveHTTP(w, r);
  return [`${w.status} ${w.body}`, ...Array.from(w.sent, ([name, value]) => `${name}: ${value}`)];
}

const A = 'https://a.example';
const preflight = (more: Fields = {}): Fields => {
  return { Origin: A, 'Access-Control-Request-Method': 'PUT', ...more };
};

test('all origins', () => {
  assert.deepEqual(reply({}, 'GET', {}), ['200 seen']);
  const any = 'Access-Control-Allow-Origin: *';
  assert.deepEqual(reply({}, 'GET', { Origin: A }), ['200 seen', any]);
  assert.deepEqual(reply({ exposed: ['X-A', 'X-B'] }, 'POST', { Origin: 'null' }), [
    '200 seen',
    any,
    'Access-Control-Expose-Headers: X-A, X-B',
  ]);
  const asked = preflight({ 'Access-Control-Request-Headers': 'x-a, content-type' });
  assert.deepEqual(reply({ maxAge: 5 }, 'OPTIONS', asked), [
    '204 ',
    any,
    'Access-Control-Allow-Methods: PUT, PATCH, DELETE',
    'Vary: Access-Control-Request-Headers',
    'Access-Control-Allow-Headers: x-a, content-type',
    'Access-Control-Max-Age: 5',
  ]);
});

test('some origins, with credentials', () => {
  const options = { origins: [A], credentials: true, methods: ['QUERY'], headers: ['X-A'] };
  const vary = 'Vary: Origin';
  assert.deepEqual(reply(options, 'GET', { Origin: 'https://b.example' }), ['200 seen', vary]);
  assert.deepEqual(reply(options, 'GET', {}), ['200 seen', vary]);
  const leave = [
    vary,
    `Access-Control-Allow-Origin: ${A}`,
    'Access-Control-Allow-Credentials: true',
  ];
  assert.deepEqual(reply(options, 'GET', { Origin: A }), ['200 seen', ...leave]);
  assert.deepEqual(reply(options, 'OPTIONS', preflight()), [
    '204 ',
    ...leave,
    'Access-Control-Allow-Methods: QUERY',
    'Access-Control-Allow-Headers: X-A',
  ]);
  assert.deepEqual(reply(options, 'OPTIONS', preflight({ Origin: 'null' })), ['204 ', vary]);
  const byFunction = { origins: (origin: string) => origin.endsWith('.example') };
  assert.ok(reply(byFunction, 'GET', { Origin: A }).includes(`Access-Control-Allow-Origin: ${A}`));
});

test('OPTIONS that is no preflight request is for the handler', () => {
  assert.equal(reply({}, 'OPTIONS', { Origin: A })[0], '200 seen');
  assert.equal(reply({}, 'OPTIONS', {})[0], '200 seen');
  assert.equal(reply({}, 'PUT', preflight())[0], '200 seen');
});

test('what is asked for is not said back if it is no name', () => {
  const odd = preflight({ 'Access-Control-Request-Headers': 'x-a, <b>' });
  assert.ok(!reply({}, 'OPTIONS', odd).join().includes('Allow-Headers'));
});

test('options are checked', () => {
  const bad: [unknown, RegExp][] = [
    [null, /options must be an object/],
    [{ credentials: true }, /option credentials is not for the origins "\*"/],
    [{ credentials: 1 }, /option credentials must be/],
    [{ origins: 'https://a' }, /option origins must be/],
    [{ origins: ['https://a/'] }, /option origins must be/],
    [{ methods: ['a b'] }, /option methods must be/],
    [{ headers: 'x' }, /option headers must be/],
    [{ exposed: [''] }, /option exposed must be/],
    [{ maxAge: -1 }, /option maxAge must be/],
  ];
  for (const [options, message] of bad)
    assert.throws(() => cors(() => {}, options as never), message);
});
