/**
 * Network interfaces: in namespaces made for it (programs/interfaces.ts), on this machine, and
 * with a kernel that fails. What Go does with each error is in net/interface.go and
 * syscall/netlink_linux.go.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  Interface,
  interfaceAddrs,
  interfaceByIndex,
  interfaceByName,
  InterfaceError,
  InterfaceFlags,
  interfaces,
  OpError,
  Stack,
  SyscallError,
} from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import {
  EACCES,
  EADDRINUSE,
  EAFNOSUPPORT,
  EAGAIN,
  EINTR,
  EMFILE,
  ENFILE,
  ENOBUFS,
  ENOMEM,
} from '../../src/syscall/errno.ts';
import { encodeNetlinkMessage } from '../../src/syscall/netlink-message.ts';
import { NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR } from '../../src/syscall/netlink.ts';
import { encodeSockaddr } from '../../src/syscall/sockaddr.ts';
import { AF_NETLINK } from '../../src/syscall/socket.ts';
import { unshared } from '../namespace.ts';
import { noIPv6, openSockets } from './machine.ts';
import { Program } from './programs/program.ts';
import { failure, thrown } from './settling.ts';
import { Instead, real, wrapped } from './wrapped-system.ts';

const namespace = unshared(['-n', '-rn'], 'ip', 'link', 'set', 'lo', 'up');
const skip = namespace === null ? 'no network namespace can be made (unshare -n, ip)' : noIPv6;

/** What a scene of the program prints, which must end well. */
async function run(scene: string): Promise<unknown> {
  const program = new Program('interfaces', [scene], { under: namespace! });
  const printed = await program.next();
  assert.deepEqual(await program.ended, { status: 0, signal: null, stderr: '' });
  return printed;
}

suite('interfaces of a namespace', { skip }, () => {
  test('of every kind, as ip and Node see them', async (t) => {
    const { without } = (await run('kinds')) as { without: string[] };
    if (without.length > 0) t.diagnostic(`this kernel cannot make: ${without.join(', ')}`);
  });

  test('tables that take many reads', async () => assert.equal(await run('many'), 'compared'));
  test('one that is gone, and one with a new name', async () =>
    assert.equal(await run('gone'), 'gone'));
  test('zones of addresses', async () => assert.equal(await run('zones'), 'resolved'));
  test('changes are told in order', async () => void (await run('watch')));
  test('more changes than are kept', async () => assert.equal(await run('overflow'), 'survived'));
  test('a watcher without reference', async () => assert.equal(await run('unref'), 'at the end'));
});

/** Every call of the API, each of which asks at least once. */
const CALLS: Readonly<Record<string, (stack: Stack) => unknown>> = {
  interfaces: (stack) => stack.interfaces(),
  interfaceByName: (stack) => stack.interfaceByName('lo'),
  interfaceByIndex: (stack) => stack.interfaceByIndex(1),
  interfaceAddrs: (stack) => stack.interfaceAddrs(),
  addrs: (stack) => new Interface(stack.system, LO).addrs(),
};

const LO = { index: 1, name: 'lo', mtu: 65_536, flags: 9, hardwareAddr: new Uint8Array(0) };

const MISTAKES: readonly (readonly [call: keyof Kernel, errno: number, text: string])[] = [
  ['socket', EMFILE, 'too many open files'],
  ['socket', ENFILE, 'too many open files in system'],
  ['socket', EAFNOSUPPORT, 'address family not supported by protocol'],
  ['bind', EADDRINUSE, 'address already in use'],
  ['sendto', EACCES, 'permission denied'],
  ['getsockname', ENOBUFS, 'no buffer space available'],
  ['recvfrom', ENOBUFS, 'no buffer space available'],
  ['recvfrom', ENOMEM, 'cannot allocate memory'],
  ['recvfrom', EAGAIN, 'resource temporarily unavailable'],
];

