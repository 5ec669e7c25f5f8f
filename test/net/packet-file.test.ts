/** Sockets of datagrams as files, and what is made of them by filePacketConn and fileConn. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  DatagramBatch,
  dial,
  ErrWriteToConnected,
  fileConn,
  fileListener,
  filePacketConn,
  IPAddr,
  IPConn,
  linux,
  listen,
  listenPacket,
  OpError,
  Stack,
  UDPConn,
  UnixConn,
} from '../../src/index.ts';
import { EPOLL_CTL_ADD } from '../../src/syscall/epoll.ts';
import { ENOSPC } from '../../src/syscall/errno.ts';
import { F_GETFL, O_CLOEXEC, O_NONBLOCK } from '../../src/syscall/fcntl.ts';
import { AF_INET, AF_NETLINK, SOCK_DGRAM, SOCK_RAW } from '../../src/syscall/socket.ts';
import { abstractName } from './creators.ts';
import { noIPv6, noRaw, openSockets } from './machine.ts';
import { failure, thrown } from './settling.ts';
import { real, wrapped } from './wrapped-system.ts';

const { kernel } = linux;
const buf = new Uint8Array(64);

function text(size: number): string {
  return Buffer.from(buf.subarray(0, size)).toString('latin1');
}

for (const [network, loopback] of [
  ['udp4', '127.0.0.1:0'],
  ['udp6', '[::1]:0'],
] as const) {
  suite(`files: ${network}`, { skip: network === 'udp6' && noIPv6 }, () => {
    for (const make of [filePacketConn, fileConn]) {
      test(`${make.name}: of a socket that is bound`, async () => {
        await using server = await listenPacket(network, loopback);
        await using client = await listenPacket(network, loopback);
        const file = server.file();
        assert.equal(file.name, `${network}:${String(server.localAddr)}->`);
        await using copy = make(file) as UDPConn;
        file.close();
        assert.ok(copy instanceof UDPConn);
        assert.deepEqual([copy.network, copy.isConnected], ['udp', false]);
        assert.ok(copy.localAddr.equals(server.localAddr));
        assert.equal(String(copy.remoteAddr), ':0');
        server.close();
        const receiving = copy.readFrom(buf);
        await client.writeTo('to the copy', copy.localAddr);
        const { size, addr } = await receiving;
        assert.equal(text(size), 'to the copy');
        assert.ok(addr.equals(client.localAddr));
        assert.equal(await copy.writeTo('back', addr), 4);
        assert.ok((await client.readFrom(buf)).addr.equals(copy.localAddr));
      });

      test(`${make.name}: of a socket that has a peer`, async () => {
        await using server = await listenPacket(network, loopback);
        await using client = await dial(network, String(server.localAddr));
        const file = client.file();
        const ends = `${String(client.localAddr)}->${String(server.localAddr)}`;
        assert.equal(file.name, `${network}:${ends}`);
        await using copy = make(file) as UDPConn;
        file.close();
        client.close();
        assert.ok(copy.isConnected);
        assert.ok(copy.remoteAddr.equals(server.localAddr));
        await copy.write('one');
        const { size, addr } = await server.readFrom(buf);
        assert.equal(text(size), 'one');
        assert.ok(addr.equals(copy.localAddr));
        await server.writeTo('two', addr);
        assert.equal(text((await copy.read(buf))!), 'two');
        assert.equal(await copy.writeMsg(Buffer.from('three')), 5);
        const error = await failure(copy.writeTo('x', addr));
        assert.equal((error as OpError).cause, ErrWriteToConnected);
      });
    }
  });
}

test('a socket that is neither bound nor connected, and blocks', async () => {
  const fd = kernel.socket(AF_INET, SOCK_DGRAM | O_CLOEXEC, 0);
  await using conn = filePacketConn(fd) as UDPConn;
  assert.equal(kernel.close(fd), 0);
  assert.equal(String(conn.localAddr), '0.0.0.0:0');
  await using server = await listenPacket('udp4', '127.0.0.1:0');
  assert.equal(conn.tryReadFrom(buf), undefined, 'it does not block');
  await conn.writeTo('x', server.localAddr);
  assert.notEqual((await server.readFrom(buf)).addr.port, 0);
});

test('datagrams in batches', async () => {
  await using server = await listenPacket('udp4', '127.0.0.1:0');
  await using client = await dial('udp4', String(server.localAddr));
  using file = server.file();
  await using copy = filePacketConn(file) as UDPConn;
  const batch = new DatagramBatch({ capacity: 4 });
  for (const word of ['a', 'b']) await client.write(word);
  assert.equal(await copy.readBatch(batch), 2);
});

test('a raw socket', { skip: noRaw() }, async () => {
  await using first = await listenPacket('ip4:253', '127.0.0.1');
  using file = first.file();
  const target = new IPAddr('127.0.0.1');
  for (const make of [filePacketConn, fileConn]) {
    await using conn = make(file) as IPConn;
    assert.ok(conn instanceof IPConn);
    assert.deepEqual([conn.network, String(conn.localAddr)], ['ip', '127.0.0.1']);
    await conn.writeTo('packet', target);
    const { size, addr } = await conn.readFrom(buf);
    assert.equal(text(size), 'packet', 'without its header');
    assert.ok(addr.equals(target));
  }
  await using peer = await dial('ip4:253', '127.0.0.1');
  using peerFile = peer.file();
  await using connected = filePacketConn(peerFile) as IPConn;
  assert.equal(String(connected.remoteAddr), '', 'which Linux does not tell');
  assert.equal(await connected.write('there is one'), 12);
});

test('unixgram: with a peer, and without', async () => {
  const name = abstractName();
  await using server = await listenPacket('unixgram', name);
  await using client = await dial('unixgram', name);
  using serverFile = server.file();
  using clientFile = client.file();
  for (const make of [filePacketConn, fileConn]) {
    await using receiver = make(serverFile) as UnixConn;
    await using sender = make(clientFile) as UnixConn;
    assert.ok(receiver instanceof UnixConn);
    assert.deepEqual([receiver.network, receiver.isConnected], ['unixgram', false]);
    assert.deepEqual([sender.network, sender.isConnected], ['unixgram', true]);
    assert.equal(String(receiver.localAddr), name);
    await sender.write('one');
    const { size, addr } = await receiver.readFrom(buf);
    assert.deepEqual([text(size), addr], ['one', null]);
  }
});

suite('what has no datagrams', () => {
  test('streams, pipes, other families', async () => {
    await using listener = await listen('unix', abstractName());
    await using tcp = await listen('tcp', '127.0.0.1:0');
    const ends = new Int32Array(2);
    assert.equal(kernel.pipe2(ends, O_CLOEXEC), 0);
    const netlink = kernel.socket(AF_NETLINK, SOCK_RAW | O_CLOEXEC, 0);
    using unixFile = listener.file();
    using tcpFile = tcp.file();
    const before = openSockets();
    for (const [fd, cause] of [
      [unixFile.fd, 'invalid argument'],
      [tcpFile.fd, 'invalid argument'],
      [netlink, 'protocol not supported'],
      [ends[0]!, 'getsockopt: socket operation on non-socket'],
    ] as const) {
      const error = thrown(() => filePacketConn(fd));
      assert.ok(error instanceof OpError);
      assert.equal(error.message, `file file+net fd ${fd}: ${cause}`);
      assert.equal(openSockets(), before);
    }
    for (const fd of [...ends, netlink]) kernel.close(fd);
    await using packets = await listenPacket('udp', '127.0.0.1:0');
    using file = packets.file();
    const error = thrown(() => fileListener(file));
    assert.equal(error.message, `file file+net ${file.name}: invalid argument`);
    const mistake = thrown(() => filePacketConn('3' as never));
    assert.match(mistake.message, /^filePacketConn: file must be a descriptor or an object/);
  });

  test('a poller that refuses: nothing is left behind', async () => {
    await using server = await listenPacket('udp4', '127.0.0.1:0');
    using file = server.file();
    let fail = false;
    const stack = new Stack(
      wrapped({
        epoll_ctl: (epfd, op, fd, event) =>
          fail && op === EPOLL_CTL_ADD ? -ENOSPC : real.epoll_ctl(epfd, op, fd, event),
      }),
    );
    stack.filePacketConn(file).close(); // opens the poller
    fail = true;
    const before = openSockets();
    for (const make of [stack.filePacketConn.bind(stack), stack.fileConn.bind(stack)]) {
      assert.equal((thrown(() => make(file)) as OpError).code, 'ENOSPC');
      assert.equal(openSockets(), before);
    }
    // The socket is the other's too, and that one is as it was.
    assert.notEqual(kernel.fcntl(file.fd, F_GETFL, 0) & O_NONBLOCK, 0);
    await server.writeTo('still there', server.localAddr);
    assert.equal(text((await server.readFrom(buf)).size), 'still there');
  });
});
