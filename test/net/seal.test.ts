/**
 * The end of a listener without a loss: whoever has connected is accepted, nobody else can connect. The
 * kernel would reset those that still wait when the socket is closed.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  dial,
  fileListener,
  listen,
  type TCPListener,
  type UnixListener,
} from '../../src/index.ts';

const timeout = 60_000;

type Any = TCPListener | UnixListener;

/** Connections that are in the queue of `listener`, whose event nobody has fetched. */
async function queue(listener: Any, count: number): Promise<AsyncDisposable[]> {
  assert.equal(listener.tryAccept(), undefined, 'it knows of none');
  const { network, addr } = listener;
  return Promise.all(Array.from({ length: count }, () => dial(network, String(addr))));
}

/** Closes all of them when the test is over. */
async function closeAll(conns: readonly AsyncDisposable[]): Promise<void> {
  for (const conn of conns) await conn[Symbol.asyncDispose]();
}

const PLACES = [
  ['tcp', '127.0.0.1:0'],
  ['unix', `@netfd-seal-${process.pid}`],
] as const;

suite('sealing a listener', { timeout }, () => {
  for (const [network, address] of PLACES) {
    test(`${network}: those that wait can be accepted, nobody else comes`, async () => {
      await using listener = (await listen(network, address)) as Any;
      const clients = await queue(listener, 3);
      assert.equal(listener.seal(), true);
      assert.equal(listener.seal(), true, 'again');
      const late = dial(network, String(listener.addr));
      late.catch(() => {});
      // Its connect has been called by then: TCP tries again in a second, a unix socket is refused.
      await new Promise((resolve) => setTimeout(resolve, 10));
      const accepted: AsyncDisposable[] = [];
      while (listener.acceptableNow()) {
        const conn = listener.tryAccept();
        if (conn === undefined) break;
        accepted.push(conn);
      }
      assert.equal(accepted.length, 3);
      listener.close();
      await assert.rejects(late, { code: 'ECONNREFUSED' });
      await closeAll([...clients, ...accepted]);
    });

    test(`${network}: not where others may have the socket`, async () => {
      await using given = (await listen(
        network,
        `${address}${network === 'tcp' ? '' : 'a'}`,
      )) as Any;
      using file = given.file();
      assert.equal(given.seal(), false);
      await using taken = fileListener(file);
      assert.equal(taken.seal(), false);
      await using lent = (await listen(
        network,
        `${address}${network === 'tcp' ? '' : 'b'}`,
      )) as Any;
      lent.syscallConn();
      assert.equal(lent.seal(), false);
      await using client = await dial(network, String(given.addr));
      await using conn = await taken.accept();
      assert.ok(client && conn);
    });
  }

  test('a closed one cannot be', async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    listener.close();
    assert.equal(listener.seal(), false);
    assert.equal(listener.acceptableNow(), true, 'an accept would fail at once');
  });
});

suite('what the kernel says of a connection', { timeout }, () => {
  test('bytes and the end are told before their event is fetched', async () => {
    await using listener = await listen('tcp', '127.0.0.1:0');
    await using client = await dial('tcp', String(listener.addr));
    await using conn = await listener.accept();
    const buf = new Uint8Array(10);
    assert.equal(conn.readableNow(), false);
    assert.equal(conn.tryRead(buf), undefined);
    client.tryWrite(Buffer.from('abc'));
    assert.equal(conn.tryRead(buf), undefined, 'nobody has looked');
    assert.equal(conn.readableNow(), true);
    assert.equal(conn.tryRead(buf), 3);
    assert.equal(conn.readableNow(), false);
    client.closeWrite();
    assert.equal(conn.readableNow(), true);
    assert.equal(conn.tryRead(buf), null);
    conn.close();
    assert.equal(conn.readableNow(), true);
  });
});