/** A stack on which the next call of this name gives `results`, one after the other. */
function failing(call: keyof Kernel, ...results: number[]): { stack: Stack; instead: Instead } {
  const instead = new Instead(...results);
  const replaced = (...args: never[]): number =>
    instead.or(() => (real[call] as (...given: never[]) => number)(...args));
  return { stack: new Stack(wrapped({ [call]: replaced } as Partial<Kernel>)), instead };
}

/** A stack whose kernel's next answers are these messages instead, each a datagram. */
function answering(...answers: readonly Uint8Array[]): Stack {
  const left = [...answers];
  const recvfrom: Kernel['recvfrom'] = (fd, buf, size, flags, addr, addrlen) => {
    const count = real.recvfrom(fd, buf, size, flags, addr, addrlen);
    const answer = left.shift();
    if (answer === undefined) return count;
    buf!.set(answer);
    return answer.length;
  };
  return new Stack(wrapped({ recvfrom }));
}

/** A stack on which what was received is changed. */
function altering(alter: (buf: Uint8Array) => void): Stack {
  const recvfrom: Kernel['recvfrom'] = (fd, buf, size, flags, addr, addrlen) => {
    const count = real.recvfrom(fd, buf, size, flags, addr, addrlen);
    alter(buf!);
    return count;
  };
  return new Stack(wrapped({ recvfrom }));
}

function message(type: number, payload: Uint8Array, seq = 1): Uint8Array {
  return encodeNetlinkMessage({ type, payload, seq, pid: process.pid });
}

function int32(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}

function assertInvalid(stack: Stack, name = 'netlinkrib'): void {
  const error = thrown(() => stack.interfaces());
  assert.equal(error.message, `route ip+net: ${name}: invalid argument`);
  assert.equal(error.code, 'EINVAL');
}

