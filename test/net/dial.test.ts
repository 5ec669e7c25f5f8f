/**
 * Connecting: which addresses are tried, in which order and for how long; the local address; control;
 * that giving up leaves nothing behind. Time passes by hand where it matters.
 */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { suite, test } from 'node:test';
import {
  CancelError,
  dial,
  Dialer,
  DNSError,
  listen,
  Stack,
  TCPAddr,
  UnixAddr,
} from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { System } from '../../src/kernel/system.ts';
import { linux } from '../../src/kernel/linux.ts';
import {
  EADDRNOTAVAIL,
  EALREADY,
  EBADF,
  ECONNREFUSED,
  EINPROGRESS,
  EINTR,
} from '../../src/syscall/errno.ts';
import { F_GETFD } from '../../src/syscall/fcntl.ts';
import { IP_TTL, SOL_IP } from '../../src/syscall/inet.ts';
import { encodeSockaddr } from '../../src/syscall/sockaddr.ts';
import { AF_INET, AF_INET6 } from '../../src/syscall/socket.ts';
import { abstractName } from './creators.ts';
import { noIPv6, openDescriptors } from './machine.ts';
import { ManualClock } from './manual-clock.ts';
import { failure, rootOf, stillWaiting } from './settling.ts';
import { roundTrip } from './traffic.ts';
import {
  boundPort,
  getInt,
  Instead,
  real,
  setInt,
  sockaddrOf,
  withHosts,
  wrapped,
} from './wrapped-system.ts';

/** No name is in this file. */
const NO_HOSTS = '/dev/null';

/** A system where connecting to these hosts never comes to an end; notes who is tried. */
function withBlackHoles(
  hosts: readonly string[],
  lookup: readonly string[],
  rest: Partial<System> = {},
): { system: System; tried: string[] } {
  const tried: string[] = [];
  const connect: Kernel['connect'] = (fd, addr, addrlen) => {
    const sockaddr = sockaddrOf(addr, addrlen);
    const bytes = 'addr' in sockaddr ? sockaddr.addr : new Uint8Array(4);
    const host = TCPAddr.fromBytes(bytes, 0).ip;
    tried.push(host);
    return hosts.includes(host) ? -EINPROGRESS : real.connect(fd, addr, addrlen);
  };
  const base = withHosts(NO_HOSTS, async () => [...lookup]);
  return { system: { ...base, ...rest, kernel: { ...base.kernel, connect } }, tried };
}

/** A listener whose queue is full, so that the kernel answers no more connections. */
async function fullBacklog(): Promise<{ address: string; close: () => void }> {
  const listener = await listen('tcp', '127.0.0.1:0', { backlog: 0 });
  const address = String(listener.addr);
  const inside = await dial('tcp', address);
  return {
    address,
    close() {
      inside.close();
      listener.close();
    },
  };
}

