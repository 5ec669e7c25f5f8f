/** The options that are more than a value, each tried on the real kernel; and that none is left out. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SOCKET_OPTION_NAMES } from '../../src/syscall/options.ts';
import { noIPv6 } from '../net/machine.ts';
import { EFFECTS, type Trial } from './effects.ts';
import { ROUND_TRIPS } from './round-trips.ts';

/** The options of each trial: several share one. */
const trials = new Map<Trial, string[]>();
for (const [name, trial] of Object.entries(EFFECTS)) {
  trials.set(trial, [...(trials.get(trial) ?? []), name]);
}

suite('effects', () => {
  for (const [trial, names] of trials) {
    const skip = names.some((name) => /^IPV6|^MCAST/.test(name)) && noIPv6;
    test(names.join(' '), { skip }, (t) => {
      const why = trial();
      if (why !== undefined) t.skip(why);
    });
  }
});

test('every option of the table is tried', () => {
  const roundTrips: Readonly<Record<string, object>> = ROUND_TRIPS;
  const untried = SOCKET_OPTION_NAMES.filter((name) => {
    const row = roundTrips[name];
    return !(name in EFFECTS) && (row === undefined || 'otherwise' in row);
  });
  assert.deepEqual(untried, []);
});
