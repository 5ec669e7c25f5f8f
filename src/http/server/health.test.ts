/** What is answered to who asks whether a server is alive and ready. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FakeRequest, FakeResponse } from '../../../test/http/fake-exchange.ts';
import type { Handler } from '../handler.ts';
import { livez, readyz, type ReadinessOptions } from './health.ts';

async function ask(handler: Handler, method = 'GET'): Promise<FakeResponse> {
  const w = new FakeResponse();
  await handler.serveHTTP(w, new FakeRequest(method, '/readyz'));
  return w;
}

async function answer(handler: Handler): Promise<string> {
  const { status, body } = await ask(handler);
  return `${status} ${body}`;
}

const NEVER = new Promise<void>(() => {});

suite('livez', () => {
  test('ok', async () => {
    const w = await ask(livez());
    assert.equal(`${w.status} ${w.body}`, '200 ok\n');
    assert.equal(w.sent.get('Content-Type'), 'text/plain; charset=utf-8');
    assert.equal(w.sent.get('Cache-Control'), 'no-store');
  });

  test('nobody may change it', async () => {
    const w = await ask(livez(), 'POST');
    assert.equal(w.status, 405);
    assert.equal(w.sent.get('Allow'), 'GET, HEAD');
  });
});

suite('readyz', () => {
  test('until the shutdown begins', async () => {
    const server = { draining: false };
    const handler = readyz(server);
    assert.equal(await answer(handler), '200 ok\n');
    assert.equal((await ask(handler, 'HEAD')).status, 200);
    server.draining = true;
    assert.equal(await answer(handler), '503 draining\n');
  });

  test('checks, each of which may fail in its own way', async () => {
    const log: string[] = [];
    const checks = {
      well: () => {},
      soon: async () => true,
      thrown: () => {
        throw new Error('a secret');
      },
      rejected: async () => Promise.reject(new Error('another one')),
      false: () => false,
      never: () => NEVER,
    };
    const errorLog = (line: string): void => void log.push(line.split('\n')[0]!);
    const handler = readyz({ draining: false }, { checks, timeout: 20, errorLog });
    assert.equal(
      await answer(handler),
      '503 thrown: failed\nrejected: failed\nfalse: failed\nnever: timeout\n',
    );
    assert.deepEqual(log.sort(), [
      'http: readyz: never: no answer within 20 ms',
      'http: readyz: rejected: Error: another one',
      'http: readyz: thrown: Error: a secret',
    ]);
  });

  test('a check that runs is not made again', async () => {
    let made = 0;
    let finish = (): void => {};
    const slow = (): Promise<void> => {
      made++;
      return new Promise((resolve) => (finish = resolve));
    };
    const handler = readyz({ draining: false }, { checks: { slow } });
    const answers = [answer(handler), answer(handler)];
    await new Promise(setImmediate);
    finish();
    assert.deepEqual(await Promise.all(answers), ['200 ok\n', '200 ok\n']);
    assert.equal(made, 1);
    const third = answer(handler);
    await new Promise(setImmediate);
    finish();
    assert.equal(await third, '200 ok\n');
    assert.equal(made, 2);
  });

  test('a shutdown that begins meanwhile is told', async () => {
    const server = { draining: false };
    const handler = readyz(server, { checks: { slow: () => new Promise(setImmediate) } });
    const asked = answer(handler);
    server.draining = true;
    assert.equal(await asked, '503 draining\n');
  });

  test('a log that throws changes nothing', async () => {
    const fail = (): never => {
      throw new Error('of the log');
    };
    const handler = readyz({ draining: false }, { checks: { fail }, errorLog: fail });
    assert.equal(await answer(handler), '503 fail: failed\n');
  });

  test('bad arguments are TypeErrors that name them', () => {
    for (const server of [null, undefined, {}, 5]) {
      assert.throws(() => readyz(server as never), {
        name: 'TypeError',
        message: 'readyz: server must be a Server',
      });
    }
    const cases: readonly (readonly [options: unknown, message: string])[] = [
      [null, 'readyz: options must be an object'],
      [{ checks: 5 }, 'readyz: option checks must be an object of functions'],
      [{ checks: { db: 5 } }, 'readyz: option checks.db must be a function'],
      [{ timeout: 'x' }, 'readyz: option timeout must be a number of milliseconds'],
      [{ errorLog: 5 }, 'readyz: option errorLog must be a function'],
      [{ check: {} }, 'readyz: there is no option check; is checks meant?'],
    ];
    for (const [options, message] of cases) {
      const made = () => readyz({ draining: false }, options as ReadinessOptions);
      assert.throws(made, { name: 'TypeError', message });
    }
  });
});
