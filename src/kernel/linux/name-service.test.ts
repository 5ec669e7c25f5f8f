/** What the name service asks of the process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

const ASKED: ReadonlySet<string | symbol> = new Set(['LOCALDOMAIN', 'RES_OPTIONS', 'HOSTALIASES']);

test('a program that may not read its environment can be started, as on Deno', async () => {
  const { env } = process;
  process.env = new Proxy(env, {
    // Node's loader of modules has variables of its own.
    get: (all, name) => {
      if (ASKED.has(name)) throw new Error('Requires env access');
      return Reflect.get(all, name) as unknown;
    },
  });
  try {
    const { names } = await import('./name-service.ts');
    assert.equal(names.setElsewhere, false);
  } finally {
    process.env = env;
  }
});
