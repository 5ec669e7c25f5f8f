/** The URL of a request is what the platform makes of it, by the short way as by the long one. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { ServerRequest } from '../handler.ts';
import { urlOf } from './request-url.ts';

const localAddr = { network: 'tcp', toString: () => '127.0.0.1:80' };

const request = (host: string, target: string, tls?: object): ServerRequest =>
  ({ host, target, localAddr, ...(tls && { tls }) }) as unknown as ServerRequest;

suite('urlOf', () => {
  test('is what the platform says', () => {
    const part = fc.constantFrom(
      ...'/ // . .. %2e %2E%2e a B é %20 % %zz ? ?? = & ; : @ ! $ \' ( ) * + , ~ _ - [ ] { } | \\ ^ ` " < >'.split(
        ' ',
      ),
    );
    const hosts = fc.constantFrom(
      'x',
      'X.example:80',
      'x:81',
      '127.0.0.1',
      '127.1',
      '[::1]:8080',
      'a_b',
    );
    fc.assert(
      fc.property(hosts, fc.array(part, { maxLength: 12 }), (host, parts) => {
        const target = `/${Buffer.from(parts.join('')).toString('latin1')}`;
        const expected = new URL(`http://${host}/${parts.join('')}`).href;
        assert.equal(urlOf(request(host, target)), expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('whatever was asked for before', () => {
    const hosts = fc.constantFrom(
      'x',
      'X',
      'x:80',
      'x:443',
      'y',
      '',
      'u@x',
      'a b',
      'é',
      'a'.repeat(300),
    );
    const long = `/${'a'.repeat(300)}`;
    const targets = fc.constantFrom(
      '/',
      '/a',
      '/b?c',
      '/a/../b',
      long,
      '*',
      'http://z/a',
      '',
      'y:80',
    );
    const asked = fc.record({ host: hosts, target: targets, secure: fc.boolean() });
    // Something that is made of no part of the others, so that nothing is known of them.
    const forget = (): string => urlOf(request('forgotten', '/forgotten'));
    const outcome = ({
      host,
      target,
      secure,
    }: {
      host: string;
      target: string;
      secure: boolean;
    }) => {
      try {
        return urlOf(request(host, target, secure ? {} : undefined));
      } catch (error) {
        return (error as Error).message;
      }
    };
    fc.assert(
      fc.property(fc.array(asked, { minLength: 1, maxLength: 8 }), (requests) => {
        const expected = requests.map((one) => (forget(), outcome(one)));
        forget();
        assert.deepEqual(requests.map(outcome), expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('other forms', () => {
    assert.equal(urlOf(request('x', '*')), 'http://x/*');
    assert.equal(urlOf(request('x', 'http://Y:80/a/../b')), 'http://y/b');
    assert.equal(urlOf(request('', '/a')), 'http://127.0.0.1/a');
    assert.equal(urlOf(request('x', '/a', {})), 'https://x/a');
    assert.equal(urlOf(request('x', '/a')), 'http://x/a');
  });

  test('a Host that is none', () => {
    for (const host of ['a b', 'a<b', '[::1', 'u:p@x', 'u@x']) {
      assert.throws(() => urlOf(request(host, '/a')), { code: 'ERR_HTTP_URL', status: 400 });
    }
  });
});
