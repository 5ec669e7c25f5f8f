import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import { chosenSeed, Random } from '../../test/native/random.ts';
import { ParseAddrError } from './errors.ts';
import {
  parseAddr,
  parseAddrPort,
  parsePrefix,
  tryParseAddr,
  tryParseAddrPort,
  tryParsePrefix,
} from './parse.ts';
import { quote } from './quote.ts';

test('the error says what is wrong and where', () => {
  const wrong = (parse: (text: string) => unknown, text: string, message: string): void => {
    assert.throws(() => parse(text), { name: 'ParseAddrError', message, text });
  };
  wrong(parseAddr, '1.2.3', 'ParseAddr("1.2.3"): IPv4 address too short');
  wrong(
    parseAddr,
    '::x',
    'ParseAddr("::x"): each colon-separated field must have at least one digit (at "x")',
  );
  wrong(
    parseAddrPort,
    '[::x]:1',
    'ParseAddr("::x"): each colon-separated field must have at least one digit (at "x")',
  );
  wrong(
    parseAddrPort,
    '::1:80',
    'invalid ip:port "::1:80", IPv6 addresses must be surrounded by square brackets',
  );
  wrong(parsePrefix, '10.0.0.0/08', 'netip.ParsePrefix("10.0.0.0/08"): bad bits after slash: "08"');
  const error = new ParseAddrError('x', 'y');
  assert.equal(error.code, 'ERR_INVALID_ADDRESS');
});

test('what is no string is a mistake of the program', () => {
  const parsers = {
    parseAddr,
    parseAddrPort,
    parsePrefix,
    tryParseAddr,
    tryParseAddrPort,
    tryParsePrefix,
  };
  for (const [name, parse] of Object.entries(parsers)) {
    const message = `${name}: text must be a string`;
    assert.throws(() => parse(undefined as never), { name: 'TypeError', message });
  }
});

test('tryParse… give null, or what parse… gives', () => {
  assert.equal(tryParseAddr('localhost'), null);
  assert.equal(tryParseAddrPort('localhost:80'), null);
  assert.equal(tryParsePrefix('10.0.0.0'), null);
  assert.equal(String(tryParseAddr('::1')), '::1');
  assert.equal(String(tryParseAddrPort('[::1]:80')), '[::1]:80');
  assert.equal(String(tryParsePrefix('::1/8')), '::1/8');
});

test('addresses are those of Node, up to zones', (t) => {
  const seed = chosenSeed();
  t.diagnostic(`NETFD_SEED=${seed} repeats this`);
  const random = new Random(seed);
  const parts = [
    '0',
    '1',
    'ff',
    'abcd',
    '12345',
    '::',
    ':',
    ':',
    ':',
    '.',
    '1.2.3.4',
    '255',
    '256',
    '',
  ];
  let good = 0;
  for (let i = 0; i < 20_000; i++) {
    const text = Array.from({ length: 1 + random.below(15) }, () => random.pick(parts)).join('');
    const addr = tryParseAddr(text);
    assert.equal(addr === null ? 0 : addr.is4 ? 4 : 6, isIP(text), text);
    if (addr?.is6 === true) {
      good++;
      // The URL parser shortens by the same rule, but does not write IPv4 addresses dotted.
      const host = new URL(`http://[${text}]`).hostname.slice(1, -1);
      assert.equal(String(tryParseAddr(host)), String(addr), text);
      if (!addr.is4In6) assert.equal(String(addr), host, text);
    }
  }
  assert.ok(good > 50, `${good} of them were IPv6 addresses`);
});

test('quote makes one line of anything', () => {
  assert.equal(quote('a"b\\c'), '"a\\"b\\\\c"');
  assert.equal(quote('\0\u0007\b\t\n\v\f\r\u001b\u007f'), '"\\x00\\a\\b\\t\\n\\v\\f\\r\\x1b\\x7f"');
  assert.equal(
    quote('é€\u{1f600} \u00a0\u2028\u{e0001}'),
    '"é€\u{1f600} \\u00a0\\u2028\\U000e0001"',
  );
});
