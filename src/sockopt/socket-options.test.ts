/** Options by name and by number: what fails, and how. Each option by itself is tried in test/sockopt. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { optionsOf, withSockets } from '../../test/sockopt/sockets.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { linux } from '../kernel/linux.ts';
import { EFAULT, ERANGE } from '../syscall/errno.ts';
import {
  SO_LINGER,
  SO_MARK,
  SO_RCVBUF,
  SO_REUSEADDR,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../syscall/socket.ts';
import { SOL_TCP, TCP_CONGESTION, TCP_NODELAY } from '../syscall/tcp.ts';
import { getSocketOption, setSocketOption } from './socket-option.ts';
import { SocketOptions } from './socket-options.ts';

const { kernel } = linux;

suite('properties', () => {
  test('are set and read', () => {
    withSockets('tcp', ([options]) => {
      assert.equal(options!.TCP_NODELAY, false);
      options!.TCP_NODELAY = true;
      assert.equal(options!.TCP_NODELAY, true);
      assert.equal(options!.getInt(SOL_TCP, TCP_NODELAY), 1);
    });
  });

  test('what is read-only cannot be set, nor what is write-only be read', () => {
    withSockets('tcp', ([options]) => {
      // @ts-expect-error -- and the compiler says so too
      assert.throws(() => (options!.SO_TYPE = 2), {
        name: 'TypeError',
        message: 'SO_TYPE can only be read',
      });
      assert.throws(() => options!.IP_ADD_MEMBERSHIP, {
        name: 'TypeError',
        message: 'IP_ADD_MEMBERSHIP can only be set',
      });
      // @ts-expect-error -- the type of what cannot be read has nothing in it
      assert.throws(() => options!.SO_SNDBUFFORCE + 1, { name: 'TypeError' });
    });
  });

  test('a value that is none is told by the name, and no call is made', () => {
    const options = optionsOf(-1);
    assert.throws(() => (options.SO_RCVBUF = 1.5), {
      name: 'RangeError',
      message: 'SO_RCVBUF must be an integer in -2147483648..2147483647',
    });
    assert.throws(() => (options.TCP_CONGESTION = 'a name that is too long'), {
      name: 'RangeError',
      message: 'TCP_CONGESTION must have fewer than 16 bytes, not 23',
    });
    // @ts-expect-error -- and the compiler says so too
    assert.throws(() => (options.TCP_NODELAY = 1), {
      name: 'TypeError',
      message: 'TCP_NODELAY must be true or false',
    });
  });

  test('a name that is no option cannot be set', () => {
    const options = new SocketOptions(() => assert.fail('a call')) as SocketOptions & {
      TCP_NODELY?: boolean;
    };
    assert.throws(() => (options.TCP_NODELY = true), { name: 'TypeError', message: /TCP_NODELY/ });
    assert.equal(options.TCP_NODELY, undefined);
  });

  test('a failure says which option, under the usual text', () => {
    const expected = {
      name: 'SyscallError',
      message: 'setsockopt: bad file descriptor',
      code: 'EBADF',
      syscall: 'setsockopt',
      level: SOL_SOCKET,
      optname: SO_MARK,
      option: 'SO_MARK',
    };
    assert.throws(() => (optionsOf(-1).SO_MARK = 1), expected);
    const read = { ...expected, message: 'getsockopt: bad file descriptor', syscall: 'getsockopt' };
    assert.throws(() => optionsOf(-1).SO_MARK, read);
  });

  test('are none of the object itself', () => {
    const options = optionsOf(-1);
    assert.deepEqual(Object.keys(options), []);
    assert.ok('TCP_NODELAY' in options && 'SO_ATTACH_FILTER' in options);
  });

  test('whoever gives the descriptor knows which call it is for, and its errors are the caller’s', () => {
    const calls: string[] = [];
    const options = new SocketOptions((call) => {
      calls.push(call);
      throw new Error('closed');
    });
    assert.throws(() => options.TCP_NODELAY, { message: 'closed' });
    assert.throws(() => (options.TCP_NODELAY = true), { message: 'closed' });
    assert.throws(() => options.get(1, 2), { message: 'closed' });
    assert.throws(() => options.set(1, 2, 3), { message: 'closed' });
    assert.deepEqual(calls, ['getsockopt', 'setsockopt', 'getsockopt', 'setsockopt']);
  });
});

suite('by numbers', () => {
  test('numbers, switches, text and bytes are set, bytes and numbers are got', () => {
    withSockets('tcp', ([options]) => {
      options!.set(SOL_SOCKET, SO_REUSEADDR, true);
      assert.equal(options!.getInt(SOL_SOCKET, SO_REUSEADDR), 1);
      options!.set(SOL_SOCKET, SO_RCVBUF, 20_000);
      assert.equal(options!.getInt(SOL_SOCKET, SO_RCVBUF), 40_000);
      options!.set(SOL_TCP, TCP_CONGESTION, 'reno');
      assert.equal(Buffer.from(options!.get(SOL_TCP, TCP_CONGESTION, 4)).toString(), 'reno');
      options!.set(SOL_SOCKET, SO_LINGER, new Uint8Array(Int32Array.of(1, 7).buffer));
      assert.equal(options!.SO_LINGER, 7);
      const linger = options!.get(SOL_SOCKET, SO_LINGER);
      assert.deepEqual([...linger], [1, 0, 0, 0, 7, 0, 0, 0]);
    });
  });

  test('a failure has the numbers', () => {
    withSockets('tcp', ([options]) => {
      const error = { code: 'ENOPROTOOPT', level: SOL_SOCKET, optname: 9999 };
      assert.throws(() => options!.get(SOL_SOCKET, 9999), { ...error, syscall: 'getsockopt' });
      assert.throws(() => options!.set(SOL_SOCKET, 9999, 1), { ...error, syscall: 'setsockopt' });
    });
  });

  test('what is no value, or no size, is told', () => {
    const options = optionsOf(-1);
    const value = 'setsockopt: value must be';
    assert.throws(() => options.set(1, 2, null as never), {
      name: 'TypeError',
      message: `${value} a number, a boolean, a string or a Uint8Array`,
    });
    assert.throws(() => options.set(1, 2, 2 ** 31), {
      name: 'RangeError',
      message: `${value} an integer in -2147483648..2147483647`,
    });
    assert.throws(() => options.get(1, 2, -1), {
      name: 'RangeError',
      message: 'getsockopt: size must be an integer in 0..1048576',
    });
  });
});

suite('plain functions', () => {
  test('set, get', () => {
    withSockets('tcp', (_, [fd]) => {
      setSocketOption(kernel, fd!, 'SO_LINGER', 3);
      assert.equal(getSocketOption(kernel, fd!, 'SO_LINGER'), 3);
      assert.equal(getSocketOption(kernel, fd!, 'SO_TYPE'), SOCK_STREAM);
    });
  });

  test('a name that is none, or that is only read or set', () => {
    assert.throws(() => getSocketOption(kernel, -1, 'SO_NONE' as never), { name: 'TypeError' });
    // @ts-expect-error -- and the compiler says so too
    assert.throws(() => getSocketOption(kernel, -1, 'IP_ADD_MEMBERSHIP'), { name: 'TypeError' });
    // @ts-expect-error -- and the compiler says so too
    assert.throws(() => setSocketOption(kernel, -1, 'SO_TYPE', 1), { name: 'TypeError' });
  });

  /** A kernel whose getsockopt says -ERANGE and that it takes `step` bytes more, again and again. */
  function endless(step: number): { readonly kernel: Kernel; readonly rooms: number[] } {
    const rooms: number[] = [];
    const getsockopt: Kernel['getsockopt'] = (_fd, _level, _optname, _value, length) => {
      rooms.push(length[0]!);
      length[0]! += step;
      return -ERANGE;
    };
    return { kernel: { ...kernel, getsockopt }, rooms };
  }

  test('a list that does not stop to grow is given up', () => {
    const { kernel: growing, rooms } = endless(500_000);
    const get = (): unknown => getSocketOption(growing, 3, 'SO_PEERGROUPS');
    assert.throws(get, { code: 'ERANGE', option: 'SO_PEERGROUPS' });
    assert.deepEqual(rooms, [128, 500_128, 1_000_128]);
    const same = endless(0);
    assert.throws(() => getSocketOption(same.kernel, 3, 'SO_PEERGROUPS'), { code: 'ERANGE' });
    assert.equal(same.rooms.length, 1);
  });

  test('another failure is told at once', () => {
    let calls = 0;
    const getsockopt: Kernel['getsockopt'] = (_fd, _level, _optname, _value, length) => {
      calls++;
      length[0] = 1000;
      return -EFAULT;
    };
    for (const name of ['SO_PEERGROUPS', 'SO_PEERNAME'] as const) {
      const get = (): unknown => getSocketOption({ ...kernel, getsockopt }, 3, name);
      assert.throws(get, { code: 'EFAULT', option: name });
    }
    assert.equal(calls, 2);
  });
});