suite('interfaces of a kernel that fails', () => {
  for (const [call, errno, text] of MISTAKES) {
    test(`${call}: ${text}`, () => {
      for (const [name, use] of Object.entries(CALLS)) {
        const before = openSockets();
        const { stack, instead } = failing(call, -errno);
        const error = thrown(() => use(stack));
        assert.ok(error instanceof OpError && error.cause instanceof SyscallError, name);
        assert.equal(error.message, `route ip+net: netlinkrib: ${text}`);
        assert.equal(error.temporary, [EMFILE, ENFILE, EAGAIN].includes(errno));
        assert.ok(instead.usedUp);
        assert.equal(openSockets(), before, 'nothing is left open');
        use(stack);
      }
    });
  }

  test('the second question of interfaceAddrs fails', () => {
    const before = openSockets();
    let sockets = 0;
    const socket: Kernel['socket'] = (...args) =>
      ++sockets === 2 ? -EMFILE : real.socket(...args);
    const error = thrown(() => new Stack(wrapped({ socket })).interfaceAddrs());
    assert.equal(error.message, 'route ip+net: netlinkrib: too many open files');
    assert.equal(openSockets(), before);
  });

  test('a signal while receiving', () => {
    const { stack, instead } = failing('recvfrom', -EINTR, -EINTR);
    assert.deepEqual(stack.interfaces().map(String), interfaces().map(String));
    assert.ok(instead.usedUp);
  });

  test('a table that changes meanwhile is asked for again, a bounded number of times', () => {
    const before = openSockets();
    let interruptions = 3;
    const stack = altering((buf) => {
      const view = new DataView(buf.buffer);
      if (view.getUint16(4, true) !== NLMSG_DONE || interruptions-- <= 0) return;
      view.setUint16(6, view.getUint16(6, true) | NLM_F_DUMP_INTR, true);
    });
    assert.deepEqual(stack.interfaces().map(String), interfaces().map(String));
    assert.equal(interruptions, -1);
    interruptions = Infinity;
    const error = thrown(() => stack.interfaces());
    assert.equal(error.message, 'route ip+net: netlinkrib: interrupted system call');
    assert.ok(error instanceof OpError && error.temporary);
    assert.equal(openSockets(), before);
  });

  test('an answer that fills the buffer is asked for again with a larger one', () => {
    const before = openSockets();
    const rooms: number[] = [];
    const recvfrom: Kernel['recvfrom'] = (fd, buf, size, flags, addr, addrlen) => {
      const count = real.recvfrom(fd, buf, size, flags, addr, addrlen);
      if (rooms.at(-1) !== size) rooms.push(size);
      return size < 1 << 20 ? size : count;
    };
    const stack = new Stack(wrapped({ recvfrom }));
    assert.deepEqual(stack.interfaces().map(String), interfaces().map(String));
    assert.deepEqual(rooms, [4096, 65_536, 1_048_576]);
    assert.equal(openSockets(), before);
  });

  test('what others send is not for us', () => {
    const stranger = encodeSockaddr({ family: AF_NETLINK, pid: 77 });
    const ending = message(NLMSG_DONE, int32(0));
    let sent = 0;
    const recvfrom: Kernel['recvfrom'] = (fd, buf, size, flags, addr, addrlen) => {
      if (++sent > 2) return real.recvfrom(fd, buf, size, flags, addr, addrlen);
      buf!.set(ending);
      addr!.set(stranger);
      addrlen![0] = stranger.length;
      return ending.length;
    };
    const stack = new Stack(wrapped({ recvfrom }));
    assert.deepEqual(stack.interfaces().map(String), interfaces().map(String));
    assert.ok(sent > 2);
  });

  test('the error that the kernel answers', () => {
    const refused = message(NLMSG_ERROR, Uint8Array.of(...int32(-EACCES), ...new Uint8Array(16)));
    const text = 'route ip+net: netlinkrib: permission denied';
    assert.equal(thrown(() => answering(refused).interfaces()).message, text);
    const ended = message(NLMSG_DONE, int32(-EACCES));
    assert.equal(thrown(() => answering(ended).interfaces()).message, text);
    assertInvalid(answering(message(NLMSG_ERROR, new Uint8Array(20)))); // an acknowledgement
  });

  test('answers that are none', () => {
    const before = openSockets();
    assertInvalid(answering(new Uint8Array(0)));
    assertInvalid(answering(new Uint8Array(7)));
    assertInvalid(answering(message(NLMSG_DONE, int32(0), 2)));
    assertInvalid(answering(encodeNetlinkMessage({ type: NLMSG_DONE, seq: 1, pid: 0 })));
    assertInvalid(answering(message(NLMSG_DONE, int32(0)).subarray(0, 18)));
    assertInvalid(answering(message(NLMSG_ERROR, int32(0))));
    const link = message(16, new Uint8Array(8));
    assertInvalid(answering(link, message(NLMSG_DONE, int32(0))), 'parsenetlinkrouteattr');
    assert.equal(openSockets(), before);
  });
});

suite('interfaces by name and index', () => {
  test('those that cannot be', () => {
    const cases: [() => unknown, string, string][] = [
      [() => interfaceByName(''), 'invalid network interface name', 'ERR_INVALID_INTERFACE'],
      [() => interfaceByName('nosuch0'), 'no such network interface', 'ERR_NO_SUCH_INTERFACE'],
      [() => interfaceByName('lo\0'), 'no such network interface', 'ERR_NO_SUCH_INTERFACE'],
      [() => interfaceByIndex(2 ** 40), 'no such network interface', 'ERR_NO_SUCH_INTERFACE'],
    ];
    for (const index of [0, -1, 1.5, Number.NaN, Infinity]) {
      const text = 'invalid network interface index';
      cases.push([() => interfaceByIndex(index), text, 'ERR_INVALID_INTERFACE']);
    }
    for (const [call, text, code] of cases) {
      const error = thrown(call);
      assert.equal(error.message, `route ip+net: ${text}`);
      assert.equal(error.code, code);
      assert.ok(error instanceof OpError && error.cause instanceof InterfaceError);
      assert.deepEqual([error.op, error.net, error.timeout], ['route', 'ip+net', false]);
    }
    for (const wrong of [undefined, null, 5, {}, []] as never[]) {
      const { message: text } = thrown(() => interfaceByName(wrong));
      assert.equal(text, 'interfaceByName: name must be a string');
    }
    for (const wrong of [undefined, null, '1', {}, 1n] as never[]) {
      const error = thrown(() => interfaceByIndex(wrong));
      assert.equal(error.message, 'interfaceByIndex: index must be a number');
      assert.ok(error instanceof TypeError);
    }
  });

  test('nothing stays open', () => {
    const before = openSockets();
    for (let i = 0; i < 100; i++) {
      for (const each of interfaces()) each.multicastAddrs();
      interfaceAddrs();
      thrown(() => interfaceByName('nosuch0'));
    }
    assert.equal(openSockets(), before);
  });

  test('the text of flags', () => {
    const texts = {
      0x1: 'up',
      0x10049: 'up|loopback|running',
      0x1043: 'up|broadcast|multicast|running',
    };
    for (const [bits, text] of Object.entries(texts)) {
      assert.equal(String(new InterfaceFlags(Number(bits))), text);
    }
    assert.equal(String(new InterfaceFlags(0x10 | 0x80)), 'pointtopoint');
    assert.equal(String(new InterfaceFlags(0)), '0');
  });
});

