/**
 * Connections and listeners that a program forgets to close are closed when they are collected, and the
 * programmer is told once; one that something waits for is never collected.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { dial } from '../../src/index.ts';
import { Program } from './programs/program.ts';

const WITH_GC = { node: ['--expose-gc'] };

interface Report {
  readonly warnings: string[];
}

suite('leaks', () => {
  test('what is forgotten is closed, and one warning is given for all of it', async () => {
    const program = new Program('leak', ['forgotten'], WITH_GC);
    const { warnings, ...rest } = await program.next<Report>();
    assert.deepEqual(rest, { opened: 12, closed: true });
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0]!,
      /^NetfdWarning: .* was garbage collected without having been closed/,
    );
    assert.equal((await program.ended).status, 0);
  });

  test('files of sockets too, but not those that were detached', async () => {
    const program = new Program('leak', ['file'], WITH_GC);
    const { warnings, ...rest } = await program.next<Report>();
    assert.deepEqual(rest, { opened: 6, closed: true });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /^NetfdWarning: a file of a socket .* was garbage collected/);
    assert.equal((await program.ended).status, 0);
  });

  test('the peer of a forgotten connection reads the end', async () => {
    const program = new Program('leak', ['peer'], WITH_GC);
    assert.deepEqual(await program.next(), { told: true, end: null });
    assert.equal((await program.ended).status, 0);
  });

  test('a connection that was hijacked and forgotten is closed too', async () => {
    const program = new Program('leak', ['hijacked'], WITH_GC);
    const { warnings, ...rest } = await program.next<Report>();
    assert.deepEqual(rest, { taken: 1, closed: true, end: null });
    assert.equal(warnings.length, 1);
    assert.equal((await program.ended).status, 0);
  });

  test('one that was closed before it was given away takes no other with it', async () => {
    const program = new Program('leak', ['closedFirst'], WITH_GC);
    assert.deepEqual(await program.next(), { open: 2, warnings: [] });
    assert.equal((await program.ended).status, 0);
  });

  test('what was closed in time gives no warning', async () => {
    const program = new Program('leak', ['closed'], WITH_GC);
    assert.deepEqual(await program.next(), { collected: true, warnings: [] });
    assert.equal((await program.ended).status, 0);
  });

  for (const how of ['read', 'whenReadable']) {
    test(`a forgotten connection that waits is kept: ${how}`, async () => {
      const program = new Program('leak', [how], WITH_GC);
      const conn = await dial('tcp', await program.next<string>());
      assert.deepEqual(await program.next(), { kept: true, open: true, warnings: [] });
      await conn.write('not forgotten');
      assert.equal(await program.next(), 'not forgotten');
      program.tell('end');
      assert.equal((await program.ended).status, 0);
      conn.close();
    });
  }
});
