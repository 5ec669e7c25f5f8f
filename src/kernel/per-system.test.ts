import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linux } from './linux.ts';
import { perSystem } from './per-system.ts';

test('is made once for each System, when it is asked for', () => {
  let made = 0;
  const thing = perSystem(({ name }) => ({ name, number: ++made }));
  assert.equal(made, 0);
  const other = { ...linux, name: 'other' };
  assert.deepEqual(thing(linux), { name: 'linux', number: 1 });
  assert.deepEqual(thing(other), { name: 'other', number: 2 });
  assert.equal(thing(linux), thing(linux));
  assert.notEqual(thing(linux), thing(other));
});
