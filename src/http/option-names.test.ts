/** Options that do not exist: which are refused, and which are meant. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { refuseMisspelt, refuseUnknown } from './option-names.ts';

const KNOWN: ReadonlySet<string> = new Set(['readTimeout', 'readHeaderTimeout', 'port', 'path']);

/** What is thrown for an object with this one option. */
function messageOf(check: typeof refuseUnknown, name: string): string | null {
  try {
    check('make', { [name]: null }, KNOWN);
    return null;
  } catch (error) {
    assert.ok(error instanceof TypeError);
    return error.message;
  }
}

const SLIPS: readonly (readonly [name: string, meant: string])[] = [
  ['readheaderTimeout', 'readHeaderTimeout'],
  ['readHeadersTimeout', 'readHeaderTimeout'],
  ['readTimeOut', 'readTimeout'],
  ['readTimout', 'readTimeout'],
  ['raedTimeout', 'readTimeout'],
  ['Port', 'port'],
];

suite('options that do not exist', () => {
  for (const [name, meant] of SLIPS) {
    test(`${name}: ${meant} is meant`, () => {
      const message = `make: there is no option ${name}; is ${meant} meant?`;
      assert.equal(messageOf(refuseUnknown, name), message);
      assert.equal(messageOf(refuseMisspelt, name), message);
    });
  }

  for (const [name, meant] of [
    ['ports', 'port'],
    ['pat', null],
    ['paths2', null],
  ] as const) {
    test(`${name}, which is too short to be refused where others may stand`, () => {
      const hint = meant === null ? '' : `; is ${meant} meant?`;
      assert.equal(messageOf(refuseUnknown, name), `make: there is no option ${name}${hint}`);
      assert.equal(messageOf(refuseMisspelt, name), null);
    });
  }

  for (const name of ['host', 'development', 'timeout', 'writeTimeout2', '']) {
    test(`"${name}" is like none of them`, () => {
      assert.equal(messageOf(refuseUnknown, name), `make: there is no option ${name}`);
      assert.equal(messageOf(refuseMisspelt, name), null);
    });
  }

  test('what others call them, unless they are given too', () => {
    const known = new Set([...KNOWN, 'hostname']);
    const message = 'make: there is no option host; is hostname meant?';
    for (const check of [refuseMisspelt, refuseUnknown]) {
      assert.throws(() => check('make', { host: 'x' }, known), { message });
    }
    refuseMisspelt('make', { host: 'x', hostname: 'y' }, known);
    assert.throws(() => refuseUnknown('make', { host: 'x', hostname: 'y' }, known), { message });
  });

  test('those that are undefined', () => {
    refuseUnknown('make', { readTimout: undefined }, KNOWN);
    refuseMisspelt('make', { readTimout: undefined }, KNOWN);
  });

  test('those that exist', () => {
    for (const name of KNOWN) {
      assert.equal(messageOf(refuseUnknown, name), null);
      assert.equal(messageOf(refuseMisspelt, name), null);
    }
  });
});
