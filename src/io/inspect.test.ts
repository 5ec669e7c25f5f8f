import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { TCPAddr, UnixAddr } from '../index.ts';
import { showAs } from './inspect.ts';

class Thing {
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  static {
    showAs(Thing, (thing) => `of size ${thing.#size}`);
  }
}

class SmallThing extends Thing {}

test('what is logged is told by the value itself, under the name of its class', () => {
  assert.equal(inspect(new Thing(3)), 'Thing { of size 3 }');
  assert.equal(inspect([new SmallThing(1)]), '[ SmallThing { of size 1 } ]');
  assert.doesNotThrow(() => inspect(Thing.prototype));
  assert.deepEqual(Object.keys(Thing.prototype), []);
});

test('addresses, alone and within others', () => {
  assert.equal(inspect(new TCPAddr('::1', 80)), 'TCPAddr { [::1]:80 }');
  assert.equal(inspect({ addr: new UnixAddr('@x') }), '{ addr: UnixAddr { @x } }');
});
