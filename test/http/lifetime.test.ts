/**
 * What of a server keeps a process alive: its listeners and its connections, unless it is told not to.
 * Each scene is a process of its own that has to end by itself.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Program } from '../net/programs/program.ts';

/** What a scene prints on its way to its end. */
const SCENES: Readonly<Record<string, readonly unknown[]>> = {
  serving: ['alive'],
  unref: [],
  'unref, then ref': ['alive'],
  'unref before it serves': [],
  'an idle connection': ['alive'],
  'a connection that comes later': [],
  'a connection that comes later, then ref': ['alive'],
  'a pause of accepting': [],
};

suite('what of a server keeps a process alive', () => {
  for (const [scene, expected] of Object.entries(SCENES)) {
    test(scene, async () => {
      const program = new Program('../../http/lifetime-program', [scene]);
      const lines: unknown[] = [];
      for (let line = await program.nextOrEnd(); line !== undefined;) {
        lines.push(line);
        line = await program.nextOrEnd();
      }
      assert.deepEqual(lines, expected);
      const { status, signal, stderr } = await program.ended;
      assert.equal(status, 0, `${signal} ${stderr}`);
      assert.equal(stderr, '');
    });
  }
});
