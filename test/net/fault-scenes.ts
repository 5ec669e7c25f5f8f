/**
 * What is played while calls fail: each scene does one thing on the stack with faults, against a peer without
 * them, and goes on after every failure. It throws if a byte is lost or comes twice, and if what comes after
 * the faults does not work as ever.
 */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  copy,
  DatagramBatch,
  dial,
  type Stack,
  type TCPConn,
  type TCPListener,
  type UDPConn,
  listen,
  listenPacket,
  UDPAddr,
} from '../../src/index.ts';
import { openFile } from '../../src/net/disk-file.ts';
import type { RawConn } from '../../src/net/raw-conn.ts';
import type { Noticed, Scene } from './faulted.ts';
import { RandomBytes, readFull, readToEnd, roundTrip } from './traffic.ts';
import { boundPort } from './wrapped-system.ts';

const HERE = '127.0.0.1:0';

/** More than the kernel takes at once. */
const LONG = new RandomBytes(11).fill(new Uint8Array(6_000_000));

interface Bound {
  syscallConn(): RawConn;
}

/** As the kernel says without faults: the addresses of a stack that could not ask are empty. */
function portOf(bound: Bound): number {
  let port = -1;
  bound.syscallConn().control((fd) => {
    port = boundPort(fd);
  });
  return port;
}

/** The connection that comes from that port; others have been given up by whoever dialled. */
async function acceptFrom(listener: TCPListener, port: number): Promise<TCPConn> {
  for (;;) {
    const conn = await listener.accept();
    if (conn.remoteAddr.port === port) return conn;
    conn.close();
  }
}

/** A connection of `stack` to a peer that has no faults. */
async function connected(stack: Stack, noticed: Noticed): Promise<[TCPConn, TCPConn]> {
  const listener = await listen('tcp4', HERE);
  const one = await noticed.of(() => stack.dial('tcp4', String(listener.addr)));
  const other = await acceptFrom(listener, portOf(one));
  listener.close();
  return [one, other];
}

async function closeAll(noticed: Noticed, ...all: readonly { close(): void }[]): Promise<void> {
  for (const one of all) await noticed.once(() => one.close());
}

/** All of `data`, beginning again where the failure says. */
async function writeAll(
  data: Uint8Array,
  noticed: Noticed,
  write: (rest: Uint8Array) => Promise<number>,
): Promise<void> {
  let at = 0;
  while (at < data.length) {
    await noticed.of(async () => {
      try {
        at += await write(data.subarray(at));
      } catch (error) {
        at += (error as { bytesWritten: number }).bytesWritten;
        throw error;
      }
    });
  }
  assert.equal(at, data.length);
}

const listening: Scene = async (stack, noticed) => {
  const listener = await noticed.of(() => stack.listen('tcp4', HERE));
  const client = await dial('tcp4', `127.0.0.1:${portOf(listener)}`);
  const server = await listener.accept();
  await roundTrip(client, server);
  await closeAll(noticed, client, server, listener);
};

const accepting: Scene = async (stack, noticed) => {
  const listener = await stack.listen('tcp4', HERE);
  for (let i = 0; i < 3; i++) {
    const client = await dial('tcp4', `127.0.0.1:${portOf(listener)}`);
    await client.write('before');
    const server = await noticed.of(() => listener.accept());
    const before = await noticed.of(() => readFull(server, 6));
    assert.equal(before.toString(), 'before');
    await roundTrip(client, server);
    await closeAll(noticed, client, server);
  }
  await closeAll(noticed, listener);
};

/** As `for await` does: it rests while descriptors are short. */
const iterating: Scene = async (stack, noticed) => {
  const listener = await stack.listen('tcp4', HERE);
  const client = await dial('tcp4', `127.0.0.1:${portOf(listener)}`);
  await noticed.of(async () => {
    for await (const server of listener) {
      await roundTrip(client, server);
      server.close();
      return;
    }
  });
  client.close();
  await closeAll(noticed, listener);
};

const dialling: Scene = async (stack, noticed) => {
  const [one, other] = await connected(stack, noticed);
  await roundTrip(one, other);
  await closeAll(noticed, one, other);
};

