/** The option stallTimeout under TLS, where what the client takes is seen in the connection below. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import type { ServerConn } from '../../src/http/conn/server-conn.ts';
import type { HandlerFunc } from '../../src/http/handler.ts';
import { Server } from '../../src/http/server/server.ts';
import { linux } from '../../src/kernel/linux.ts';
import { Stack } from '../../src/net/stack.ts';
import { TCPConn } from '../../src/net/tcp.ts';
import { tlsListener } from '../../src/node.ts';
import type { TLSConn } from '../../src/node/tls-conn.ts';
import { HttpClock } from '../http/http-clock.ts';
import { stack, turnsUntil } from '../http/raw-client.ts';
import { localhost, noOpenSSL } from './secure-server.ts';

const MIB = 1024 * 1024;
const SIZE = 64 * MIB;

/** A quarter of the option's time, in milliseconds. */
const LOOK = 30_000;

const timeout = 60_000;

class Scene implements AsyncDisposable {
  readonly clock = new HttpClock();
  readonly log: string[] = [];
  readonly server: Server;
  #client: TLSSocket | null = null;
  #served: Promise<void> | null = null;

  constructor(handler: HandlerFunc) {
    this.server = new Server(new Stack({ ...linux, clock: this.clock }), handler, {
      errorLog: (line) => void this.log.push(line),
    });
  }

  /** A client that has asked, and reads nothing by itself; and the other end, once nothing moves any more. */
  async ask(): Promise<{ client: TLSSocket; served: ServerConn; acked: () => number }> {
    const { cert, key } = localhost();
    const listener = await tlsListener(await stack.listen('tcp', '127.0.0.1:0'), { cert, key });
    this.#served = this.server.serve(listener);
    const port = Number(String(listener.addr).split(':').at(-1));
    const client = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }).pause();
    this.#client = client.on('error', () => {});
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await turnsUntil(() => this.server.connections.size > 0);
    const [served] = this.server.connections as ReadonlySet<ServerConn>;
    await turnsUntil(() => served!.output.backlog > 0);
    const { netConn } = served!.conn as TLSConn;
    assert.ok(netConn instanceof TCPConn);
    const acked = (): number =>
      netConn.closed ? -1 : (netConn.options.TCP_INFO.tcpi_bytes_acked ?? 0);
    for (let before = -1; before !== acked();) {
      before = acked();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return { client, served: served!, acked };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client?.destroy();
    this.server.close();
    await this.#served;
  }
}

const atOnce: HandlerFunc = (w) => {
  w.write(new Uint8Array(SIZE)).catch(() => {});
};

suite('stallTimeout under TLS', { skip: noOpenSSL, timeout }, () => {
  test('a client that takes nothing of a file is given up', { timeout }, async () => {
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
      for (let i = 0; i < 6; i++) scene.clock.advance(LOOK);
      assert.equal(served.state, 'closed');
      assert.deepEqual(scene.log, []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a client that takes a little has all the time it needs', { timeout }, async () => {
    await using scene = new Scene(atOnce);
    const { client, served, acked } = await scene.ask();
    for (let i = 0; i < 6; i++) {
      // Three looks at nothing, and something before the fourth.
      for (let look = 0; look < 3; look++) scene.clock.advance(LOOK);
      const before = acked();
      while (acked() === before) {
        client.read(16 * 1024);
        await new Promise(setImmediate);
      }
      scene.clock.advance(LOOK);
      assert.equal(served.state, 'active', `look ${i}`);
    }
    for (let i = 0; i < 6; i++) scene.clock.advance(LOOK);
    assert.equal(served.state, 'closed');
  });
});
