/**
 * What accepted connections have of their listener: the initial options and the local address are the
 * same, whether they were inherited or each connection was given them.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { dial, listen, type TCPConn, type TCPListener } from '../../src/index.ts';

type Lend = (listener: TCPListener) => void;

/** The accepted end of a connection to a listener of these options. */
async function accepted(
  address: string,
  options: Parameters<typeof listen>[2],
  lend: Lend = () => {},
): Promise<{ conn: TCPConn; listener: TCPListener; client: TCPConn }> {
  const listener = (await listen('tcp', address, options)) as TCPListener;
  lend(listener);
  const client = (await dial('tcp', `127.0.0.1:${listener.addr.port}`)) as TCPConn;
  const conn = await listener.accept();
  return { conn, listener, client };
}

/** The options that a new connection has. */
function initial({ options }: TCPConn): unknown {
  const { TCP_NODELAY, SO_KEEPALIVE, TCP_KEEPINTVL, TCP_KEEPIDLE } = options;
  return { TCP_NODELAY, SO_KEEPALIVE, TCP_KEEPINTVL, TCP_KEEPIDLE };
}

const LENT: Readonly<Record<string, Lend>> = {
  'by nobody': () => {},
  'by options': (listener) => void listener.options.SO_ACCEPTCONN,
  'by another option': (listener) => {
    listener.options.TCP_NODELAY = false;
    listener.options.SO_KEEPALIVE = false;
  },
  'by syscallConn': (listener) => listener.syscallConn().control(() => {}),
  'by file': (listener) => listener.file().close(),
};

const KEPT = { TCP_NODELAY: true, SO_KEEPALIVE: true, TCP_KEEPINTVL: 15, TCP_KEEPIDLE: 15 };

suite('an accepted connection', () => {
  for (const address of ['127.0.0.1:0', ':0']) {
    for (const [name, lend] of Object.entries(LENT)) {
      test(`at ${address}, whose listener was had ${name}`, async () => {
        const { conn, listener, client } = await accepted(address, {}, lend);
        assert.deepEqual(initial(conn), KEPT);
        assert.equal(String(conn.localAddr), String(client.remoteAddr));
        assert.equal(String(conn.remoteAddr), String(client.localAddr));
        for (const each of [client, conn, listener]) each.close();
        assert.equal(String(conn.localAddr), `127.0.0.1:${listener.addr.port}`);
      });
    }
  }

  test('whose listener was made with control', async () => {
    let called = 0;
    const control = (): void => void called++;
    const { conn, listener, client } = await accepted('127.0.0.1:0', { control });
    assert.equal(called, 1);
    assert.deepEqual(initial(conn), KEPT);
    assert.equal(String(conn.localAddr), String(client.remoteAddr));
    for (const each of [client, conn, listener]) each.close();
  });

  test('with another time, or without keep-alive', async () => {
    for (const lend of Object.values(LENT)) {
      const other = await accepted('127.0.0.1:0', { keepAlive: 7000 }, lend);
      assert.deepEqual(initial(other.conn), { ...KEPT, TCP_KEEPINTVL: 7, TCP_KEEPIDLE: 7 });
      const none = await accepted('127.0.0.1:0', { keepAlive: false }, lend);
      const { SO_KEEPALIVE, TCP_NODELAY } = none.conn.options;
      assert.deepEqual([SO_KEEPALIVE, TCP_NODELAY], [false, true]);
      for (const { client, conn, listener } of [other, none]) {
        for (const each of [client, conn, listener]) each.close();
      }
    }
  });
});
