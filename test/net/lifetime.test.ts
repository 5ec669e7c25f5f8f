/**
 * What keeps a process alive: operations that wait, unless they are told not to; never a descriptor
 * that is merely open. Each scene is a process of its own that has to end by itself.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { noIPv6 } from './machine.ts';
import { Program } from './programs/program.ts';

/** What a scene prints on its way to its end. */
const SCENES: Readonly<Record<string, readonly unknown[]>> = {
  idle: [],
  accept: ['alive'],
  'accept unref': [],
  'accept, then unref': ['alive'],
  'accept unref, then ref': ['alive'],
  'accept with a deadline': ['i/o timeout'],
  'read unref with a deadline': [],
  read: ['alive'],
  'read unref': [],
  write: ['alive'],
  'write unref': [],
  readable: ['alive'],
  'readable unref': [],
  iteration: ['alive'],
  'iteration unref': [],
  stream: ['alive'],
  'stream unref': [],
  forget: ['alive'],
  dialling: ['alive'],
  pipe: [],
  'pipe with a deadline': ['i/o timeout'],
  'pipe whose peer has gone': [],
  'pipe with a System’s clock': ['i/o timeout'],
};

async function printed(program: Program): Promise<unknown[]> {
  const lines: unknown[] = [];
  for (;;) {
    const line = await program.nextOrEnd();
    if (line === undefined) return lines;
    lines.push(line);
  }
}

suite('what keeps a process alive', () => {
  for (const [scene, expected] of Object.entries(SCENES)) {
    test(scene, async () => {
      const program = new Program('lifetime', [scene]);
      assert.deepEqual(await printed(program), expected);
      const { status, signal, stderr } = await program.ended;
      assert.equal(status, 0, `${signal} ${stderr}`);
      assert.equal(stderr, '');
    });
  }

  test('the loser of two families', { skip: noIPv6 }, async () => {
    const program = new Program('lifetime', ['loser of two families']);
    assert.deepEqual(await printed(program), ['127.0.0.1']);
    assert.equal((await program.ended).status, 0);
  });

  test('an exit while a listener is being told', async () => {
    const program = new Program('lifetime', ['exit in the midst']);
    assert.equal((await program.ended).status, 7);
  });
});
