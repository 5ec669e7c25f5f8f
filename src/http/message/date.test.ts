import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DateLine, httpDate, parseHttpDate } from './date.ts';

const time = Date.UTC(1994, 10, 6, 8, 49, 37);

test('a date is written as IMF-fixdate', () => {
  assert.equal(httpDate(time), 'Sun, 06 Nov 1994 08:49:37 GMT');
  assert.equal(httpDate(time + 999), 'Sun, 06 Nov 1994 08:49:37 GMT');
  assert.equal(httpDate(Date.UTC(9999, 11, 31)), 'Fri, 31 Dec 9999 00:00:00 GMT');
  for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, Date.UTC(10000, 0), -1e15]) {
    assert.throws(() => httpDate(ms), RangeError);
  }
});

test('the three forms are read', () => {
  for (const text of [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
  ]) {
    assert.equal(parseHttpDate(text), time, text);
  }
  assert.equal(parseHttpDate('Wed, 29 Feb 2012 00:00:00 GMT'), Date.UTC(2012, 1, 29));
  assert.equal(parseHttpDate('Sun Nov 16 08:49:37 1994'), time + 10 * 86400e3);
  assert.equal(parseHttpDate('Friday, 01-Jan-68 00:00:00 GMT'), Date.UTC(2068, 0, 1));
  assert.equal(parseHttpDate('Friday, 01-Jan-69 00:00:00 GMT'), Date.UTC(1969, 0, 1));
  assert.equal(parseHttpDate('Sat, 01 Jan 0033 00:00:00 GMT'), new Date('0033-01-01').getTime());
});

test('what is no date is null', () => {
  for (const text of [
    '',
    'now',
    '784111777',
    '1994-11-06T08:49:37Z',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37 GMT ',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 08:49:60 GMT',
    'Sun, 31 Nov 1994 08:49:37 GMT',
    'Tue, 29 Feb 2011 00:00:00 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'sun, 06 nov 1994 08:49:37 gmt',
    'Sun Nov 6 08:49:37 1994',
    'Sun Nov  0 08:49:37 1994',
    'Sunday, 06-Nov-1994 08:49:37 GMT',
  ]) {
    assert.equal(parseHttpDate(text), null, text);
  }
});

test('what is written is read again', () => {
  for (let ms = 0; ms < 4e12; ms += 7_654_321_000) assert.equal(parseHttpDate(httpDate(ms)), ms);
});

test('the Date line changes with the second, in both directions', () => {
  const line = new DateLine();
  const first = line.at(time);
  assert.equal(first, 'Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n');
  assert.equal(line.at(time + 999), first);
  assert.equal(line.at(time + 1000), 'Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n');
  assert.equal(line.at(time + 999.5), first);
  assert.equal(new DateLine().at(0), 'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n');
});
