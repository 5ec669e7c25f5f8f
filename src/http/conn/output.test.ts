/** What is sent when, in which order, and from whose memory. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ScriptedConn } from '../../../test/http/scripted-conn.ts';
import type { ReadyListener } from '../../net/conn.ts';
import type { HttpError } from '../errors.ts';
import { Output } from './output.ts';

const LONG = 'long'.repeat(5000);

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

/** Whether a promise has settled, and how. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  return Promise.race([
    promise.then(
      () => 'fulfilled',
      () => 'rejected',
    ),
    new Promise<string>((resolve) => setImmediate(() => resolve('pending'))),
  ]);
}

/** Takes a part, and tells whoever waits that there is room before the wait has returned. */
class EagerConn extends ScriptedConn {
  override room = 4;

  override whenWritable(listener: ReadyListener): void {
    this.room += 1000;
    listener.ready(null);
  }
}

suite('flush', () => {
  test('goes on if there is room at once after a write of a part', async () => {
    for (const text of ['gathered in the shared buffer', LONG.slice(0, 20_000)]) {
      const conn = new EagerConn();
      const output = new Output(conn);
      if (text.length < 100) output.addText(text);
      else output.addBytes(bytes(text));
      output.flush();
      await output.drained();
      assert.equal(conn.written, text);
      assert.equal(output.backlog, 0);
    }
  });

  test('sends all that was added in one write', () => {
    const conn = new ScriptedConn();
    const output = new Output(conn);
    output.addText('short ');
    output.addText(`${'x'.repeat(100)}\xe9 `);
    output.addBytes(bytes('bytes\0\xff'));
    output.addBytes(new Uint8Array(0));
    assert.equal(conn.writes, 0);
    assert.equal(output.backlog, 115);
    assert.equal(output.flush(), true);
    assert.equal(conn.written, `short ${'x'.repeat(100)}\xe9 bytes\0\xff`);
    assert.equal(conn.writes, 1);
    assert.equal(output.backlog, 0);
    assert.equal(output.flush(), true);
    assert.equal(conn.writes, 1);
  });

  test('keeps the order of short and long ones', () => {
    const conn = new ScriptedConn();
    const output = new Output(conn);
    let expected = '';
    for (let i = 0; i < 10; i++) {
      output.addText(`<${i}>`);
      output.addBytes(bytes(LONG));
      output.addText(LONG);
      output.addBytes(bytes(`[${i}]`));
      expected += `<${i}>${LONG}${LONG}[${i}]`;
    }
    assert.equal(output.backlog, expected.length);
    assert.equal(output.flush(), true);
    assert.ok(conn.written === expected);
  });

  test('more than fits into the shared buffer', () => {
    const conn = new ScriptedConn();
    const output = new Output(conn);
    const piece = '0123456789'.repeat(1000);
    for (let i = 0; i < 20; i++) output.addText(piece);
    output.flush();
    assert.ok(conn.written === piece.repeat(20));
  });

  test('several at a time do not mix', () => {
    const conns = [new ScriptedConn(), new ScriptedConn(), new ScriptedConn()];
    const outputs = conns.map((conn) => new Output(conn));
    for (let i = 0; i < 5; i++) {
      for (const [k, output] of outputs.entries()) output.addText(`${k}:${i} `);
    }
    for (const output of outputs) assert.equal(output.flush(), true);
    for (const [k, conn] of conns.entries()) {
      assert.equal(conn.written, `${k}:0 ${k}:1 ${k}:2 ${k}:3 ${k}:4 `);
    }
  });
});

