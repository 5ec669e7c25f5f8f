/** What an idle connection costs. Of the whole process that is measured by bench/idle. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Program } from './programs/program.ts';

/** It is about 630: see docs/decisions/008. One more object, or two closures, should be noticed. */
const MOST = 680;

/** What else goes on in a process can only add to a measurement, and an object would add to each. */
const PROCESSES = 3;

test(`a connection that waits takes at most ${MOST} bytes of the heap`, async () => {
  let least = Infinity;
  for (let i = 0; i < PROCESSES && least > MOST; i += 1) {
    const program = new Program('idle', [], {
      node: ['--expose-gc'],
      before: 'ulimit -S -n "$(ulimit -H -n)"',
    });
    const { bytes, received } = await program.next<{ bytes: number; received: number }>();
    assert.equal(received, 1);
    assert.ok(bytes > 100, 'they were there when it was measured');
    least = Math.min(least, bytes);
  }
  assert.ok(least <= MOST, `${least} bytes`);
});
