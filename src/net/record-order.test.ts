import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnByWeight, shuffledByRank } from './record-order.ts';

/** Chance that runs through all its values: `count` of them, evenly spread. */
function everyChance(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i / count);
}

const srv = (priority: number, weight: number): { priority: number; weight: number } => {
  return { priority, weight };
};

test('shuffledByRank: by rank, and each order of the same rank comes up as often', () => {
  const items = ['2a', '1a', '2b', '1b'];
  const orders = new Map<string, number>();
  for (const first of everyChance(4)) {
    for (const second of everyChance(3)) {
      for (const third of everyChance(2)) {
        const chances = [first, second, third];
        const order = shuffledByRank(
          items,
          ([rank]) => Number(rank),
          () => chances.shift()!,
        );
        orders.set(order.join(' '), (orders.get(order.join(' ')) ?? 0) + 1);
      }
    }
  }
  assert.deepEqual(Object.fromEntries(orders), {
    '1a 1b 2a 2b': 6,
    '1a 1b 2b 2a': 6,
    '1b 1a 2a 2b': 6,
    '1b 1a 2b 2a': 6,
  });
  assert.deepEqual(items, ['2a', '1a', '2b', '1b'], 'the list given stays as it is');
});

test('drawnByWeight: priorities in order, whatever the weights', () => {
  const records = [srv(30, 9), srv(10, 0), srv(20, 1), srv(10, 0)];
  for (const chance of everyChance(10)) {
    const priorities = drawnByWeight(records, () => chance).map(({ priority }) => priority);
    assert.deepEqual(priorities, [10, 10, 20, 30]);
  }
  assert.deepEqual(
    drawnByWeight([], () => 0),
    [],
  );
});

test('drawnByWeight: who is first is as likely as its weight says, RFC 2782', () => {
  const records = [srv(1, 60), srv(1, 0), srv(1, 30), srv(1, 10)];
  const first = new Map<number, number>();
  // One lot for each of 0…100.
  for (const chance of everyChance(101)) {
    const drawn = drawnByWeight(records, () => chance);
    assert.equal(new Set(drawn).size, 4);
    first.set(drawn[0]!.weight, (first.get(drawn[0]!.weight) ?? 0) + 1);
  }
  assert.deepEqual(Object.fromEntries(first), {
    0: 1,
    10: 10,
    30: 30,
    60: 60,
  });
});