suite('a full connection', () => {
  test('takes the rest later, in order', async () => {
    const conn = new ScriptedConn();
    const output = new Output(conn);
    conn.room = 5;
    output.addText('0123456789');
    assert.equal(output.flush(), false);
    assert.equal(conn.written, '01234');
    assert.equal(output.backlog, 5);
    output.addText('abc');
    output.addBytes(bytes(LONG));
    output.addText('end');
    assert.equal(output.flush(), false);
    const drained = output.drained();
    assert.equal(await stateOf(drained), 'pending');
    conn.drain(6);
    assert.equal(conn.written, '0123456789a');
    conn.drain(100);
    assert.equal(await stateOf(drained), 'pending');
    conn.drain(1e6);
    assert.equal(await stateOf(drained), 'fulfilled');
    assert.ok(conn.written === `0123456789abc${LONG}end`);
    assert.equal(output.backlog, 0);
    assert.equal(conn.awaited, false);
  });

  test('at every place', () => {
    const text = `0123456789${LONG.slice(0, 17_000)}abc`;
    for (const step of [1, 7, 5000, 16_999]) {
      const conn = new ScriptedConn();
      conn.room = step;
      const output = new Output(conn);
      output.addText('0123456789');
      output.addBytes(bytes(LONG.slice(0, 17_000)));
      output.addText('abc');
      output.flush();
      while (conn.awaited) conn.drain(step);
      assert.ok(conn.written === text, `${step} bytes at a time`);
      assert.equal(output.backlog, 0);
    }
  });

  test('says whether bytes of somebody else are still to be sent', () => {
    const conn = new ScriptedConn();
    const output = new Output(conn);
    const mine = bytes('short');
    output.addBytes(mine);
    mine.fill(0);
    assert.equal(output.lends, false, 'few bytes are copied');
    output.addBytes(bytes(LONG));
    assert.equal(output.lends, true);
    conn.room = 10;
    output.flush();
    assert.equal(output.lends, true);
    conn.drain(1e6);
    assert.equal(output.lends, false);
    assert.ok(conn.written === `short${LONG}`);
  });

  test('drained by itself flushes', async () => {
    const conn = new ScriptedConn();
    const output = new Output(conn);
    output.addText('abc');
    await output.drained();
    assert.equal(conn.written, 'abc');
  });
});

suite('a connection that fails', () => {
  const error = new Error('of the connection');

  test('while it is written to', async () => {
    const conn = new ScriptedConn();
    const output = new Output(conn);
    output.addText('abc');
    conn.writeError = error;
    assert.equal(output.flush(), true);
    assert.equal(output.error, error);
    assert.equal(output.backlog, 0);
    await assert.rejects(output.drained(), error);
    output.addText('more');
    output.addBytes(bytes(LONG));
    assert.equal(output.flush(), true);
    assert.equal(output.backlog, 0);
    assert.equal(output.lends, false);
  });

  test('while it is waited for', async () => {
    const conn = new ScriptedConn();
    conn.room = 1;
    const output = new Output(conn);
    output.addText('abc');
    const drained = output.drained();
    conn.drain(0, error);
    await assert.rejects(drained, error);
    assert.equal(output.error, error);
  });

  test('does not harm others', () => {
    const bad = new ScriptedConn();
    bad.writeError = error;
    const good = new ScriptedConn();
    const [one, other] = [new Output(bad), new Output(good)];
    other.addText('good ');
    one.addText('bad');
    one.flush();
    one.addText('bad again');
    other.addText('and better');
    one.addText('and again');
    other.flush();
    assert.equal(good.written, 'good and better');
  });
});

suite('handing over', () => {
  test('what is not sent goes first', async () => {
    const conn = new ScriptedConn();
    conn.room = 3;
    const output = new Output(conn);
    output.addText('012345');
    output.flush();
    output.addText('abc');
    output.handOver();
    assert.equal(output.backlog, 0);
    const later = conn.write('later');
    conn.drain(1);
    while ((await stateOf(later)) === 'pending') conn.drain(2);
    assert.equal(conn.written, '012345abclater');
  });

  test('nothing is left to hand over', () => {
    const conn = new ScriptedConn();
    const output = new Output(conn);
    output.addText('abc');
    output.handOver();
    assert.equal(conn.written, 'abc');
    assert.equal(conn.awaited, false);
  });

  test('a peer that answers within the write finds everything in order', () => {
    const conn = new ScriptedConn();
    const output = new Output(conn);
    const other = new Output(new ScriptedConn());
    const tryWrite = conn.tryWrite.bind(conn);
    conn.tryWrite = (data, offset, end) => {
      const count = tryWrite(data, offset, end);
      other.addText('it takes the shared buffer');
      return count;
    };
    output.addText('once');
    output.flush();
    output.flush();
    assert.equal(conn.written, 'once');
  });
});