suite('addresses', () => {
  test('no host is this machine', async () => {
    await using listener = await listen('tcp', '127.0.0.1:0');
    const [client, server] = await Promise.all([
      dial('tcp', `:${listener.addr.port}`),
      listener.accept(),
    ]);
    assert.equal(String(client.remoteAddr), String(listener.addr), 'the address is the true one');
    client.close();
    server.close();
  });

  test('a name: the families of the network, then the text of a failure', async () => {
    const { system, tried } = withBlackHoles([], ['::1', '127.0.0.1', 'rubbish', '127.0.0.2']);
    const refusing: System = {
      ...system,
      kernel: {
        ...system.kernel,
        connect: (fd, addr, length) => {
          system.kernel.connect(fd, addr, length);
          return -ECONNREFUSED;
        },
      },
    };
    for (const [network, expected] of [
      ['tcp4', ['127.0.0.1', '127.0.0.2']],
      ['tcp6', ['::1']],
      ['tcp', ['::1', '127.0.0.1', '127.0.0.2']],
    ] as const) {
      tried.length = 0;
      const error = await failure(new Stack(refusing).dial(network, 'name.test:9'));
      assert.deepEqual(tried, expected);
      const first = new TCPAddr(expected[0], 9);
      assert.equal(error.message, `dial ${network} ${String(first)}: connect: connection refused`);
    }
  });

  test('a lookup that fails, or gives nothing of use', async () => {
    const fail =
      (error: object): (() => Promise<never>) =>
      () =>
        Promise.reject(error);
    for (const [lookup, text, code, timeout, temporary] of [
      [fail({ code: 'ENOTFOUND' }), 'lookup a.test: no such host', 'ENOTFOUND', false, false],
      [fail({ code: 'EAI_AGAIN' }), 'lookup a.test: server misbehaving', 'EAI_AGAIN', false, true],
      [fail(new Error('?')), 'lookup a.test: server misbehaving', 'EAI_AGAIN', false, true],
      [fail({ timeout: true }), 'lookup a.test: i/o timeout', 'EAI_AGAIN', true, true],
    ] as const) {
      const error = await failure(new Stack(withHosts(NO_HOSTS, lookup)).dial('tcp', 'a.test:1'));
      assert.equal(error.message, `dial tcp: ${text}`);
      assert.ok(error.cause instanceof DNSError);
      assert.deepEqual(
        [error.code, error.cause.timeout, error.cause.temporary],
        [code, timeout, temporary],
      );
    }
    const nothing = new Stack(withHosts(NO_HOSTS, async () => ['rubbish']));
    const error = await failure(nothing.dial('tcp', 'a.test:1'));
    assert.equal(error.message, 'dial tcp: lookup a.test: no such host');
  });

  test('the local address: what the peer sees; what does not fit is refused without a socket', async () => {
    await using listener = await listen('tcp', '127.0.0.1:0');
    const address = String(listener.addr);
    const [client, server] = await Promise.all([
      dial('tcp', address, { localAddr: new TCPAddr('127.0.0.2', 0) }),
      listener.accept(),
    ]);
    assert.equal(server.remoteAddr.ip, '127.0.0.2');
    assert.equal(String(client.localAddr), String(server.remoteAddr));
    client.close();
    server.close();
    const before = openDescriptors();
    const six = await failure(dial('tcp', address, { localAddr: new TCPAddr('::1', 0) }));
    assert.equal(six.message, `dial tcp: address ${address}: no suitable address found`);
    const unix = new UnixAddr(abstractName());
    const mismatch = await failure(dial('tcp', address, { localAddr: unix }));
    assert.equal(mismatch.message, `dial tcp: address ${unix.name}: mismatched local address type`);
    const tcp = await failure(dial('unix', unix.name, { localAddr: new TCPAddr('', 0) }));
    assert.match(tcp.message, /address :0: mismatched local address type$/);
    const foreign = await failure(
      dial('tcp', address, { localAddr: new TCPAddr('203.0.113.1', 0) }),
    );
    const where = `dial tcp 203.0.113.1:0->${address}`;
    assert.equal(foreign.message, `${where}: bind: cannot assign requested address`);
    assert.equal(openDescriptors(), before);
  });

  test('control sees each attempt before it is bound; what it throws ends the attempt', async () => {
    await using listener = await listen('tcp', '127.0.0.1:0');
    const seen: unknown[] = [];
    const control = (network: string, address: string, fd: number, kernel: Kernel): void => {
      seen.push(network, address, boundPort(fd), setInt(kernel, fd, SOL_IP, IP_TTL, 77));
    };
    const localAddr = new TCPAddr('127.0.0.1', 0);
    const dialer = new Dialer({ control, localAddr });
    const client = await dialer.dial('tcp', String(listener.addr));
    assert.deepEqual(seen, ['tcp4', String(listener.addr), 0, 0]);
    assert.equal(getInt(client.fd.sysfd, SOL_IP, IP_TTL), 77);
    client.close();
    const before = openDescriptors();
    const mine = new Error('no');
    let sysfd = -1;
    const refuse = (_network: string, _address: string, fd: number): void => {
      sysfd = fd;
      throw mine;
    };
    const error = await failure(dial('tcp', String(listener.addr), { control: refuse }));
    assert.equal(error.cause, mine);
    assert.equal(real.fcntl(sysfd, F_GETFD, 0), -EBADF);
    const unix = await failure(dial('unix', abstractName(), { control: refuse }));
    assert.equal(unix.cause, mine);
    assert.equal(openDescriptors(), before);
  });

  test('control must not be asynchronous: the attempt fails and its socket is closed', async () => {
    await using listener = await listen('tcp', '127.0.0.1:0');
    const before = openDescriptors();
    const control = async (): Promise<void> => {
      throw new Error('too late for anybody to see');
    };
    // @ts-expect-error: what it returns is a promise
    const dialer = new Dialer({ control });
    for (const [network, address] of [
      ['tcp', String(listener.addr)],
      ['unix', abstractName()],
    ] as const) {
      const error = rootOf(await failure(dialer.dial(network, address)));
      assert.ok(error instanceof TypeError);
      assert.equal(error.message, 'dial: option control must not be asynchronous');
    }
    assert.equal(openDescriptors(), before);
  });
});

