/** UDP on the real kernel: one datagram at a time, with addresses or with a peer. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  decodeControlMessages,
  dial,
  Dialer,
  encodeControlMessages,
  ErrClosed,
  ErrDeadlineExceeded,
  ErrWriteToConnected,
  IPAddr,
  ListenConfig,
  listenPacket,
  OpError,
  type PacketConn,
  SyscallError,
  TCPAddr,
  UDPAddr,
  type UDPConn,
} from '../../src/index.ts';
import { decodePacketInfo, encodePacketInfo } from '../../src/syscall/ancillary.ts';
import { IP_PKTINFO, SOL_IP } from '../../src/syscall/inet.ts';
import {
  MSG_CTRUNC,
  MSG_TRUNC,
  SO_BROADCAST,
  SO_RCVBUF,
  SO_REUSEPORT,
  SOL_SOCKET,
} from '../../src/syscall/socket.ts';
import { noIPv6, openSockets } from './machine.ts';
import { failure, failures, stillWaiting, thrown } from './settling.ts';

const LOOPBACK = '127.0.0.1:0';
const buf = new Uint8Array(2048);

function text(size: number): string {
  return Buffer.from(buf.subarray(0, size)).toString('latin1');
}

/** A socket that is bound, and one whose peer it is. */
async function pair(): Promise<{ server: UDPConn; client: UDPConn }> {
  const server = await listenPacket('udp', LOOPBACK);
  return { server, client: await dial('udp', String(server.localAddr)) };
}

function option(conn: UDPConn, level: number, name: number): number {
  return conn.fd.control('set', (sysfd, kernel) => {
    const value = new Int32Array(1);
    const bytes = new Uint8Array(value.buffer);
    assert.equal(kernel.getsockopt(sysfd, level, name, bytes, Uint32Array.of(4)), 0);
    return value[0]!;
  });
}

suite('datagrams', () => {
  test('there and back; the same sender is the same object', async () => {
    const { server, client } = await pair();
    assert.equal(await client.write('one'), 3);
    const first = await server.readFrom(buf);
    assert.equal(text(first.size), 'one');
    assert.ok(first.addr.equals(client.localAddr));
    assert.equal(await server.writeTo('back', first.addr), 4);
    assert.equal(await client.read(buf), 4);
    assert.equal(text(4), 'back');
    await client.write('two');
    const second = await server.readFrom(buf);
    assert.equal(second.addr, first.addr);
    assert.ok(client.isConnected && !server.isConnected);
    assert.equal(String(server.remoteAddr), ':0');
    server.close();
    client.close();
  });

  test('an empty one is one, and a long one is cut', async () => {
    const { server, client } = await pair();
    for (const data of ['', '0123456789', '', 'end']) await client.write(data);
    const small = buf.subarray(0, 4);
    assert.equal((await server.readFrom(small)).size, 0);
    assert.equal((await server.readFrom(small)).size, 4);
    assert.equal((await server.readFrom(new Uint8Array(0))).size, 0);
    assert.equal((await server.readFrom(buf)).size, 3);
    const waiting = server.readFrom(buf);
    assert.ok(await stillWaiting(waiting));
    await client.write('');
    assert.equal((await waiting).size, 0);
    // With a peer: 0 is an empty datagram, and never the end.
    const { addr } = await waiting;
    await server.writeTo('', addr);
    assert.equal(await client.read(buf), 0);
    assert.equal(await client.read(new Uint8Array(0)), 0); // without a call, as in Go
    server.close();
    client.close();
  });

  test('without waiting, and part of a buffer', async () => {
    const { server, client } = await pair();
    assert.equal(server.tryReadFrom(buf), undefined);
    assert.equal(client.tryRead(buf), undefined);
    assert.equal(client.tryWrite(Buffer.from('abc'), 1, 3), 2);
    await server.readable();
    const received = server.tryReadFrom(buf)!;
    assert.equal(text(received.size), 'bc');
    assert.equal(server.tryWriteTo(Buffer.from('xyz'), received.addr, 2), 2);
    await client.readable();
    assert.equal(client.tryRead(buf), 2);
    for (const size of [-1, 4, 1.5]) {
      assert.throws(() => server.tryWriteTo(Buffer.from('xyz'), received.addr, size), {
        message: 'tryWriteTo: size must be an integer in 0..3',
      });
    }
    server.close();
    client.close();
  });

  test('several buffers, and what comes beside the data', async () => {
    const { server, client } = await pair();
    server.fd.control('set', (sysfd, kernel) =>
      kernel.setsockopt(sysfd, SOL_IP, IP_PKTINFO, Uint8Array.of(1, 0, 0, 0), 4),
    );
    await client.writeMsg([Buffer.from('he'), Buffer.from('llo')]);
    const oob = new Uint8Array(64);
    const parts = [new Uint8Array(2), new Uint8Array(2)];
    const got = await server.readMsg(parts, oob);
    assert.deepEqual([got.size, got.flags, got.truncated], [4, MSG_TRUNC, true]);
    assert.equal(Buffer.concat(parts).toString(), 'hell');
    const [message] = got.controlMessages();
    assert.deepEqual([message!.level, message!.type], [SOL_IP, IP_PKTINFO]);
    assert.deepEqual([...decodePacketInfo(message!.data).addr], [127, 0, 0, 1]);
    assert.deepEqual(decodeControlMessages(oob, got.oobSize), got.controlMessages());

    // Answered from another address of this machine.
    const data = encodePacketInfo({ ifindex: 0, addr: Uint8Array.of(127, 0, 0, 9) });
    const control = encodeControlMessages([{ level: SOL_IP, type: IP_PKTINFO, data }]);
    await using other = await listenPacket('udp4', LOOPBACK);
    assert.equal(await server.writeMsg(Buffer.from('x'), control, other.localAddr), 1);
    assert.equal((await other.readFrom(buf)).addr.ip, '127.0.0.9');

    const waiting = server.readMsg(buf, new Uint8Array(4));
    assert.ok(await stillWaiting(waiting));
    await client.write('y');
    const cut = await waiting;
    assert.deepEqual([cut.size, cut.flags & MSG_CTRUNC, cut.oobTruncated], [1, MSG_CTRUNC, true]);
    server.close();
    client.close();
  });

  test('by for await, until it is closed', async () => {
    const { server, client } = await pair();
    for (const data of ['a', '', 'ccc']) await client.write(data);
    const sizes: number[] = [];
    for await (const { data, addr } of server.datagrams()) {
      assert.ok(addr.equals(client.localAddr));
      if (sizes.push(data.length) === 3) server.close();
    }
    assert.deepEqual(sizes, [1, 0, 3]);
    client.close();
    const idle = await listenPacket('udp', LOOPBACK);
    const next = idle.datagrams().next();
    assert.ok(await stillWaiting(next));
    idle.close();
    assert.equal((await next).done, true);
  });
});