suite('a writer that does not wait', () => {
  const MIB = 1024 * 1024;
  const told = {
    name: 'HttpError',
    code: 'ERR_HTTP_NOT_AWAITED',
    message: 'http: more than 16 MiB wait to be sent: await what write returns',
  };

  /** An output whose connection takes nothing, and what it tells. */
  function stuck(maxUnsentBytes = 16 * MIB): {
    conn: ScriptedConn;
    output: Output;
    errors: Error[];
  } {
    const conn = new ScriptedConn();
    conn.room = 0;
    const errors: Error[] = [];
    const output = new Output(conn, {
      maxUnsentBytes,
      overflowed: (error) => errors.push(error),
    });
    output.addText('first');
    assert.equal(output.flush(), false);
    return { conn, output, errors };
  }

  for (const [name, length] of [
    ['short', 10_000],
    ['long', MIB],
  ] as const) {
    test(`is stopped after 16 MiB of ${name} writes, and nothing is kept`, async () => {
      const { conn, output, errors } = stuck();
      const drained = output.drained();
      let highest = 0;
      for (let added = 0; added < 32 * MIB; added += length) {
        output.addBytes(new Uint8Array(length));
        output.flush();
        highest = Math.max(highest, output.backlog);
      }
      assert.ok(highest > 15 * MIB && highest < 18 * MIB, `${highest} bytes were kept`);
      assert.equal(output.backlog, 0);
      assert.equal(output.lends, false);
      assert.deepEqual(errors, [], 'not in the middle of it');
      await assert.rejects(drained, told);
      await assert.rejects(output.drained(), told);
      assert.equal(errors.length, 1);
      assert.equal(errors[0], output.error);
      conn.drain(1000);
      assert.equal(conn.written, '');
    });
  }

  test('is stopped where the listener says', async () => {
    for (const [limit, words] of [
      [200_000, '200000 bytes'],
      [MIB, '1 MiB'],
    ] as const) {
      const { output, errors } = stuck(limit);
      let highest = 0;
      while (output.error === null) {
        output.addBytes(new Uint8Array(10_000));
        output.flush();
        highest = Math.max(highest, output.backlog);
      }
      assert.ok(Math.abs(highest - limit) <= 75_000, `${highest} bytes were kept`);
      await assert.rejects(output.drained(), {
        message: `http: more than ${words} wait to be sent: await what write returns`,
      });
      assert.equal(errors.length, 1);
    }
  });

  test('may write as much as it likes at once', async () => {
    const { conn, output } = stuck();
    output.addBytes(new Uint8Array(40 * MIB));
    output.addText('end');
    assert.equal(output.flush(), false);
    const drained = output.drained();
    conn.drain(30 * MIB);
    output.addBytes(new Uint8Array(40 * MIB));
    output.addText('end');
    conn.drain(Number.POSITIVE_INFINITY);
    await drained;
    assert.equal(output.error, null);
    assert.equal(conn.written.length, 80 * MIB + 'firstendend'.length);
  });

  test('but not twice', () => {
    const { conn, output } = stuck();
    output.addBytes(new Uint8Array(40 * MIB));
    conn.drain(10 * MIB);
    assert.equal(output.error, null);
    output.addBytes(new Uint8Array(40 * MIB));
    assert.equal((output.error as HttpError | null)?.code, told.code);
  });

  test('is stopped when it asks for the end too often', async () => {
    const { output } = stuck();
    const asked: Promise<void>[] = [];
    while (output.error === null) asked.push(output.drained());
    assert.equal(asked.length, 64 * 1024 + 1);
    for (const outcome of await Promise.allSettled(asked)) assert.equal(outcome.status, 'rejected');
  });

  test('does no harm to others that share the buffer', async () => {
    const { output, errors } = stuck();
    const good = new ScriptedConn();
    const other = new Output(good);
    for (let i = 0; i < 16 * 65; i++) {
      output.addBytes(new Uint8Array(16 * 1024));
      other.addText(`${i} `);
    }
    assert.notEqual(output.error, null);
    other.flush();
    assert.equal(good.written, Array.from({ length: 16 * 65 }, (_, i) => `${i} `).join(''));
    await Promise.resolve();
    assert.equal(errors.length, 1);
  });
});
