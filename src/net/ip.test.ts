import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import { goldenRows } from '../../test/golden/net-values.ts';
import { formatIP, fromIPv4, isUnspecified, packIPv4, parseIP, to4 } from './ip.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const parsed = (text: string): Uint8Array => parseIP(text) ?? assert.fail(`not an IP: ${text}`);

test('parseIP is Go’s ParseIP', () => {
  const rows = goldenRows<string, { hex: string; is4: boolean; str: string } | null>('ParseIP');
  for (const { in: text, out } of rows) {
    const bytes = parseIP(text);
    const found = bytes && { hex: hex(bytes), is4: to4(bytes) !== null, str: formatIP(bytes) };
    assert.deepEqual(found, out, text);
  }
});

test('parseIP refuses what only looks like an address', () => {
  const wrong =
    '. ... 1.2.3.4. .1.2.3.4 1..2.3 1.2.3.04 1e1.1.1.1 : ::: 1:::2 ::1:: 1:2:3:4:5:6:7:8:: ' +
    '1:2:3:4::5:6:7:8 ::1: :1:: ::1.2.3 1.2.3.4:: ::1.2.3.4:5 ::g ::-1 ::+1 ::00001 [::1] ' +
    '::1%lo 1:2:3:4:5:6:7:1.2.3.4 1.2.3.4:5:6:7:8:9:1:2 1:2:1.2.3.4 ::ffff:01.2.3.4';
  for (const text of ['', ' 1.2.3.4', '1.2.3.4 ', ...wrong.split(' ')]) {
    assert.equal(parseIP(text), null, text);
  }
});

test('parseIP agrees with Node on addresses made of random parts', () => {
  const parts = ['0', '1', 'ff', 'abcd', '12345', '::', ':', ':', ':', '.', '1.2.3.4', '255', ''];
  let state = 42;
  for (let i = 0; i < 20_000; i++) {
    let text = '';
    for (let length = 1 + (i % 15); length > 0; length--) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      text += parts[(state >>> 16) % parts.length];
    }
    assert.equal(parseIP(text) !== null, isIP(text) !== 0, text);
  }
});

test('formatIP is Go’s IP.String', () => {
  for (const row of goldenRows<string, string>('IP.String')) {
    assert.equal(formatIP(Uint8Array.from(Buffer.from(row.in, 'hex'))), row.out);
  }
  assert.equal(formatIP(Uint8Array.of(1, 2, 3, 4)), '1.2.3.4');
  assert.equal(formatIP(Uint8Array.of(1, 2, 0xab)), '?0102ab');
  assert.equal(formatIP(new Uint8Array(16)), '::');
});

test('formatIP shortens the first longest run of zeros, and parseIP takes it back', () => {
  for (let mask = 0; mask < 256; mask++) {
    const bytes = new Uint8Array(16);
    for (let i = 0; i < 8; i++) bytes[i * 2] = (mask >> i) & 1 ? 0xa0 : 0;
    const text = formatIP(bytes);
    assert.equal(hex(parsed(text)), hex(bytes), text);
    // The URL parser shortens by the same rule.
    assert.equal(new URL(`http://[${text}]`).hostname, `[${text}]`);
  }
});

test('an IPv4 address as bytes and as a number', () => {
  assert.equal(packIPv4(parsed('255.0.2.1')), 0xff000201);
  assert.equal(packIPv4(Uint8Array.of(255, 0, 2, 1)), 0xff000201);
  assert.equal(packIPv4(parsed('::1')), null);
  assert.deepEqual(fromIPv4(0xff000201), parsed('255.0.2.1'));
  assert.deepEqual(to4(parsed('255.0.2.1')), Uint8Array.of(255, 0, 2, 1));
  assert.equal(to4(new Uint8Array(3)), null);
});

test('isUnspecified is Go’s', () => {
  for (const { in: text, out } of goldenRows<string, string[] | null>('IP.flags')) {
    const bytes = parsed(text);
    const unspecified = out?.includes('unspecified') ?? false;
    assert.equal(isUnspecified(bytes), unspecified, text);
    const v4 = to4(bytes);
    if (v4) assert.equal(isUnspecified(v4), unspecified, `${text} as 4 bytes`);
  }
  assert.equal(isUnspecified(new Uint8Array(0)), false);
});
