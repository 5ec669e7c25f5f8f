import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { FakeRequest, FakeResponse } from '../../../test/http/fake-exchange.ts';
import { run } from '../../../test/http/raw-client.ts';
import {
  authenticatedUser,
  basicAuth,
  bearerToken,
  parseBasicAuth,
  secretsEqual,
} from './authorization.ts';
import type { HandlerFunc } from '../handler.ts';

function withField(...fields: string[]): FakeRequest {
  const r = new FakeRequest('GET', '/');
  for (const field of fields) r.header.add('Authorization', field);
  return r;
}

function coded(text: string, encoding: BufferEncoding = 'utf8'): string {
  return Buffer.from(text, encoding).toString('base64');
}

test('parseBasicAuth', () => {
  const good: [string, string, string][] = [
    [`Basic ${coded('Aladdin:open sesame')}`, 'Aladdin', 'open sesame'],
    [`basic  ${coded('a:b:c')}`, 'a', 'b:c'],
    [`BASIC ${coded(':')}`, '', ''],
    [`Basic ${coded('test:123£')}`, 'test', '123£'],
    [`Basic ${coded('test:123£', 'latin1')}`, 'test', '123£'],
    [`Basic ${coded('a:').replace(/=/g, '')}`, 'a', ''],
  ];
  for (const [field, user, password] of good) {
    assert.deepEqual(parseBasicAuth(withField(field)), { user, password }, field);
  }
  const both = coded('a:b');
  const bad = ['', 'Basic', 'Basic ', 'Basic a', 'Basic YQ', 'Basic !!!!', 'Basic YTpi===='];
  bad.push(`Bearer ${both}`, `Basic ${both} x`, `Basic\t${both}`);
  bad.push(`Basic ${coded('a\n:b')}`, `Basic ${coded('a:\x7f')}`);
  for (const field of bad) assert.equal(parseBasicAuth(withField(field)), null, field);
  assert.equal(parseBasicAuth(withField()), null);
  assert.equal(parseBasicAuth(withField(`Basic ${coded('a:b')}`, `Basic ${coded('a:b')}`)), null);
});

test('bearerToken', () => {
  assert.equal(bearerToken(withField('Bearer mF_9.B5f-4.1JqM==')), 'mF_9.B5f-4.1JqM==');
  assert.equal(bearerToken(withField('bearer x')), 'x');
  for (const field of ['Bearer', 'Bearer a b', 'Bearer a=b', 'Basic x', 'Bearer "x"']) {
    assert.equal(bearerToken(withField(field)), null, field);
  }
  assert.equal(bearerToken(withField()), null);
});

test('secretsEqual', () => {
  const texts = ['', 'a', 'b', 'ab', 'aa', 'aaa', 'ä', 'secret', 'Secret'];
  for (const a of texts)
    for (const b of texts) assert.equal(secretsEqual(a, b), a === b, `${a},${b}`);
});

const greet: HandlerFunc = (w, r) => w.write(`hello ${authenticatedUser(r)}`);

suite('basicAuth', () => {
  test('asks for a password, and passes on who has it', async () => {
    const handler = basicAuth(greet, {
      realm: 'a "b" \\',
      check: async (user, password) => user === 'ann' && secretsEqual(password, 'pä:ss'),
    });
    for (const field of [[], [`Basic ${coded('ann:pass')}`], ['Basic x']]) {
      const w = new FakeResponse();
      const r = withField(...field);
      await handler.serveHTTP(w, r);
      assert.equal(w.status, 401);
      assert.equal(w.body, 'Unauthorized\n');
      const challenge = 'Basic realm="a \\"b\\" \\\\", charset="UTF-8"';
      assert.equal(w.sent.get('WWW-Authenticate'), challenge);
      assert.equal(authenticatedUser(r), undefined);
    }
    const w = new FakeResponse();
    await handler.serveHTTP(w, withField(`Basic ${coded('ann:pä:ss')}`));
    assert.deepEqual([w.status, w.body], [200, 'hello ann']);
  });

  test('only true lets in, and what check throws is thrown', async () => {
    const w = new FakeResponse();
    const field = `Basic ${coded('a:b')}`;
    await basicAuth(greet, { check: () => 1 as never }).serveHTTP(w, withField(field));
    assert.equal(w.status, 401);
    const failing = basicAuth(greet, { check: () => Promise.reject(new Error('database')) });
    await assert.rejects(async () => failing.serveHTTP(w, withField(field)), /database/);
  });

  test('node:http', async () => {
    const handler = basicAuth(greet, { check: (user, password) => user + password === 'ännb c' });
    await using running = await run('tcp', handler);
    const url = `http://${String(running.listener.addr)}/`;
    const ask = async (auth: string): Promise<string> => {
      const [reply] = (await once(get(url, { auth, agent: false }), 'response')) as [Readable];
      return text(reply);
    };
    assert.equal(await ask('änn:b c'), 'hello änn');
    assert.equal(await ask('änn:b'), 'Unauthorized\n');
  });

  test('options are checked', () => {
    const check = (): boolean => true;
    const bad: [unknown, RegExp][] = [
      [undefined, /options must be an object/],
      [{}, /option check must be/],
      [{ check: 5 }, /option check must be/],
      [{ check, realm: 5 }, /option realm must be/],
      [{ check, realm: 'ä' }, /option realm must be/],
    ];
    for (const [options, message] of bad) {
      assert.throws(() => basicAuth(greet, options as never), message);
    }
  });
});