suite('watching with a kernel that fails', () => {
  test('no socket, no groups, no poller', () => {
    const before = openSockets();
    for (const call of ['socket', 'bind', 'epoll_create1', 'epoll_ctl'] as const) {
      const text = `route ip+net: ${call}: too many open files`;
      const { stack, instead } = failing(call, -EMFILE);
      assert.equal(thrown(() => stack.watchInterfaces()).message, text);
      assert.ok(instead.usedUp);
      assert.equal(openSockets(), before, call);
    }
  });

  test('a read that fails, and lost changes, in order', async () => {
    const { stack } = failing('recvfrom', -ENOMEM, -ENOBUFS, -ENOBUFS, -EINTR, -EAGAIN);
    await using watcher = stack.watchInterfaces();
    const error = await failure(watcher.next());
    assert.equal(error.message, 'route ip+net: recvfrom: cannot allocate memory');
    assert.deepEqual(await watcher.next(), { value: { kind: 'resync' }, done: false });
    watcher.close();
    assert.deepEqual(await watcher.next(), { value: undefined, done: true });
    const closed = thrown(() => watcher.close());
    assert.equal(closed.message, 'route ip+net: use of closed network connection');
  });

  test('what is thrown away is bounded, and its failure does not hide what was lost', async () => {
    let calls = 0;
    const endless = new Stack(wrapped({ recvfrom: () => (calls++, -ENOBUFS) }));
    await using watcher = endless.watchInterfaces();
    assert.deepEqual(await watcher.next(), { value: { kind: 'resync' }, done: false });
    assert.ok(calls < 10_000);
    const { stack } = failing('recvfrom', -ENOBUFS, -ENOMEM);
    await using other = stack.watchInterfaces();
    assert.match((await failure(other.next())).message, /recvfrom: cannot allocate memory$/);
    assert.deepEqual(await other.next(), { value: { kind: 'resync' }, done: false });
  });

  test('a datagram that is too long or malformed', async () => {
    const truncated = failing('recvfrom', 1 << 20, -EAGAIN).stack;
    await using first = truncated.watchInterfaces();
    assert.deepEqual(await first.next(), { value: { kind: 'resync' }, done: false });
    const from = encodeSockaddr({ family: AF_NETLINK });
    let given = false;
    const recvfrom: Kernel['recvfrom'] = (_fd, buf, _size, _flags, addr, addrlen) => {
      if (given) return -EAGAIN;
      given = true;
      addr!.set(from);
      addrlen![0] = from.length;
      buf!.fill(0, 0, 20);
      return 20;
    };
    await using second = new Stack(wrapped({ recvfrom })).watchInterfaces();
    assert.deepEqual(await second.next(), { value: { kind: 'resync' }, done: false });
  });
});
