/** Raw IP and ping sockets, and groups, on the real kernel; some of it in a network of its own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { suite, test } from 'node:test';
import { dial, IPAddr, IPConn, listenPacket, OpError, UDPAddr } from '../../src/index.ts';
import { noRaw, openSockets } from './machine.ts';
import { Program } from './programs/program.ts';
import { failure, thrown } from './settling.ts';

/** An ICMP echo request for nobody, with its checksum. */
const ECHO = Uint8Array.of(8, 0, 0xf7, 0xfe, 0, 1, 0, 0);

const SET_UP =
  'ip link set lo up && ip link set lo multicast on && ip link add d0 type veth peer name d1 && ' +
  'ip addr add 10.9.9.1/24 dev d0 && ip -6 addr add fd00::1/64 dev d0 nodad && ip link set d1 up && ip link set d0 up';

/** False, or why no network of our own can be made. */
function noNetwork(): string | false {
  const { status } = spawnSync('unshare', ['-n', 'sh', '-c', SET_UP], { stdio: 'ignore' });
  return status === 0 ? false : 'no network namespace with interfaces can be made';
}

suite('raw IP', { skip: noRaw() }, () => {
  test('readFrom takes the header away, readMsg and read do not', async () => {
    await using conn = await listenPacket('ip4:icmp', '127.0.0.1');
    assert.ok(conn instanceof IPConn);
    assert.equal(String(conn.localAddr), '127.0.0.1');
    const target = new IPAddr('127.0.0.1');
    const buf = new Uint8Array(128);
    // The request and the reply arrive, and what else others ping.
    const next = async (read: () => Promise<number>): Promise<number> => {
      await conn.writeTo(ECHO, target);
      return read();
    };
    const size = await next(async () => {
      const received = await conn.readFrom(buf);
      assert.ok(received.addr.equals(target));
      return received.size;
    });
    assert.deepEqual([size, buf[0]], [8, 8]);
    const whole = await next(async () => (await conn.readMsg(buf)).size);
    assert.deepEqual([whole, buf[0]], [28, 0x45]);
    assert.deepEqual([await next(async () => (await conn.read(buf))!), buf[0]], [28, 0x45]);
    // Too small for a header, the packet stays as it is.
    const small = buf.subarray(0, 10);
    assert.equal(await next(async () => (await conn.readFrom(small)).size), 10);
    assert.equal(small[0], 0x45);
  });

  test('names and numbers of protocols; with a peer', async () => {
    const before = openSockets();
    await using conn = await dial('ip4:253', '127.0.0.1', { localAddr: new IPAddr('127.0.0.3') });
    await using server = await listenPacket('ip:253', '127.0.0.1');
    assert.equal(String(conn.localAddr), '127.0.0.3');
    assert.equal(String(conn.remoteAddr), '127.0.0.1');
    assert.equal(await conn.write('payload'), 7);
    const buf = new Uint8Array(64);
    const { size, addr } = await server.readFrom(buf);
    assert.equal(Buffer.from(buf.subarray(0, size)).toString(), 'payload');
    assert.equal(String(addr), '127.0.0.3');
    for (const [network, message] of [
      [
        'ip4:nosuchproto',
        'listen ip4:nosuchproto: address nosuchproto: unknown IP protocol specified',
      ],
      ['ip4', 'listen ip4: unknown network ip4'],
      ['ip', 'listen ip: unknown network ip'],
    ] as const) {
      assert.equal((await failure(listenPacket(network, '127.0.0.1'))).message, message);
    }
    const error = await failure(listenPacket('ip6:58', '127.0.0.1'));
    assert.match(error.message, /address 127.0.0.1: no suitable address found$/);
    assert.equal(openSockets(), before + 2);
  });

  test('errors say whom a packet was for', async () => {
    await using conn = await listenPacket('ip4:253', '127.0.0.1');
    const target = new IPAddr('::1');
    const error = await failure(conn.writeTo('x', target));
    assert.equal(error.message, 'write ip4 127.0.0.1->::1: address ::1: non-IPv4 address');
    assert.equal((error as OpError).addr, target);
    const wrong = thrown(() => conn.tryWriteTo(ECHO, new UDPAddr('127.0.0.1', 1) as never));
    assert.equal(wrong.message, 'write ip4 127.0.0.1->127.0.0.1:1: invalid argument');
  });

  test('without the privilege it is said plainly', async () => {
    const program = new Program('unprivileged', [], {
      before: 'exec setpriv --reuid=65534 --clear-groups --bounding-set=-all "$@"; :',
    });
    assert.deepEqual(await program.next(), {
      message: 'listen ip4:icmp 127.0.0.1: socket: operation not permitted',
      code: 'EPERM',
    });
    await program.ended;
  });
});

suite('in a network of its own', { skip: noNetwork() }, () => {
  test('ping sockets and groups', async () => {
    const before = `exec unshare -n sh -c '${SET_UP} && exec "$@"' sh "$@"; :`;
    const program = new Program('packets', [], { before });
    const results = await program.next<Record<string, unknown>>();
    assert.deepEqual(results, {
      pings: {
        forbidden:
          'listen ping4 : socket: permission denied (a group of this process must be in ' +
          'net.ipv4.ping_group_range)',
        reply: [8, 0, 1, '127.0.0.1'],
        reply6: [8, 129, 1, '::1'],
        range: ['0', '0'],
      },
      groups: {
        received: [['to the group', '10.9.9.1'], ['to the group', '10.9.9.1'], 'heard', 'joined'],
        local: '0.0.0.0:17002',
        twice: 'set udp4 0.0.0.0:17002: setsockopt: cannot assign requested address',
      },
      groups6: {
        text: 'six',
        from: 'fd00::1',
        missing: 'OpError: listen udp6 [ff05::99]:17003: ioctl: no such device',
        noGroup: 'OpError: listen udp4 10.1.1.1:1: bind: cannot assign requested address',
      },
    });
    await program.ended;
  });
});
