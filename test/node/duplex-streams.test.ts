/**
 * A Conn over streams that pass on the very bytes they were given, as those in memory do, and over such that
 * look at them later: what they have does not change, whatever is written afterwards.
 */
import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { fromNodeSocket } from '../../src/node.ts';

const KIB = 1024;

/** Keeps what it is given, and says that it has passed it on. */
class Keeping extends Duplex {
  readonly chunks: Buffer[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    setImmediate(done);
  }
}

test('what a stream has been given stays as it was', { timeout: 60_000 }, async () => {
  const stream = new Keeping();
  const conn = fromNodeSocket(stream);
  const sizes = [1, 15 * KIB, 17 * KIB, 128 * KIB, 129 * KIB, 300 * KIB, 1024 * KIB, 20 * KIB];
  const written: Buffer[] = [];
  for (const [i, size] of [...sizes, ...sizes].entries()) {
    const data = Buffer.alloc(size, i + 1);
    written.push(data);
    assert.equal(await conn.write(data), size);
  }
  conn.closeWrite?.();
  await new Promise((resolve) => stream.once('finish', resolve));
  assert.ok(Buffer.concat(stream.chunks).equals(Buffer.concat(written)));
  conn.close();
});