suite('addresses and families', () => {
  test('any address is both families where the machine can', { skip: noIPv6 }, async () => {
    await using server = await listenPacket('udp', ':0');
    assert.match(String(server.localAddr), /^\[::\]:\d+$/);
    for (const host of ['127.0.0.1', '[::1]']) {
      await using client = await dial('udp', `${host}:${server.localAddr.port}`);
      await client.write('x');
      const { addr } = await server.readFrom(buf);
      assert.equal(String(addr), String(client.localAddr));
      // An address from elsewhere is translated, the one received need not be.
      await server.writeTo('1', addr);
      await server.writeTo('2', new UDPAddr(addr.ip, addr.port));
      assert.deepEqual([await client.read(buf), await client.read(buf)], [1, 1]);
    }
    await using six = await listenPacket('udp6', ':0');
    const mapped = await failure(six.writeTo('x', new UDPAddr('127.0.0.1', 9)));
    assert.match(mapped.message, /->127.0.0.1:9: sendto: network is unreachable$/);
  });

  test('hosts, ports and what does not fit', { skip: noIPv6 }, async () => {
    await using four = await listenPacket('udp4', ':0');
    assert.equal(four.localAddr.ip, '0.0.0.0');
    const refused = await failure(listenPacket('udp4', '[::1]:0'));
    assert.equal(refused.message, 'listen udp4: address ::1: no suitable address found');
    const inUse = await failure(listenPacket('udp4', `:${four.localAddr.port}`));
    assert.equal(
      inUse.message,
      `listen udp4 :${four.localAddr.port}: bind: address already in use`,
    );
    const localAddr = new TCPAddr('127.0.0.1', 0);
    const mismatched = await failure(dial('udp', '127.0.0.1:9', { localAddr }));
    assert.equal(
      mismatched.message,
      'dial udp: address 127.0.0.1:0: mismatched local address type',
    );
    await using bound = await dial('udp', '127.0.0.1:9', {
      localAddr: new UDPAddr('127.0.0.5', 0),
    });
    assert.equal(bound.localAddr.ip, '127.0.0.5');
    assert.equal(String(bound.remoteAddr), '127.0.0.1:9');
  });

  test('control is told, and options of listening', async () => {
    const told: string[] = [];
    const control = (network: string, address: string): void => {
      told.push(`${network} ${address}`);
    };
    const config = new ListenConfig({ control, reusePort: true });
    await using one = (await config.listenPacket('udp', LOOPBACK)) as UDPConn;
    await using two = (await config.listenPacket('udp', String(one.localAddr))) as UDPConn;
    assert.equal(option(two, SOL_SOCKET, SO_REUSEPORT), 1);
    assert.equal(option(two, SOL_SOCKET, SO_BROADCAST), 1);
    await using three = await new Dialer({ control }).dial('udp', String(one.localAddr));
    assert.ok(three.localAddr.toString() !== '');
    const at = String(one.localAddr);
    assert.deepEqual(told, [`udp4 ${LOOPBACK}`, `udp4 ${at}`, `udp4 ${at}`]);
    const before = openSockets();
    const thrower = (): never => {
      throw new Error('no');
    };
    await assert.rejects(listenPacket('udp', LOOPBACK, { control: thrower }), /: no$/);
    await assert.rejects(dial('udp', at, { control: thrower }), /: no$/);
    assert.equal(openSockets(), before);
    one.setReadBuffer(4096);
    assert.equal(option(one, SOL_SOCKET, SO_RCVBUF), 8192);
    one.setWriteBuffer(8192);
    assert.throws(() => one.setReadBuffer(1.5), TypeError);
  });
});

