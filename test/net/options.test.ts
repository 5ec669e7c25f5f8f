/** The options of connections and listeners as properties. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dial, ErrClosed, listen, OpError } from '../../src/index.ts';

test('of a connection and of its listener', async () => {
  await using listener = await listen('tcp', '127.0.0.1:0');
  await using conn = await dial('tcp', String(listener.addr));
  assert.equal(listener.options.SO_ACCEPTCONN, true);
  assert.equal(conn.options.SO_ACCEPTCONN, false);
  assert.equal(conn.options.TCP_NODELAY, true);
  conn.options.TCP_NODELAY = false;
  assert.equal(conn.options.TCP_NODELAY, false);
  assert.equal(conn.options.TCP_INFO.tcpi_state, 1);
  conn.options.SO_LINGER = 0;
  assert.equal(conn.options.SO_LINGER, 0);
  assert.equal(conn.options.getInt(6, 1), 0);
});

test('what the kernel refuses is an OpError, what is no value a RangeError', async () => {
  await using listener = await listen('tcp', '127.0.0.1:0');
  const conn = await dial('tcp', String(listener.addr));
  const refused = (use: () => void): OpError => {
    try {
      use();
    } catch (error) {
      assert.ok(error instanceof OpError);
      return error;
    }
    return assert.fail('nothing was thrown');
  };
  const set = refused(() => (conn.options.TCP_MAXSEG = 1));
  assert.match(set.message, /^set tcp 127\S+: setsockopt: invalid argument$/);
  assert.equal((set.cause as { option?: string }).option, 'TCP_MAXSEG');
  const get = refused(() => listener.options.get(41, 9999));
  assert.match(get.message, /^get tcp 127\S+: getsockopt: /);
  assert.throws(() => (conn.options.TCP_MAXSEG = 1.5), {
    name: 'RangeError',
    message: /TCP_MAXSEG/,
  });
  conn.close();
  assert.equal(refused(() => conn.options.TCP_INFO).cause, ErrClosed);
});
