import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Relation, conflict, relation } from './pattern-relation.ts';
import { parsePattern } from './pattern.ts';

const INVERSE: Readonly<Record<Relation, Relation>> = {
  equivalent: 'equivalent',
  general: 'specific',
  specific: 'general',
  disjoint: 'disjoint',
  overlapping: 'overlapping',
};

test('relations of patterns', () => {
  const cases: [first: string, second: string, relation: Relation][] = [
    ['/', '/', 'equivalent'],
    ['/a', '/a', 'equivalent'],
    ['/{x}', '/{y}', 'equivalent'],
    ['/a/', '/a/{x...}', 'equivalent'],
    ['GET /a', '/a', 'specific'],
    ['GET /', 'HEAD /', 'general'],
    ['GET /a', 'POST /a', 'disjoint'],
    ['/a', '/b', 'disjoint'],
    ['/a', '/a/', 'disjoint'],
    ['/a', '/a/b', 'disjoint'],
    ['/a', '/', 'specific'],
    ['/{x}', '/a', 'general'],
    ['/{x}', '/a/', 'disjoint'],
    ['/{x}/', '/a/', 'general'],
    ['/{x...}', '/a', 'general'],
    ['/{x...}', '/{x}', 'general'],
    ['/a/{$}', '/a/', 'specific'],
    ['/a/{$}', '/a/{x}', 'disjoint'],
    ['/a/{$}', '/a/b', 'disjoint'],
    ['/a/{$}', '/{x}/{$}', 'specific'],
    ['/{$}', '/', 'specific'],
    ['/{x}/b', '/a/{y}', 'overlapping'],
    ['/{x}/b/', '/a/', 'overlapping'],
    ['/{x}/{$}', '/a/', 'overlapping'],
    ['/a/{x}/c', '/a/b/', 'overlapping'],
    ['/a/{x}/c', '/b/{y}', 'disjoint'],
    ['GET /{x}', '/a', 'overlapping'],
    ['GET /a', '/{x}', 'specific'],
    ['GET /a', 'HEAD /{x}', 'overlapping'],
    ['GET /{x}', 'HEAD /a', 'general'],
    ['GET /{x}', 'POST /a', 'disjoint'],
    ['/a/b/{x...}', '/a/{y}/c/d', 'overlapping'],
    ['/a/b/c/d', '/a/b/{x...}', 'specific'],
  ];
  for (const [first, second, expected] of cases) {
    const a = parsePattern(first);
    const b = parsePattern(second);
    assert.equal(relation(a, b), expected, `${first} to ${second}`);
    assert.equal(relation(b, a), INVERSE[expected], `${second} to ${first}`);
  }
});

test('a conflict names both patterns and says why', () => {
  const cases: [first: string, second: string, reason: string][] = [
    ['/a', '/a', 'they match the same requests'],
    [
      '/{x}/b',
      '/a/{y}',
      'both match paths like "/a/b", but only "/{x}/b" matches "/x/b" and only "/a/{y}" "/a/y"',
    ],
    [
      '/{a}/b/',
      '/a/',
      'both match paths like "/a/b/", but only "/{a}/b/" matches "/ax/b/" and only "/a/" "/a/"',
    ],
    [
      '/{x}/{$}',
      '/a/',
      'both match paths like "/a/", but only "/{x}/{$}" matches "/x/" and only "/a/" "/a/x"',
    ],
    ['GET /{x}', '/a', '"GET /{x}" matches fewer methods, but has a more general path'],
    ['/a', 'GET /{x}', '"/a" matches more methods, but has a more specific path'],
    ['h/a', 'h/a', 'they match the same requests'],
  ];
  for (const [first, second, reason] of cases) {
    assert.equal(
      conflict(parsePattern(first), parsePattern(second)),
      `pattern "${first}" conflicts with pattern "${second}": ${reason}`,
    );
  }
  for (const [first, second] of [
    ['h/{x}/b', '/a/{y}'],
    ['h/a', 'i/a'],
    ['h/a', '/a'],
    ['/a', '/{x}'],
  ] as const) {
    assert.equal(conflict(parsePattern(first), parsePattern(second)), null);
  }
});