suite('errors', () => {
  test('of a peer that is not there, told once by the next call', async () => {
    const gone = await listenPacket('udp', LOOPBACK);
    const address = String(gone.localAddr);
    gone.close();
    await using conn = await dial('udp', address);
    const reading = conn.read(buf);
    assert.ok(await stillWaiting(reading));
    await conn.write('x');
    const error = await failure(reading);
    assert.equal(
      error.message,
      `read udp ${String(conn.localAddr)}->${address}: read: connection refused`,
    );
    assert.equal(error.code, 'ECONNREFUSED');
    await conn.write('y'); // told: it is as good as before
    await conn.readable();
    assert.match(
      thrown(() => conn.tryWrite(buf, 0, 1)).message,
      new RegExp(`^write udp .*->${address}: write: connection refused$`),
    );
  });

  test('say whom a datagram was for', async () => {
    await using conn = await listenPacket('udp4', LOOPBACK);
    const at = String(conn.localAddr);
    const target = new UDPAddr('127.0.0.1', 9);
    const tooLong = await failure(conn.writeTo(new Uint8Array(70_000), target));
    assert.equal(tooLong.message, `write udp4 ${at}->127.0.0.1:9: sendto: message too long`);
    assert.equal((tooLong as OpError).addr, target);
    assert.equal((tooLong as OpError).port, 9);
    const unknown = { level: SOL_IP, type: 0x7fff, data: new Uint8Array(0) };
    const control = encodeControlMessages([unknown]);
    const unsent = await failure(conn.writeMsg(buf, control, target));
    assert.equal(unsent.message, `write udp4 ${at}->127.0.0.1:9: sendmsg: invalid argument`);
    const noPeer = await failure(conn.write('x'));
    assert.equal(noPeer.message, `write udp4 ${at}: write: destination address required`);
    const wrong = await failure(conn.writeTo('x', new IPAddr('127.0.0.1') as never));
    assert.equal(wrong.message, `write udp4 ${at}->127.0.0.1: invalid argument`);
    await assert.rejects(conn.writeTo('x', '127.0.0.1:9' as never), {
      name: 'TypeError',
      message: 'writeTo: addr must be a UDPAddr',
    });
    await assert.rejects(conn.writeTo(1 as never, target), TypeError);
    await assert.rejects(conn.readFrom('x' as never), /readFrom: buf must be a Uint8Array/);
    await assert.rejects(conn.readMsg(['x'] as never), /readMsg: buf must be a Uint8Array, or an/);
    await assert.rejects(conn.readMsg(buf, 'x' as never), /readMsg: oob must be/);
  });

  test('of writing with an address to a connection that has a peer', async () => {
    await using conn = await dial('udp', '127.0.0.1:9');
    const error = await failure(conn.writeTo('x', conn.remoteAddr));
    assert.equal(error.cause, ErrWriteToConnected);
    assert.throws(() => conn.tryWriteTo(buf, conn.remoteAddr), { cause: ErrWriteToConnected });
  });
});

