import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenRows } from '../../test/golden/net-values.ts';
import { formatMAC, parseMAC } from './mac.ts';

test('parseMAC and formatMAC are Go’s', () => {
  for (const row of goldenRows<string, string>('ParseMAC')) {
    if (row.err === undefined) assert.equal(formatMAC(parseMAC(row.in)), row.out);
    else assert.throws(() => parseMAC(row.in), { name: 'AddrError', message: row.err });
  }
});

test('6, 8 and 20 bytes, in three notations', () => {
  for (const length of [6, 8, 20]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 13);
    const colons = formatMAC(bytes);
    const fours = colons.replace(/(..):(..)/g, '$1$2').replaceAll(':', '.');
    for (const text of [colons, colons.replaceAll(':', '-'), fours, fours.toUpperCase()]) {
      assert.deepEqual(parseMAC(text), bytes, text);
    }
  }
  assert.equal(formatMAC(new Uint8Array(0)), '');
});

test('parseMAC refuses what only looks like an address', () => {
  const wrong =
    '00:00:5e:00:53 00:00:5e:00:53:0g 00:00:5e:00:53:01: :00:00:5e:00:53:01 00005e005301 ' +
    '00:00:5e:00:53:01:02 0:00:5e:00:53:011 00.00.5e.00.53.01 0000:5e00:5301 0000.5e00.53:01 ' +
    '00:00:5e:00-53-01 0000.5e00 0000.5e00.5301. 00:00:5e:00:53:01\n 00:00:5e:00:53:０1';
  for (const text of wrong.split(' ')) {
    const message = `address ${text}: invalid MAC address`;
    assert.throws(() => parseMAC(text), { name: 'AddrError', message });
  }
  assert.throws(() => parseMAC(null as never), { message: 'parseMAC: text must be a string' });
});