suite('two families', { skip: noIPv6 }, () => {
  test('the first is refused, the other is taken at once', async () => {
    await using listener = await listen('tcp4', '127.0.0.1:0');
    const { port } = listener.addr;
    const clock = new ManualClock();
    const { system, tried } = withBlackHoles([], ['::1', '127.0.0.1'], { clock });
    const client = await new Stack(system).dial('tcp', `both.test:${port}`);
    assert.deepEqual(tried, ['::1', '127.0.0.1']);
    assert.equal(client.remoteAddr.ip, '127.0.0.1');
    assert.deepEqual(clock.pending, [], 'no timer is left');
    client.close();
    const none = await failure(new Stack(system).dial('tcp', 'both.test:1'));
    assert.equal(none.message, 'dial tcp [::1]:1: connect: connection refused', 'the first counts');
  });

  test('the first does not answer: the other starts after the delay, and the loser is closed', async () => {
    await using listener = await listen('tcp', ':0');
    const clock = new ManualClock();
    const { system, tried } = withBlackHoles(['::1'], ['::1', '127.0.0.1', '::1'], { clock });
    const stack = new Stack(system);
    const [warm] = await Promise.all([
      stack.dial('tcp', `127.0.0.1:${listener.addr.port}`),
      listener.accept().then((conn) => conn.close()),
    ]);
    warm.close();
    for (const [fallbackDelay, delay] of [
      [undefined, 300],
      [0, 300],
      [20, 20],
    ] as const) {
      tried.length = 0;
      const before = openDescriptors();
      const dialling = stack.dial('tcp', `both.test:${listener.addr.port}`, { fallbackDelay });
      assert.ok(await stillWaiting(dialling));
      assert.deepEqual(clock.pending, [delay]);
      clock.advance(delay - 1);
      assert.ok(await stillWaiting(dialling));
      assert.deepEqual(tried, ['::1']);
      clock.advance(1);
      const client = await dialling;
      assert.deepEqual(tried, ['::1', '127.0.0.1']);
      const server = await listener.accept();
      assert.equal(openDescriptors(), before + 2, 'the loser is closed when the winner is known');
      await roundTrip(client, server);
      client.close();
      server.close();
      assert.equal(openDescriptors(), before);
      assert.deepEqual(clock.pending, []);
    }
  });

  test('a negative delay: one after the other, each with its share of the time', async () => {
    await using listener = await listen('tcp4', '127.0.0.1:0');
    const clock = new ManualClock();
    const { system, tried } = withBlackHoles(
      ['::1', '127.0.0.9'],
      ['::1', '127.0.0.9', '127.0.0.1'],
      { clock },
    );
    const dialling = new Stack(system).dial('tcp', `three.test:${listener.addr.port}`, {
      fallbackDelay: -1,
      timeout: 9000,
    });
    assert.ok(await stillWaiting(dialling));
    assert.deepEqual(clock.pending, [3000], 'a third');
    clock.advance(3000);
    assert.ok(await stillWaiting(dialling));
    assert.deepEqual(clock.pending, [3000], 'half of what is left');
    clock.advance(3000);
    const client = await dialling;
    assert.deepEqual(tried, ['::1', '127.0.0.9', '127.0.0.1']);
    assert.deepEqual(clock.pending, []);
    client.close();
  });

  test('no share is below two seconds while there is as much', async () => {
    const clock = new ManualClock();
    const hosts = ['127.0.0.7', '127.0.0.8', '127.0.0.9'];
    const { system, tried } = withBlackHoles(hosts, hosts, { clock });
    const before = openDescriptors();
    const dialling = new Stack(system).dial('tcp', 'three.test:1', { timeout: 3000 });
    assert.ok(await stillWaiting(dialling));
    assert.deepEqual(clock.pending, [2000]);
    clock.advance(2000);
    assert.ok(await stillWaiting(dialling));
    assert.deepEqual(clock.pending, [1000]);
    clock.advance(1000);
    const error = await failure(dialling);
    assert.equal(error.message, 'dial tcp 127.0.0.7:1: i/o timeout');
    assert.deepEqual(tried, hosts.slice(0, 2));
    assert.equal(openDescriptors(), before + 1, 'the poller of this System is all that is new');
  });

  test('giving up while both are tried', async () => {
    const clock = new ManualClock();
    const { system } = withBlackHoles(['::1', '127.0.0.1'], ['::1', '127.0.0.1'], { clock });
    const stack = new Stack(system);
    const giveUp = new AbortController();
    const dialling = stack.dial('tcp', 'both.test:1', { signal: giveUp.signal });
    assert.ok(await stillWaiting(dialling));
    clock.advance(300);
    assert.ok(await stillWaiting(dialling));
    const before = openDescriptors();
    giveUp.abort();
    const error = await failure(dialling);
    assert.equal(error.message, 'dial tcp [::1]:1: operation was canceled');
    assert.equal(openDescriptors(), before - 2);
    assert.deepEqual(clock.pending, []);
    assert.deepEqual(getEventListeners(giveUp.signal, 'abort'), []);
  });
});