const resolving: Scene = async (stack, noticed) => {
  const listener = await listen('tcp4', HERE);
  const name = `localhost:${listener.addr.port}`;
  const one = await noticed.of(() => stack.dial('tcp4', name));
  const other = await acceptFrom(listener, portOf(one));
  listener.close();
  await roundTrip(one, other);
  await closeAll(noticed, one, other);
};

const unix: Scene = async (stack, noticed) => {
  const path = join(tmpdir(), `netfd-faults-${process.pid}`);
  rmSync(path, { force: true }); // unlinkat may have failed
  const listener = await noticed.of(() => stack.listen('unix', path));
  const one = await noticed.of(() => stack.dial('unix', path));
  const other = await noticed.of(() => listener.accept());
  await roundTrip(one, other);
  const [first, second] = [
    await noticed.of(() => one.file()),
    await noticed.of(() => other.file()),
  ];
  await noticed.of(() => one.sendDescriptors([first, second], 'with them'));
  const got = await noticed.of(() => other.receiveDescriptors(2));
  assert.equal(Buffer.from(got!.data).toString(), 'with them');
  assert.equal(got!.fds.length, 2);
  await closeAll(noticed, got!, first, second, one, other, listener);
};

/** All there is in both directions, with an end of its own for each. */
function streaming(
  write: (conn: TCPConn, rest: Uint8Array) => Promise<number>,
  read: (conn: TCPConn, buf: Uint8Array) => Promise<number | null>,
): Scene {
  return async (stack, noticed) => {
    const [one, other] = await connected(stack, noticed);
    const buf = new Uint8Array(100_000);
    const received: Buffer[] = [];
    const reading = async (): Promise<void> => {
      for (;;) {
        const count = await noticed.of(() => read(one, buf));
        if (count === null) return;
        received.push(Buffer.from(buf.subarray(0, count)));
      }
    };
    const writing = async (): Promise<void> => {
      await writeAll(LONG, noticed, (rest) => write(one, rest));
      await noticed.of(() => one.closeWrite());
    };
    const sending = async (): Promise<void> => {
      await other.write(LONG);
      other.closeWrite();
    };
    const [there] = await Promise.all([readToEnd(other), reading(), writing(), sending()]);
    assert.ok(there.equals(LONG), 'what was written');
    assert.ok(Buffer.concat(received).equals(LONG), 'what was read');
    await closeAll(noticed, one, other);
  };
}

const reading: Scene = streaming(
  (conn, rest) => conn.write(rest),
  (conn, buf) => conn.read(buf),
);

const vectors: Scene = streaming(
  (conn, rest) => conn.writev([rest.subarray(0, 100), rest.subarray(100)]),
  (conn, buf) => conn.readv([buf.subarray(0, 100), buf.subarray(100)]),
);

const trying: Scene = streaming(
  async (conn, rest) => {
    await conn.writable();
    try {
      return conn.tryWrite(rest);
    } catch (error) {
      throw Object.assign(error as Error, { bytesWritten: 0 });
    }
  },
  async (conn, buf) => {
    for (;;) {
      await conn.readable();
      const count = conn.tryRead(buf);
      if (count !== undefined) return count;
    }
  },
);

const settings: Scene = async (stack, noticed) => {
  const [one, other] = await connected(stack, noticed);
  for (const set of [
    () => one.setNoDelay(false),
    () => one.setKeepAlive(true),
    () => one.setKeepAlivePeriod(9000),
    () => one.setLinger(3),
    () => one.setReadBuffer(50_000),
    () => one.setWriteBuffer(50_000),
  ]) {
    await noticed.of(set);
  }
  const { options } = one;
  const values = [
    await noticed.of(() => options.TCP_NODELAY),
    await noticed.of(() => options.SO_RCVBUF),
  ];
  assert.deepEqual(values, [false, 100_000]);
  await roundTrip(one, other);
  await closeAll(noticed, one, other);
};

