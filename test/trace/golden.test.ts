/** What traced() prints is what strace prints, byte for byte but for addresses. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { goldenRun } from './golden.ts';
import { agreed } from './marks.ts';
import { programs } from './programs.ts';

/** strace's options, each in a run of its own. */
const RUNS = [[], ['-y'], ['-s', '5'], ['-a', '0']];

for (const options of RUNS) {
  describe(`lines as strace ${options.join(' ')} prints them`, () => {
    const { expected, actual } = goldenRun(options);
    for (const [i, name] of Object.keys(programs).entries()) {
      test(name, () => {
        const lines = actual[i]!;
        assert.deepEqual(
          lines,
          expected[i]!.map((line, at) => agreed(lines[at] ?? '', line)),
        );
        assert.ok(lines.length > 0);
      });
    }
  });
}