suite('giving up', () => {
  test('a timeout, a deadline and a signal while the kernel gets no answer', async () => {
    const full = await fullBacklog();
    const before = openDescriptors();
    const late = await failure(dial('tcp', full.address, { timeout: 5 }));
    const alsoLate = await failure(
      dial('tcp', full.address, { deadline: new Date(Date.now() + 5) }),
    );
    for (const error of [late, alsoLate]) {
      assert.equal(error.message, `dial tcp ${full.address}: i/o timeout`);
      assert.ok(error.cause instanceof CancelError);
      assert.equal(error.cause.timeout, true);
    }
    const giveUp = new AbortController();
    const dialling = dial('tcp', full.address, { signal: giveUp.signal, timeout: 3_600_000 });
    assert.ok(await stillWaiting(dialling));
    assert.equal(openDescriptors(), before + 1);
    const reason = new Error('enough');
    giveUp.abort(reason);
    const error = await failure(dialling);
    assert.equal(error.message, `dial tcp ${full.address}: operation was canceled`);
    assert.equal((error.cause as Error).cause, reason);
    assert.equal(openDescriptors(), before);
    assert.deepEqual(getEventListeners(giveUp.signal, 'abort'), []);
    full.close();
  });

  test('no time at all: no socket is made', async () => {
    const sockets = new Instead();
    const stack = new Stack(
      wrapped({ socket: (...args) => sockets.or(() => real.socket(...args)) }),
    );
    const past = [{ timeout: -1 }, { deadline: 1 }, { deadline: new Date(0), timeout: 5000 }];
    for (const options of past) {
      for (const [network, address] of [
        ['tcp', '127.0.0.1:1'],
        ['unix', '@nobody'],
      ] as const) {
        const error = await failure(stack.dial(network, address, options));
        assert.equal(error.message, `dial ${network} ${address}: i/o timeout`);
      }
    }
    assert.equal(sockets.calls, 0);
  });

  test('no limit: a timeout of 0, or a time that never comes', async () => {
    await using listener = await listen('tcp', '127.0.0.1:0');
    const never = [
      { timeout: 0 },
      { timeout: Number.POSITIVE_INFINITY },
      { deadline: null },
      { deadline: Number.POSITIVE_INFINITY },
    ];
    for (const options of never) {
      const client = await dial('tcp', String(listener.addr), options);
      (await listener.accept()).close();
      client.close();
    }
  });

  test('a connection that was made does not mind the signal any more', async () => {
    await using listener = await listen('tcp', '127.0.0.1:0');
    const giveUp = new AbortController();
    const [client, server] = await Promise.all([
      dial('tcp', String(listener.addr), { signal: giveUp.signal, timeout: 60_000 }),
      listener.accept(),
    ]);
    assert.deepEqual(getEventListeners(giveUp.signal, 'abort'), []);
    giveUp.abort();
    await roundTrip(client, server);
    client.close();
    server.close();
  });

  test('a lookup can be given up, by signal and by time', async () => {
    const clock = new ManualClock();
    const endless: System = { ...withHosts(NO_HOSTS, () => new Promise(() => {})), clock };
    const giveUp = new AbortController();
    const dialling = new Stack(endless).dial('tcp', 'a.test:1', { signal: giveUp.signal });
    const timed = new Stack(endless).dial('tcp', 'a.test:1', { timeout: 50 });
    assert.ok(await stillWaiting(dialling, timed));
    giveUp.abort();
    const error = await failure(dialling);
    assert.equal(error.message, 'dial tcp: lookup a.test: operation was canceled');
    assert.equal(error.code, 'ABORT_ERR');
    clock.advance(50);
    assert.equal((await failure(timed)).message, 'dial tcp: lookup a.test: i/o timeout');
    assert.deepEqual(clock.pending, []);
  });
});

