/** What an idle connection costs. Of the whole process that is measured by bench/idle. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Program } from './programs/program.ts';

/** It is 630 to 660: see docs/decisions/008. One closure more should be noticed. */
const MOST = 700;

test(`a connection that waits takes at most ${MOST} bytes of the heap`, async () => {
  const program = new Program('idle', [], {
    node: ['--expose-gc'],
    before: 'ulimit -S -n "$(ulimit -H -n)"',
  });
  const { bytes, received } = await program.next<{ bytes: number; received: number }>();
  assert.equal(received, 1);
  assert.ok(bytes > 100, 'they were there when it was measured');
  assert.ok(bytes <= MOST, `${bytes} bytes`);
});
