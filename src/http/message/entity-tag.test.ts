import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyMatches, entityTagOf, isEntityTag, matchesWeakly } from './entity-tag.ts';

test('a tag tells versions apart, and is weak while the clock may stand still', () => {
  const now = 1_700_000_000_000;
  const old = entityTagOf(10, now - 5000.25, now);
  assert.equal(old, `"${((now - 5000.25) * 1000).toString(16)}-a"`);
  assert.notEqual(old, entityTagOf(10, now - 5000.249, now));
  assert.notEqual(old, entityTagOf(11, now - 5000.25, now));
  const young = entityTagOf(10, now - 999, now);
  assert.match(young, /^W\/"/);
  assert.ok(matchesWeakly(young, entityTagOf(10, now - 999, now + 5000)));
  assert.match(entityTagOf(10, now + 999, now), /^W\/"/);
  assert.match(entityTagOf(10, now + 5000, now), /^"/);
});

test('what is a tag', () => {
  for (const tag of ['""', '"a"', 'W/"a"', '"!#~\xff"']) assert.ok(isEntityTag(tag), tag);
  for (const text of ['', 'a', '"', '"a', 'w/"a"', '"a b"', '"a"b', 'W/', '"a""']) {
    assert.ok(!isEntityTag(text), text);
  }
});

test('a list is read up to what is no tag', () => {
  const weakly = (list: string): boolean => anyMatches(list, '"b"', matchesWeakly);
  assert.ok(weakly('"a", W/"b"'));
  assert.ok(weakly('"a",*'));
  assert.ok(!weakly('"a", x, "b"'));
  assert.ok(!anyMatches('""', '', matchesWeakly), 'nothing matches what has no tag');
});