suite('what connect answers', () => {
  test('that it is under way, in all its forms', async () => {
    await using listener = await listen('tcp', '127.0.0.1:0');
    for (const answer of [EINPROGRESS, EINTR, EALREADY]) {
      const connect: Kernel['connect'] = (fd, addr, addrlen) => {
        real.connect(fd, addr, addrlen);
        return -answer;
      };
      const [client, server] = await Promise.all([
        new Stack(wrapped({ connect })).dial('tcp', String(listener.addr)),
        listener.accept(),
      ]);
      await roundTrip(client, server);
      client.close();
      server.close();
    }
  });

  test('an address that is not to be had for a moment is tried three times', async () => {
    await using listener = await listen('tcp', '127.0.0.1:0');
    const twice = new Instead(-EADDRNOTAVAIL, -EADDRNOTAVAIL);
    const connect: Kernel['connect'] = (fd, addr, addrlen) =>
      twice.or(() => real.connect(fd, addr, addrlen));
    const client = await new Stack(wrapped({ connect })).dial('tcp', String(listener.addr));
    assert.ok(twice.usedUp);
    client.close();
    const always = wrapped({ connect: () => -EADDRNOTAVAIL });
    const error = await failure(new Stack(always).dial('tcp', String(listener.addr)));
    assert.match(error.message, /: connect: cannot assign requested address$/);
  });

  test('a socket that met itself is thrown away', async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    const { port } = listener.addr;
    listener.close(); // now nobody listens there, and the port is free
    const before = openDescriptors();
    const own = encodeSockaddr({ family: AF_INET, addr: Uint8Array.of(127, 0, 0, 1), port });
    let attempts = 0;
    const control = (_network: string, _address: string, fd: number, kernel: Kernel): void => {
      if (attempts++ === 0) assert.equal(kernel.bind(fd, own, own.length), 0);
    };
    const error = await failure(dial('tcp', `127.0.0.1:${port}`, { control }));
    assert.equal(error.message, `dial tcp 127.0.0.1:${port}: connect: connection refused`);
    assert.equal(attempts, 2);
    assert.equal(openDescriptors(), before);
  });

  test('a local port that was asked for may meet itself', async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    const { addr } = listener;
    listener.close();
    const conn = await dial('tcp', String(addr), { localAddr: addr });
    assert.equal(String(conn.localAddr), String(conn.remoteAddr));
    await roundTrip(conn, conn);
    conn.close();
  });
});

test('a socket has the family of its address', { skip: noIPv6 }, async () => {
  const families: number[] = [];
  const socket: Kernel['socket'] = (domain, type, protocol) => {
    families.push(domain);
    return linux.kernel.socket(domain, type, protocol);
  };
  const stack = new Stack(wrapped({ socket }));
  for (const [network, address] of [
    ['tcp', '127.0.0.1:1'],
    ['tcp', '[::ffff:127.0.0.1]:1'],
    ['tcp', '[::1]:1'],
  ] as const) {
    await failure(stack.dial(network, address));
  }
  assert.deepEqual(families, [AF_INET, AF_INET, AF_INET6]);
});