/** What a PacketConn of any kind does; after golang.org/x/net/nettest. */
suite('deadlines, closing, many at once', () => {
  const LONG_AGO = new Date(1000);

  test('a deadline wakes, is sticky, and can be moved', async () => {
    await using conn = await listenPacket('udp', LOOPBACK);
    const waiting = [conn.readFrom(buf), conn.readMsg(buf), conn.readable()];
    conn.setReadDeadline(Date.now() + 5);
    for (const error of await failures(...waiting)) {
      assert.equal(error.cause, ErrDeadlineExceeded);
      assert.match(error.message, /^read udp 127\.0\.0\.1:\d+: i\/o timeout$/);
    }
    await assert.rejects(conn.readFrom(buf), { timeout: true });
    conn.setDeadline(LONG_AGO);
    await assert.rejects(conn.writeTo('x', conn.localAddr), { cause: ErrDeadlineExceeded });
    conn.setDeadline(null);
    await conn.writeTo('x', conn.localAddr);
    assert.equal((await conn.readFrom(buf)).size, 1);
  });

  test('close wakes everybody, and is told to who comes later', async () => {
    const conn: PacketConn = await listenPacket('udp', LOOPBACK);
    const before = openSockets();
    const waiting = [conn.readFrom(buf), conn.readFrom(buf), conn.readable()];
    conn.close();
    assert.equal(openSockets(), before - 1);
    for (const error of await failures(...waiting)) assert.equal(error.cause, ErrClosed);
    const { localAddr } = conn;
    const late = [conn.readFrom(buf), conn.writeTo('x', localAddr), conn.writable()];
    for (const error of await failures(...late)) assert.equal(error.cause, ErrClosed);
    for (const act of [
      () => conn.close(),
      () => conn.tryReadFrom(buf),
      () => conn.tryWriteTo(buf, localAddr),
      () => conn.setDeadline(null),
    ]) {
      assert.equal(thrown(act).cause, ErrClosed);
    }
  });

  test('reads are served in their order, and nobody is faster', async () => {
    const { server, client } = await pair();
    const bufs = Array.from({ length: 5 }, () => new Uint8Array(1));
    const reads = bufs.map((each) => server.readFrom(each));
    assert.equal(server.tryReadFrom(buf), undefined);
    for (let i = 0; i < 5; i++) await client.write(Uint8Array.of(i));
    await Promise.all(reads);
    assert.deepEqual(
      bufs.map(([byte]) => byte),
      [0, 1, 2, 3, 4],
    );
    server.close();
    client.close();
  });

  test('many writers and readers lose nothing', async () => {
    await using server = await listenPacket('udp', LOOPBACK);
    const seen = new Set<string>();
    const readers = Array.from({ length: 4 }, async () => {
      const own = new Uint8Array(64);
      for (;;) {
        const { size, addr } = await server.readFrom(own);
        seen.add(`${String(addr)} ${Buffer.from(own.subarray(0, size)).toString()}`);
        await server.writeTo(own.subarray(0, size), addr);
      }
    });
    const clients = Array.from({ length: 8 }, async (_, n) => {
      await using client = await dial('udp', String(server.localAddr));
      const own = new Uint8Array(64);
      for (let i = 0; i < 50; i++) {
        await client.write(`${n} ${i}`);
        const size = await client.read(own);
        assert.equal(Buffer.from(own.subarray(0, size!)).toString(), `${n} ${i}`);
      }
    });
    await Promise.all(clients);
    assert.equal(seen.size, 400);
    server.close();
    for (const error of await failures(...readers)) assert.equal(error.cause, ErrClosed);
  });

  test('a full socket waits for room', async () => {
    const { server, client } = await pair();
    client.setWriteBuffer(1);
    const data = new Uint8Array(1200);
    for (let i = 0; i < 50; i++) {
      await client.write(data);
      assert.equal((await server.readFrom(buf)).size, 1200);
    }
    server.close();
    client.close();
  });

  test('dialling late or not at all', async () => {
    const late = await failure(dial('udp', '127.0.0.1:9', { timeout: -1 }));
    assert.equal(late.message, 'dial udp 127.0.0.1:9: i/o timeout');
    const gone = await failure(dial('udp', '127.0.0.1:9', { signal: AbortSignal.abort() }));
    assert.equal(gone.message, 'dial udp 127.0.0.1:9: operation was canceled');
    const empty = await failure(dial('udp', ''));
    assert.equal(empty.message, 'dial udp: missing address');
    assert.ok(!(late.cause instanceof SyscallError));
  });
});