const copied: Scene = async (stack, noticed) => {
  const [one, other] = await connected(stack, noticed);
  const file = await noticed.of(() => one.file());
  await roundTrip(one, other);
  await closeAll(noticed, file);
  await roundTrip(one, other);
  await closeAll(noticed, one, other);
};

const path = fileURLToPath(import.meta.url);
const content = readFileSync(path);

const files: Scene = async (stack, noticed) => {
  const [one, other] = await connected(stack, noticed);
  const file = await noticed.of(() => openFile(stack.system, path));
  await writeAll(content, noticed, (rest) =>
    one.sendfile(file, { offset: content.length - rest.length, length: rest.length }),
  );
  await noticed.of(() => one.closeWrite());
  assert.ok((await readToEnd(other)).equals(content));
  const whole = Buffer.alloc(content.length);
  assert.equal(await noticed.of(() => file.read(whole, 0)), content.length);
  assert.ok(whole.equals(content));
  await closeAll(noticed, file, one, other);
};

/** Through a proxy with faults. What a failure says is lost may be missing, and nothing else. */
const proxying: Scene = async (stack, noticed) => {
  const [source, from] = await connected(stack, noticed);
  const [sink, to] = await connected(stack, noticed);
  const data = LONG.subarray(0, 100_000);
  await from.write(data);
  from.closeWrite();
  let lost = 0;
  await noticed.of(async () => {
    try {
      await copy(sink, source);
    } catch (error) {
      const { bytesRead, bytesWritten } = error as { bytesRead: number; bytesWritten: number };
      assert.ok(bytesRead >= bytesWritten);
      lost += bytesRead - bytesWritten;
      throw error;
    }
  });
  sink.closeWrite();
  const there = await readToEnd(to);
  assert.equal(there.length, data.length - lost);
  assert.ok(there.equals(data.subarray(data.length - there.length)));
  await closeAll(noticed, source, sink, from, to);
};

const buf = new Uint8Array(100);

/** One datagram after the other in both directions, as `send` and `receive` do it. */
function datagrams(
  send: (conn: UDPConn, data: Uint8Array, to: UDPAddr) => Promise<unknown>,
  receive: (conn: UDPConn) => Promise<number>,
): Scene {
  return async (stack, noticed) => {
    const conn = await noticed.of(() => stack.listenPacket('udp4', HERE));
    const other = await listenPacket('udp4', HERE);
    const here = new UDPAddr('127.0.0.1', portOf(conn));
    for (let i = 1; i <= 4; i++) {
      await noticed.of(() => send(conn, LONG.subarray(0, i), other.localAddr));
      assert.equal((await other.readFrom(buf)).size, i);
      const receiving = noticed.of(() => receive(conn));
      await other.writeTo(LONG.subarray(0, i), here);
      assert.equal(await receiving, i);
    }
    await closeAll(noticed, conn, other);
  };
}

const packets: Scene = datagrams(
  (conn, data, to) => conn.writeTo(data, to),
  async (conn) => (await conn.readFrom(buf)).size,
);

const messages: Scene = datagrams(
  (conn, data, to) => conn.writeMsg(data, null, to),
  async (conn) => (await conn.readMsg(buf)).size,
);

const batches: Scene = datagrams(
  async (conn, data, to) => {
    const batch = new DatagramBatch();
    batch.add(data, to);
    await conn.writeBatch(batch);
  },
  async (conn) => {
    const batch = new DatagramBatch();
    assert.equal(await conn.readBatch(batch), 1);
    return batch.size(0);
  },
);

export type SceneName =
  | 'listening'
  | 'accepting'
  | 'iterating'
  | 'dialling'
  | 'resolving'
  | 'unix'
  | 'reading'
  | 'vectors'
  | 'trying'
  | 'settings'
  | 'copied'
  | 'files'
  | 'proxying'
  | 'packets'
  | 'messages'
  | 'batches';

export const scenes: Readonly<Record<SceneName, Scene>> = {
  listening,
  accepting,
  iterating,
  dialling,
  resolving,
  unix,
  reading,
  vectors,
  trying,
  settings,
  copied,
  files,
  proxying,
  packets,
  messages,
  batches,
};
