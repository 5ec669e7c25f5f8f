/** What every listener does: a suite as a function of a {@link Creator} that listens. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Conn, Listener } from '../../src/net/conn.ts';
import { OpError } from '../../src/net/op-error.ts';
import { ErrClosed } from '../../src/poll/errors.ts';
import type { Creator } from './creators.ts';
import { failure, stillWaiting, thrown } from './settling.ts';
import { readFull, roundTrip } from './traffic.ts';

/** Registers all tests for one kind of listener. */
export function listenerSuite(creator: Creator): void {
  const withListener = async (use: (listener: Listener) => Promise<void>): Promise<void> => {
    assert.ok(creator.listen !== null, `${creator.name} has no listeners`);
    const listener = await creator.listen();
    try {
      await use(listener);
    } finally {
      await listener[Symbol.asyncDispose]();
    }
  };

  const assertClosed = (op: string, listener: Listener, error: Error): void => {
    assert.ok(error instanceof OpError);
    assert.equal(error.cause, ErrClosed);
    const where = `${op} ${creator.network} ${String(listener.addr)}`;
    assert.equal(error.message, `${where}: use of closed network connection`);
  };

  suite(`listeners: ${creator.name}`, () => {
    test('accepts that wait are served in order, one connection each', async () => {
      await withListener(async (listener) => {
        const accepts = [0, 1, 2].map(() => listener.accept());
        assert.ok(await stillWaiting(...accepts));
        for (const accept of accepts) {
          const client = await creator.dial(listener);
          const server = await accept;
          await roundTrip(client, server);
          assert.equal(String(client.remoteAddr), String(listener.addr));
          assert.equal(String(server.localAddr), String(listener.addr));
          assert.equal(String(server.remoteAddr), String(client.localAddr));
          client.close();
          server.close();
        }
      });
    });

    test('connections wait in the kernel’s queue until they are accepted', async () => {
      await withListener(async (listener) => {
        const clients: Conn[] = [];
        for (const name of ['a', 'b', 'c']) {
          const client = await creator.dial(listener);
          await client.write(name);
          clients.push(client);
        }
        let names = '';
        for (const client of clients) {
          const server = await listener.accept();
          names += (await readFull(server, 1)).toString();
          server.close();
          client.close();
        }
        assert.equal(names, 'abc');
      });
    });

    test('closing fails all accepts that wait, and all that come later', async () => {
      await withListener(async (listener) => {
        const accepts = [0, 1, 2].map(() => listener.accept());
        assert.ok(await stillWaiting(...accepts));
        listener.close();
        for (const accept of accepts) assertClosed('accept', listener, await failure(accept));
        assertClosed('accept', listener, await failure(listener.accept()));
        assertClosed(
          'close',
          listener,
          thrown(() => listener.close()),
        );
        await listener[Symbol.asyncDispose]();
        await assert.rejects(creator.dial(listener), /connection refused|no such file/);
      });
    });

    test('what was accepted outlives its listener', async () => {
      await withListener(async (listener) => {
        const [client, server] = await Promise.all([creator.dial(listener), listener.accept()]);
        listener.close();
        await roundTrip(client, server);
        client.close();
        server.close();
      });
    });

    test('iteration gives connections and ends when the listener is closed', async () => {
      await withListener(async (listener) => {
        let served = 0;
        const serving = (async () => {
          for await (const conn of listener) {
            await conn.write(String(served++));
            conn.close();
          }
        })();
        for (const expected of ['0', '1', '2']) {
          const client = await creator.dial(listener);
          assert.equal((await readFull(client, 1)).toString(), expected);
          client.close();
        }
        assert.ok(await stillWaiting(serving));
        listener.close();
        await serving;
        assert.equal(served, 3);
      });
    });

    test('closing from within the loop ends it', async () => {
      await withListener(async (listener) => {
        const client = await creator.dial(listener);
        for await (const conn of listener) {
          conn.close();
          listener.close();
        }
        client.close();
      });
    });

    test('tryAccept: undefined while it would wait; whenAcceptable tells when it would not', async () => {
      await withListener(async (listener) => {
        assert.ok(listener.tryAccept !== undefined && listener.whenAcceptable !== undefined);
        for (let i = 0; i < 2; i++) {
          assert.equal(listener.tryAccept(), undefined);
          const acceptable = new Promise<Error | null>((resolve) => {
            listener.whenAcceptable!({ ready: resolve });
          });
          assert.ok(await stillWaiting(acceptable));
          const clients = await Promise.all([creator.dial(listener), creator.dial(listener)]);
          assert.equal(await acceptable, null);
          const servers = clients.map(() => listener.tryAccept!());
          assert.equal(listener.tryAccept(), undefined);
          for (const client of clients) {
            await client.write('x');
            client.close();
          }
          for (const server of servers) {
            assert.ok(server !== undefined);
            assert.equal((await readFull(server, 1)).toString(), 'x');
            server.close();
          }
        }
      });
    });

    test('tryAccept gives way to an accept that waits, and throws once the listener is closed', async () => {
      await withListener(async (listener) => {
        const waiting = listener.accept();
        assert.equal(listener.tryAccept!(), undefined);
        const [client, server] = await Promise.all([creator.dial(listener), waiting]);
        await roundTrip(client, server);
        client.close();
        server.close();
        const told = new Promise<Error | null>((resolve) => {
          listener.tryAccept!();
          listener.whenAcceptable!({ ready: resolve });
        });
        listener.close();
        const error = await told;
        assert.ok(error !== null);
        assertClosed(
          'accept',
          listener,
          thrown(() => listener.tryAccept!()),
        );
      });
    });
  });
}
