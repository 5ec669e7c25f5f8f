/**
 * The two files of /proc as Linux writes them; the groups of real interfaces:
 * test/net/interfaces.test.ts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIGMP, parseIGMP6 } from './multicast-groups.ts';

const IGMP = [
  'Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter',
  '1\tlo        :     1      V3',
  '\t\t\t\t010000E0     1 0:00000000\t\t0',
  '12\tlong-name-of-15:     2      V3',
  '\t\t\t\tFB0000E0     1 0:00000000\t\t0',
  '\t\t\t\t010000E0     1 1:00000123\t\t1',
  '',
].join('\n');

const IGMP6 = [
  '1    lo              ff020000000000000000000000000001     1 0000000C 0',
  '12   long-name-of-15 ff0200000000000000000001ff000001     2 00000004 0',
  '12   long-name-of-15 ff010000000000000000000000000001     1 00000008 0',
  '',
].join('\n');

test('the groups of one interface, in the order of the file', () => {
  assert.deepEqual(parseIGMP(IGMP, 1).map(String), ['224.0.0.1']);
  assert.deepEqual(parseIGMP(IGMP, 12).map(String), ['224.0.0.251', '224.0.0.1']);
  assert.deepEqual(parseIGMP(IGMP, 2), []);
  assert.deepEqual(parseIGMP6(IGMP6, 12).map(String), ['ff02::1:ff00:1', 'ff01::1']);
  assert.deepEqual(parseIGMP6(IGMP6, 1).map(String), ['ff02::1']);
  assert.deepEqual(parseIGMP6(IGMP6, 2), []);
});

test('lines that are none', () => {
  for (const text of [
    '',
    '\n\n',
    '\t\t\t\t010000E0     1',
    'x\tlo\n\t010000\n',
    '1\tlo :\n\t\tXYZ',
  ]) {
    assert.deepEqual(parseIGMP(text, 1), [], JSON.stringify(text));
    assert.deepEqual(parseIGMP6(text, 1), [], JSON.stringify(text));
  }
});
