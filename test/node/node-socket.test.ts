/**
 * A NodeSocket next to a true net.Socket: the same things are done with both, and the same events in the
 * same order, the same codes and the same properties have to come out.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { suite, test } from 'node:test';
import { dial, listen } from '../../src/index.ts';
import {
  connectSocket,
  dialSocket,
  redisConnector,
  toNodeSocket,
  undiciConnector,
} from '../../src/node.ts';
import { pipe } from '../../src/net/pipe.ts';
import { linux } from '../../src/kernel/linux.ts';
import { unixPath } from '../net/creators.ts';

interface Options {
  readonly allowHalfOpen?: boolean;
}

/** The socket under test, and a plain peer of it. */
type Maker = (options: Options) => Promise<[socket: Socket, peer: Socket]>;

const plain: Maker = async (options) => {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket = connect({ port, host: '127.0.0.1', ...options });
  const [[peer]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  server.close();
  return [socket, peer as Socket];
};

const ours: Maker = async (options) => {
  const listener = await listen('tcp', '127.0.0.1:0');
  const peer = connect({ port: listener.addr.port, host: '127.0.0.1', allowHalfOpen: true });
  const [conn] = await Promise.all([listener.accept(), once(peer, 'connect')]);
  listener.close();
  return [toNodeSocket(conn, options), peer];
};

const EVENTS = ['connect', 'ready', 'end', 'finish', 'timeout', 'error', 'close'] as const;

/** What happens to a socket from now on, until it has closed. */
function watch(socket: Socket): { readonly log: string[]; readonly closed: Promise<unknown> } {
  const log: string[] = [];
  for (const event of EVENTS) {
    socket.on(event, (argument?: unknown) => {
      const { code } = (argument ?? {}) as { code?: string };
      const more = event === 'error' ? ` ${code}` : event === 'close' ? ` ${String(argument)}` : '';
      log.push(`${event}${more} ${socket.readyState}`);
    });
  }
  socket.on('data', (chunk: Buffer) => {
    // In how many pieces it comes is chance.
    const before = log.at(-1)?.startsWith('data ') === true ? log.pop()! : 'data ';
    log.push(`${before}${String(chunk)}`);
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  return { log, closed };
}

type Scene = (socket: Socket, peer: Socket, log: string[]) => void | Promise<void>;

/** What happens to a socket of each kind. */
async function play(make: Maker, options: Options, scene: Scene): Promise<string[]> {
  const [socket, peer] = await make(options);
  peer.on('error', () => {});
  const { log, closed } = watch(socket);
  try {
    await scene(socket, peer, log);
    await closed;
  } finally {
    socket.destroy();
    peer.destroy();
  }
  log.push(
    `${socket.destroyed} ${socket.readyState} ${socket.connecting} ${socket.bytesRead} ${socket.bytesWritten}`,
  );
  return log;
}

function alike(name: string, options: Options, scene: Scene): void {
  test(name, async () => {
    const [expected, actual] = [
      await play(plain, options, scene),
      await play(ours, options, scene),
    ];
    assert.deepEqual(actual, expected);
    assert.ok(actual.some((line) => line.startsWith('close')));
  });
}

suite('as net.Socket', () => {
  alike('the peer ends: so does this end', {}, (_socket, peer) => void peer.resume().end('bye'));

  alike(
    'half open: the peer ends, this end goes on',
    { allowHalfOpen: true },
    async (socket, peer) => {
      peer.end('question');
      await once(socket, 'end');
      socket.end('answer');
      const [chunk] = (await once(peer, 'data')) as [Buffer];
      assert.equal(String(chunk), 'answer');
      peer.resume();
    },
  );

  alike('this end ends first', {}, async (socket, peer) => {
    peer.resume();
    socket.end('first');
    await once(peer, 'end');
    peer.end('second');
  });

  alike('destroyed', {}, (socket) => void socket.destroy());

  alike('destroyed with an error', {}, (socket) => {
    socket.destroy(Object.assign(new Error('mine'), { code: 'MINE' }));
  });

  alike('destroySoon sends what was written', {}, async (socket, peer) => {
    const text = (async () => {
      let all = '';
      for await (const chunk of peer) all += String(chunk);
      return all;
    })();
    socket.write('some');
    socket.write('thing');
    socket.destroySoon();
    assert.equal(await text, 'something');
  });

  alike('the peer resets', {}, (_socket, peer) => void peer.resetAndDestroy());

  alike('resetAndDestroy is a reset for the peer', {}, async (socket, peer) => {
    const failed = once(peer, 'error') as Promise<[NodeJS.ErrnoException]>;
    peer.resume();
    socket.resetAndDestroy();
    assert.equal((await failed)[0].code, 'ECONNRESET');
  });

  alike('writing after the peer has ended', {}, async (socket, peer) => {
    // With something written before, so that this end is not over yet.
    peer.pause();
    socket.write(Buffer.alloc(8 << 20), () => {});
    peer.end();
    await once(socket, 'end');
    socket.write('late', (error) => assert.ok(error));
    peer.resume();
  });

  alike('writing after end', {}, (socket, peer) => {
    peer.resume();
    socket.end();
    socket.write('late');
  });

  alike('cork and uncork, strings in encodings', {}, async (socket, peer) => {
    const all = (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of peer) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('latin1');
    })();
    socket.cork();
    socket.write('68c3a4', 'hex');
    socket.write('ü', 'latin1');
    socket.write('', 'utf8');
    socket.write(new Uint8Array([33]));
    socket.uncork();
    socket.end();
    assert.equal(await all, 'hÃ¤ü!');
    peer.end();
  });

  alike(
    'a timeout is told, and told again after something has happened',
    {},
    async (socket, peer) => {
      peer.resume();
      assert.equal(socket.setTimeout(30), socket);
      assert.equal(socket.timeout, 30);
      await once(socket, 'timeout');
      socket.write('x');
      await once(socket, 'timeout');
      socket.setTimeout(0);
      assert.equal(socket.timeout, 0);
      socket.end();
      peer.end();
    },
  );

  alike('setEncoding, pause and resume', {}, async (socket, peer) => {
    socket.setEncoding('utf8');
    socket.pause();
    peer.write(Buffer.from('grün').subarray(0, 3));
    await new Promise(setImmediate);
    peer.end(Buffer.from('grün').subarray(3));
    await once(peer, 'finish');
    socket.resume();
    peer.resume();
  });
});

suite('what else is asked of a socket', () => {
  test('addresses, counters, and setters that may be chained', async () => {
    const [socket, peer] = await ours({});
    assert.deepEqual(socket.address(), {
      address: '127.0.0.1',
      family: 'IPv4',
      port: peer.remotePort,
    });
    assert.equal(socket.remoteAddress, '127.0.0.1');
    assert.equal(socket.remoteFamily, 'IPv4');
    assert.equal(socket.remotePort, peer.localPort);
    assert.equal(socket.localAddress, '127.0.0.1');
    assert.equal(socket.localPort, peer.remotePort);
    assert.equal(socket.setNoDelay().setKeepAlive(true, 5000).ref().unref().ref(), socket);
    const { options } = (socket as unknown as { conn: { options: Record<string, unknown> } }).conn;
    assert.equal(options['TCP_KEEPIDLE'], 5);
    socket.setNoDelay(false);
    assert.equal(options['TCP_NODELAY'], false);
    assert.equal((socket as { encrypted?: unknown }).encrypted, undefined);
    socket.destroy();
    assert.equal(socket.setNoDelay(true).setKeepAlive(false), socket, 'closed, and no error');
    peer.destroy();
  });

  test('a unix socket and a pipe have no address, and nothing to delay', async () => {
    const listener = await listen('unix', unixPath());
    const [conn, accepted] = await Promise.all([
      dial('unix', String(listener.addr)),
      listener.accept(),
    ]);
    listener.close();
    for (const one of [conn, pipe(linux.clock)[0]]) {
      const socket = toNodeSocket(one);
      assert.equal(socket.setNoDelay(true).setKeepAlive(true, 1), socket);
      assert.deepEqual(socket.address(), {});
      assert.equal(socket.remoteAddress, undefined);
      socket.destroy();
    }
    accepted.close();
  });

  test('a reader that pauses makes the writer wait', async () => {
    const [socket, peer] = await ours({});
    socket.pause();
    let written = 0;
    const block = Buffer.alloc(1 << 20);
    while (peer.write(block) && written < 64) written++;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(socket.bytesRead <= 256 * 1024, `${socket.bytesRead} bytes were read`);
    assert.ok(peer.writableLength > 0);
    const ended = once(socket, 'end');
    peer.end();
    socket.resume();
    await ended;
    assert.equal(socket.bytesRead, peer.bytesWritten);
    peer.destroy();
  });

  test('bad arguments are named', () => {
    assert.throws(() => toNodeSocket({} as never), /toNodeSocket: conn must be a connection/);
    assert.throws(() => dialSocket({ network: 'tcp' }), /network and address go together/);
    assert.throws(() => dialSocket().connect(70000), /connect: port must be an integer/);
    assert.throws(
      () => connectSocket('tcp', 1 as never),
      /connectSocket: address must be a string/,
    );
  });

  test('options that do not exist are named', () => {
    const [conn, peer] = pipe(linux.clock);
    const wrong = { highWatermark: 1 } as never;
    const message = (method: string): string =>
      `${method}: there is no option highWatermark; is highWaterMark meant?`;
    const calls = {
      toNodeSocket: () => toNodeSocket(conn, wrong),
      dialSocket: () => dialSocket(wrong),
      connectSocket: () => connectSocket('tcp', '127.0.0.1:1', wrong),
      undiciConnector: () => undiciConnector(wrong),
      redisConnector: () => redisConnector(wrong),
    };
    for (const [method, call] of Object.entries(calls)) {
      assert.throws(call, { name: 'TypeError', message: message(method) });
    }
    assert.throws(() => dialSocket({ tls: {} } as never), /dialSocket: there is no option tls$/);
    assert.ok(dialSocket({ timeout: 1000, keepAlive: false, allowHalfOpen: true }));
    assert.ok(undiciConnector({ tls: {}, allowH2: true, network: 'tcp', address: 'x:1' }));
    conn.close();
    peer.close();
  });
});

suite('sockets that dial', () => {
  test('connect in its three forms, its events and its callback', async () => {
    const server = createServer((socket) => socket.end('hi'));
    server.listen(0, 'localhost');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const path = unixPath();
    const local = createServer((socket) => socket.end('hi'));
    local.listen(path);
    await once(local, 'listening');
    const ways: ((socket: Socket, told: () => void) => void)[] = [
      (socket, told) => socket.connect(port, 'localhost', told),
      (socket, told) => socket.connect(port, told),
      (socket, told) => socket.connect({ port, host: 'localhost' }, told),
      (socket, told) => socket.connect(path, told),
      (socket, told) => socket.connect({ path }, told),
    ];
    for (const way of ways) {
      const socket = dialSocket();
      assert.equal(socket.pending, true);
      const { log, closed } = watch(socket);
      socket.write('written before it is connected');
      way(socket, () => log.push('told'));
      assert.deepEqual([socket.readyState, socket.connecting], ['opening', true]);
      await closed;
      const rest = ['data hi', 'end writeOnly', 'finish closed', 'close false closed'];
      assert.deepEqual(log, ['connect open', 'told', 'ready open', ...rest]);
    }
    server.close();
    local.close();
  });

  test('a refused connection is an error with the fields of Node, then close', async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    const address = String(listener.addr);
    const { port } = listener.addr;
    listener.close();
    const [told, expected] = [[], []] as [unknown[], unknown[]];
    for (const [socket, into] of [
      [connectSocket('tcp', address), told],
      [connect(port, '127.0.0.1'), expected],
    ] as [Socket, unknown[]][]) {
      const { log, closed } = watch(socket);
      socket.once('error', (error: NodeJS.ErrnoException & { address: string; port: number }) => {
        into.push(error.code, error.errno, error.syscall, error.address, error.port);
      });
      await closed;
      into.push(...log);
    }
    assert.deepEqual(told, expected);
  });

  test('destroyed while it connects: no connection is left, and no error', async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    const socket = connectSocket('tcp', String(listener.addr));
    const { log, closed } = watch(socket);
    socket.destroy();
    await closed;
    assert.deepEqual(log, ['close false closed']);
    listener.close();
  });

  test('a fixed place wins over what connect is told', async () => {
    const listener = await listen('unix', `@netfd-place-${process.pid}`);
    const socket = dialSocket({ network: 'unix', address: String(listener.addr) });
    socket.connect(5432, 'db.example');
    const conn = await listener.accept();
    await conn.write('here');
    assert.equal(String((await once(socket, 'data'))[0]), 'here');
    socket.destroy();
    conn.close();
    listener.close();
  });
});
