/**
 * Clients that take nothing of a reply, and such that take it slowly, over real sockets and in time that
 * passes by hand. A reply of 64 MiB is more than the kernel's buffers hold.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { HandlerFunc } from '../../src/http/handler.ts';
import { Server } from '../../src/http/server/server.ts';
import type { ServerConn } from '../../src/http/conn/server-conn.ts';
import type { ServerOptions } from '../../src/http/server/server-options.ts';
import { linux } from '../../src/index.ts';
import type { Conn } from '../../src/net/conn.ts';
import { Stack } from '../../src/net/stack.ts';
import { TCPConn } from '../../src/net/tcp.ts';
import { HttpClock } from './http-clock.ts';
import { get } from './raw-cases.ts';
import { stack, turnsUntil } from './raw-client.ts';

const timeout = 60_000;

const MIB = 1024 * 1024;
const SIZE = 64 * MIB;

/** Of the option, in milliseconds, and of each look. */
const STALL = 120_000;
const LOOK = STALL / 4;

class Scene implements AsyncDisposable {
  readonly clock = new HttpClock();
  readonly log: string[] = [];
  readonly server: Server;
  readonly #ends: (() => unknown)[] = [];

  constructor(handler: HandlerFunc, options: ServerOptions = {}) {
    const errorLog = (line: string): void => void this.log.push(line);
    this.server = new Server(new Stack({ ...linux, clock: this.clock }), handler, {
      errorLog,
      ...options,
    });
  }

  /** A client that has asked, and reads nothing by itself; and the other end. */
  async ask(network = 'tcp'): Promise<{ client: Conn; served: ServerConn }> {
    const place = network === 'tcp' ? '127.0.0.1:0' : `@netfd-stall-${process.pid}`;
    const listener = await stack.listen(network, place);
    const served = this.server.serve(listener);
    const client = await stack.dial(network, String(listener.addr));
    this.#ends.push(
      () => client.closed || client.close(),
      () => served,
    );
    await client.write(get('/'));
    await turnsUntil(() => this.server.connections.size > 0);
    const [conn] = this.server.connections as ReadonlySet<ServerConn>;
    await turnsUntil(() => conn!.output.backlog > 0);
    return { client, served: conn! };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    for (const end of this.#ends) await end();
  }
}

/** Writes piece by piece, and keeps what that fails with. */
function streaming(failures: unknown[]): HandlerFunc {
  const piece = new Uint8Array(MIB);
  return async (w) => {
    try {
      for (let sent = 0; sent < SIZE; sent += piece.length) await w.write(piece);
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
}

const atOnce: HandlerFunc = (w) => {
  w.write(new Uint8Array(SIZE)).catch(() => {});
};

/** Settles when the kernel has taken what it takes, and nothing moves any more. */
async function still(served: ServerConn): Promise<void> {
  for (let before = -1; before !== served.output.backlog;) {
    before = served.output.backlog;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function acknowledged({ conn }: ServerConn): number {
  assert.ok(conn instanceof TCPConn);
  return conn.options.TCP_INFO.tcpi_bytes_acked ?? 0;
}

suite('a client that takes nothing', { timeout }, () => {
  for (const network of ['tcp', 'unix']) {
    test(`is given up after the time of the option, over ${network}`, async () => {
      const failures: unknown[] = [];
      await using scene = new Scene(streaming(failures));
      const { client, served } = await scene.ask(network);
      await still(served);
      for (let i = 0; i < 3; i++) scene.clock.advance(LOOK);
      assert.equal(served.state, 'active');
      // One more if something has moved after the first wait.
      for (let i = 0; i < 2; i++) scene.clock.advance(LOOK);
      assert.equal(served.state, 'closed');
      await turnsUntil(() => failures.length > 0);
      assert.equal((failures[0] as { timeout?: boolean }).timeout, true, String(failures[0]));
      assert.deepEqual(scene.log, []);
      assert.equal(scene.clock.looks, false, 'no timer is left');
      const buf = new Uint8Array(MIB);
      if (network === 'tcp') {
        await assert.rejects(async () => {
          while ((await client.read(buf)) !== null);
        }, /connection reset/);
      }
    });
  }

  test('although its handler has long returned', async () => {
    await using scene = new Scene(atOnce);
    const { served } = await scene.ask();
    await still(served);
    for (let i = 0; i < 6; i++) scene.clock.advance(LOOK);
    assert.equal(served.state, 'closed');
    assert.equal(scene.clock.looks, false);
  });

  test('of a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netfd-stall-'));
    try {
      const path = join(folder, 'large');
      writeFileSync(path, '');
      truncateSync(path, SIZE);
      await using scene = new Scene(async (w) => {
        const file = stack.openFile(path);
        try {
          await w.sendFile?.(file, 0, SIZE);
        } finally {
          file.close();
        }
      });
      const { served } = await scene.ask();
      await still(served);
      for (let i = 0; i < 6; i++) scene.clock.advance(LOOK);
      assert.equal(served.state, 'closed');
      assert.deepEqual(scene.log, []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('is waited for without the option, and no timer is set', async () => {
    await using scene = new Scene(atOnce, { stallTimeout: 0 });
    const { served } = await scene.ask();
    await still(served);
    assert.equal(scene.clock.looks, false);
    for (let i = 0; i < 20; i++) scene.clock.advance(LOOK);
    assert.equal(served.state, 'active');
  });

  test('and ends the connection by itself leaves no timer', async () => {
    await using scene = new Scene(atOnce);
    const { client, served } = await scene.ask();
    assert.equal(scene.clock.looks, true);
    client.setLinger?.(0);
    client.close();
    await turnsUntil(() => served.state === 'closed');
    assert.equal(scene.clock.looks, false);
  });
});

suite('a client that takes something', { timeout }, () => {
  test('has all the time it needs', async () => {
    await using scene = new Scene(atOnce);
    const { client, served } = await scene.ask();
    await still(served);
    const buf = new Uint8Array(4 * MIB);
    let got = 0;
    for (let i = 0; i < 12; i++) {
      // Three looks at nothing, and something before the fourth.
      for (let look = 0; look < 3; look++) scene.clock.advance(LOOK);
      const before = acknowledged(served);
      while (acknowledged(served) === before && served.output.backlog > 0) {
        got += (await client.read(buf)) ?? 0;
        await new Promise(setImmediate);
      }
      scene.clock.advance(LOOK);
      assert.equal(served.state, 'active', `after ${got} bytes`);
    }
  });

  test('gets all, and then nobody looks any more', async () => {
    await using scene = new Scene(atOnce);
    const { client, served } = await scene.ask();
    const buf = new Uint8Array(MIB);
    for (let got = 0; got < SIZE;) got += (await client.read(buf)) ?? SIZE;
    await turnsUntil(() => served.state === 'idle');
    scene.clock.advance(LOOK);
    assert.equal(
      scene.clock.pending.some((left) => left === LOOK),
      false,
    );
    assert.equal(served.state, 'idle');
  });
});

test('the option is checked', () => {
  assert.throws(() => new Server(stack, atOnce, { stallTimeout: -1 }), {
    name: 'TypeError',
    message: 'Server: option stallTimeout must be a number of milliseconds, 0 or more',
  });
});
