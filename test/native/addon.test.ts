/**
 * The addon checks its arguments before the kernel sees them, and gives back what the kernel says. The
 * wrong arguments of every call are generated from its signature; what the calls do is tested above,
 * through interface Kernel.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLLOUT } from '../../src/syscall/epoll.ts';
import {
  EAFNOSUPPORT,
  EAGAIN,
  EBADF,
  EFAULT,
  EINVAL,
  ENAMETOOLONG,
  ENOENT,
} from '../../src/syscall/errno.ts';
import {
  AT_FDCWD,
  F_GETFD,
  F_GETLK,
  O_CLOEXEC,
  O_NONBLOCK,
  O_PATH,
} from '../../src/syscall/fcntl.ts';
import {
  AF_UNIX,
  SOCK_STREAM,
  SOL_SOCKET,
  SO_REUSEADDR,
  SO_TYPE,
} from '../../src/syscall/socket.ts';
import { addon, callOf } from './addon.ts';
import { detach, everyKind, growable, resizable, shrunkBytes } from './buffers.ts';
import { type Kind, type Signature, signatures } from './signatures.ts';

const BYTES = 256; // what statx wants
const FIONREAD = 0x541b;
const encoder = new TextEncoder();

/** Valid arguments with which no call succeeds or touches a descriptor: -1 is none, and no valid flag. */
function valid(kind: Kind): unknown {
  switch (kind) {
    case 'int':
      return -1;
    case 'bytes':
      return new Uint8Array(BYTES);
    case 'path':
      return encoder.encode('absent\0');
    case 'socklen':
    case 'count':
      return 16;
    case 'socklenPointer':
      return new Uint32Array([16]);
    case 'words2':
    case 'words3':
    case 'events':
      return new Uint32Array(4);
    case 'offset':
      return 0;
    case 'command':
      return F_GETFD;
    case 'length':
      return 16;
    case 'time':
    case 'sigmask':
    case 'fileOffset':
      return new Uint8Array(16);
    case 'fdset':
    case 'pollfds': // for -1 of them none is long enough
      return null;
    case 'iov':
      return [new Uint8Array(8), new Uint8Array(8)];
    case 'lengths':
      return new Uint32Array(3);
    case 'msgvec':
      return new Uint32Array(8);
    case 'request':
      return FIONREAD;
    case 'argument':
      return new Uint8Array(4);
  }
}

/** The same; but of messages there is one, since for -1 of them no array is long enough. */
function validFor(argument: string, kind: Kind): unknown {
  return argument === 'vlen' ? 1 : valid(kind);
}

interface Wrong {
  readonly error: typeof TypeError | typeof RangeError;
  readonly expected: string;
  readonly values: readonly unknown[];
}

const notNumbers = ['1', undefined, null, {}, [], true, 1n, Symbol('x'), (): number => 1];
const notIntegers = [Number.NaN, 1.5, Infinity, -Infinity, 2 ** 32, -(2 ** 31) - 1, 1e300];
const noObjects = ['1', undefined, 1, {}, [], true, new Date()];
const notBytes = [
  ...noObjects,
  new ArrayBuffer(BYTES),
  new DataView(new ArrayBuffer(BYTES)),
  new Int8Array(BYTES),
  new Uint8ClampedArray(BYTES),
  new Uint32Array(BYTES),
  new Proxy(new Uint8Array(BYTES), {}),
];
const notWords = [
  ...noObjects,
  new Uint8Array(BYTES),
  new Float64Array(BYTES),
  new BigInt64Array(BYTES),
  new Proxy(new Uint32Array(BYTES), {}),
];

/** Commands of fcntl with an address, those of 32-bit systems among them, and what there may be one day. */
const notCommands = [
  F_GETLK,
  6,
  7,
  12,
  13,
  14,
  15,
  16,
  17,
  36,
  37,
  38,
  1035,
  1036,
  1037,
  1038,
  1039,
  1040,
  5000,
  -1,
];

const INTEGER = 'a 32-bit integer';
const BYTES_OR_NULL = 'a Uint8Array that is not detached, or null';
const WORDS = 'an Int32Array or Uint32Array that is not detached, or null';
const IOV = 'a Uint8Array that is not detached, or an array of them';

const ofBuffer = 'an integer from 0 to what is left of the buffer';

function shorter(size: number): Uint8Array[] {
  return [new Uint8Array(size - 1), new Uint8Array(0)];
}

/**
 * Records with an offset or a length of data, name or control messages that is too large. The length of a
 * name is an int, and a negative one the kernel's to refuse.
 */
function outsideOfMemory(): Uint32Array[] {
  return [0, 2, 4].flatMap((word) =>
    [
      [BYTES + 1, 0],
      [BYTES, 1],
      [1, BYTES],
      [0, word === 2 ? 2 ** 31 - 1 : 2 ** 32 - 1],
      [2 ** 32 - 1, word === 2 ? 2 ** 32 - 1 : 2],
    ].map((pair) => {
      const record = new Uint32Array(8);
      record.set(pair, word);
      return record;
    }),
  );
}

/** SIOCADDRT, SIOCGIFCONF, SIOCETHTOOL, SIOCBRADDBR, BLKGETSIZE, and what nobody knows. */
const notRequests = [0x890b, 0x8912, 0x8946, 0x89a0, 0x1260, 0, -1, 2 ** 31];

function type(expected: string, values: readonly unknown[]): Wrong {
  return { error: TypeError, expected, values };
}

function range(expected: string, values: readonly unknown[]): Wrong {
  return { error: RangeError, expected, values };
}

function wrong(kind: Kind): readonly Wrong[] {
  switch (kind) {
    case 'int':
      return [type(INTEGER, notNumbers), range(INTEGER, notIntegers)];
    case 'bytes':
      return [type(BYTES_OR_NULL, notBytes)];
    case 'path':
      return [
        type(BYTES_OR_NULL, notBytes),
        range('a path that ends in a NUL byte', [new Uint8Array(0), encoder.encode('/dev/null')]),
      ];
    case 'socklen':
      return [
        type(INTEGER, notNumbers),
        range(INTEGER, notIntegers),
        range('no larger than the buffer', [BYTES + 1, 2 ** 31 - 1]),
      ];
    case 'socklenPointer':
      return [
        type(WORDS, notWords),
        range('long enough for the result', [new Uint32Array(0)]),
        range('no larger than the buffer', [new Uint32Array([BYTES + 1])]),
      ];
    case 'words2':
    case 'words3':
      return [
        type(WORDS, notWords),
        range('long enough for the result', [new Int32Array(kind === 'words2' ? 1 : 2)]),
      ];
    case 'events':
      return [type(WORDS, notWords)];
    case 'count':
      return [type('an integer', notNumbers), range(ofBuffer, [-1, BYTES + 1, ...notIntegers])];
    case 'offset':
      return [
        type(
          'an integer',
          notNumbers.filter((value) => value !== undefined),
        ),
        range(ofBuffer, [-1, BYTES + 1, ...notIntegers]),
      ];
    case 'command':
      return [
        type(INTEGER, notNumbers),
        range(INTEGER, notIntegers),
        range('a command whose argument is a number', notCommands),
      ];
    case 'length':
      return [
        type('an integer', notNumbers),
        range('an integer from 0 to 2^53 - 1', [-1, 2 ** 53, Number.NaN, 1.5, Infinity]),
      ];
    case 'time':
      return [type(BYTES_OR_NULL, notBytes), range('16 bytes long', shorter(16))];
    case 'sigmask':
    case 'fileOffset':
      return [type(BYTES_OR_NULL, notBytes), range('8 bytes long', shorter(8))];
    case 'fdset':
      return [type(BYTES_OR_NULL, notBytes)];
    case 'pollfds':
      return [
        type(WORDS, notWords),
        range('long enough for the result', [new Int32Array(0), new Int32Array(64)]),
      ];
    case 'iov': {
      const alone = notBytes.filter((value) => !Array.isArray(value));
      return [type(IOV, [null, ...alone, ...alone.map((value) => [new Uint8Array(8), value])])];
    }
    case 'lengths':
      return [
        type(WORDS, notWords),
        type('a Uint32Array', [null]),
        range('long enough for the result', [new Uint32Array(2)]),
        range('no larger than name and control', [
          Uint32Array.of(BYTES + 1, 0, 0),
          Uint32Array.of(0, BYTES + 1, 0),
          Uint32Array.of(0, 2 ** 32 - 1, 0),
        ]),
      ];
    case 'msgvec':
      return [
        type(WORDS, notWords),
        type('a Uint32Array', [null]),
        range('long enough for the result', [new Uint32Array(7)]),
        range('of offsets and lengths within memory', outsideOfMemory()),
      ];
    case 'request':
      return [
        type(INTEGER, notNumbers),
        range(INTEGER, notIntegers),
        range('one whose argument holds no address', notRequests),
      ];
    case 'argument':
      return [
        type(BYTES_OR_NULL, notBytes),
        range('as long as what the request reads and writes', shorter(4)),
      ];
  }
}

function told(value: unknown): string {
  return typeof value === 'object' && value !== null ? value.constructor.name : String(value);
}

function checkArgument(name: string, signature: Signature, index: number): void {
  const [argument, kind] = signature[index]!;
  for (const { error, expected, values } of wrong(kind)) {
    for (const value of values) {
      const args = signature.map(([argumentName, other]) => validFor(argumentName, other));
      args[index] = value;
      const message = `${name}: ${argument} must be ${expected}`;
      const code = error === TypeError ? 'ERR_INVALID_ARG_TYPE' : 'ERR_OUT_OF_RANGE';
      const call = (): number => callOf(name)(...args);
      assert.throws(call, { name: error.name, code, message }, `${argument} = ${told(value)}`);
    }
  }
}

test('every call has a signature in these tests', () => {
  assert.deepEqual(Object.keys(addon.calls).sort(), Object.keys(signatures).sort());
});

for (const [name, signature] of Object.entries(signatures)) {
  suite(name, () => {
    test('gives -errno', () => {
      const result = callOf(name)(...signature.map(([argument, kind]) => validFor(argument, kind)));
      assert.ok(Number.isInteger(result) && result < 0 && result > -4096, `${result}`);
    });
    test('without arguments', () => {
      assert.throws(() => callOf(name)(), { name: 'TypeError', message: /^\w+: \w+ must be / });
    });
    for (const [index, [argument]] of signature.entries()) {
      test(`checks ${argument}`, () => checkArgument(name, signature, index));
    }
  });
}

/** Uses a nonblocking pipe with some bytes in it: [read end, write end]. */
function withPipe(use: (reader: number, writer: number) => void): void {
  const ends = new Int32Array(2);
  assert.equal(callOf('pipe2')(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const [reader = -1, writer = -1] = ends;
  try {
    use(reader, writer);
  } finally {
    assert.equal(callOf('close')(reader), 0);
    assert.equal(callOf('close')(writer), 0);
  }
}

suite('buffers', () => {
  test('a part of a buffer is what is read and written', () => {
    withPipe((reader, writer) => {
      const whole = encoder.encode('0123456789');
      assert.equal(callOf('write')(writer, whole.subarray(2, 8), 3, 1), 3);
      const into = new Uint8Array(8).fill(46);
      assert.equal(callOf('read')(reader, into.subarray(1, 6), 4, 1), 3);
      assert.equal(Buffer.from(into).toString(), '..345...');
      assert.equal(callOf('read')(reader, into, 8, 0), -EAGAIN);
    });
  });

  test('offset and count lie within the buffer together', () => {
    withPipe((reader, writer) => {
      const bytes = new Uint8Array(8);
      const tooMuch = { name: 'RangeError', message: /^write: count must be an integer from 0 / };
      assert.throws(() => callOf('write')(writer, bytes, 4, 5), tooMuch);
      assert.equal(callOf('write')(writer, bytes, 3, 5), 3);
      assert.equal(callOf('write')(writer, bytes, 0, 8), 0);
      assert.equal(callOf('read')(reader, Buffer.alloc(8), 8), 3);
    });
  });

  test('a detached one is refused, and is no null pointer', () => {
    withPipe((reader, writer) => {
      const bytes = detach(new Uint8Array(8));
      const words = detach(new Uint32Array(4));
      const refuses = (name: string, ...args: readonly unknown[]): void => {
        const message = /^\w+: \w+ must be an? .* that is not detached, or /;
        assert.throws(() => callOf(name)(...args), { name: 'TypeError', message });
      };
      refuses('write', writer, bytes, 0);
      assert.equal(callOf('write')(writer, Buffer.from('x'), 1), 1);
      refuses('read', reader, bytes, 4);
      refuses('readv', reader, [new Uint8Array(1), bytes]);
      refuses('pipe2', words, 0);
      refuses('openat', AT_FDCWD, bytes, 0, 0);
      refuses('select', 0, null, null, null, bytes);
    });
  });

  test('an empty one is no null pointer either', () => {
    withPipe((reader, writer) => {
      assert.equal(callOf('write')(writer, new Uint8Array(0), 0), 0);
      assert.throws(() => callOf('read')(reader, new Uint8Array(0), 1), RangeError);
      assert.equal(callOf('read')(reader, null, 1), -EAGAIN);
      assert.equal(callOf('write')(writer, Buffer.from('x'), 1), 1);
      assert.equal(callOf('read')(reader, null, 1), -EFAULT);
    });
  });

  test('an array of them cannot take one away while it is read', () => {
    withPipe((reader, writer) => {
      const first = new Uint8Array(8);
      const iov = [first, new Uint8Array(8)];
      Object.defineProperty(iov, 1, { get: () => detach(first) });
      assert.throws(() => callOf('writev')(writer, iov), TypeError);
      const thrown = new Error('from the getter');
      Object.defineProperty(iov, 0, {
        get: () => {
          throw thrown;
        },
      });
      assert.throws(() => callOf('writev')(writer, iov), thrown);
      assert.equal(callOf('read')(reader, new Uint8Array(8), 8), -EAGAIN);
    });
  });

  test('one of any kind of memory is as good as any', () => {
    for (const buffer of everyKind(4)) {
      withPipe((reader, writer) => {
        const bytes = new Uint8Array(buffer).fill(7);
        assert.equal(callOf('write')(writer, bytes, 4), 4);
        assert.equal(callOf('read')(reader, bytes.fill(0), 2), 2);
        assert.deepEqual([...bytes], [7, 7, 0, 0]);
        assert.throws(() => callOf('write')(writer, bytes, 5), RangeError);
      });
    }
  });

  test('one whose memory has grown or shrunk ends where it ends now', () => {
    withPipe((_, writer) => {
      const whole = resizable(8, 65_536);
      const tracking = new Uint8Array(whole);
      const fixed = new Uint8Array(whole, 4, 4);
      const words = new Uint32Array(whole);
      const takes = (bytes: Uint8Array, count: number): boolean => {
        assert.throws(() => callOf('write')(writer, bytes, count + 1), RangeError);
        return callOf('write')(writer, bytes, count) === count;
      };
      assert.ok(takes(tracking, 8) && takes(fixed, 4));
      whole.resize(4096);
      assert.ok(takes(tracking, 4096) && takes(fixed, 4));
      whole.resize(6);
      assert.ok(takes(tracking, 6) && takes(fixed, 0));
      whole.resize(0);
      assert.ok(takes(fixed, 0));
      const refuses = (call: string, ...args: readonly unknown[]): void => {
        assert.throws(() => callOf(call)(...args), RangeError, call);
      };
      refuses('pipe2', words, 0);
      refuses('getsockname', -1, new Uint8Array(16), words);
      refuses('epoll_ctl', -1, EPOLL_CTL_ADD, -1, words);
      refuses('epoll_wait', -1, words, 1, 0);
      refuses('openat', AT_FDCWD, fixed, 0, 0);
      refuses('bind', -1, fixed, 1);
      refuses('statx', AT_FDCWD, encoder.encode('/\0'), 0, 0, shrunkBytes(256));
    });
  });

  test('one of memory that grows ends where it ends now', () => {
    withPipe((_, writer) => {
      const buffer = growable(8, 64);
      const tracking = new Uint8Array(buffer);
      const fixed = new Uint8Array(buffer, 0, 8);
      buffer.grow(64);
      assert.equal(callOf('write')(writer, tracking, 64), 64);
      assert.throws(() => callOf('write')(writer, fixed, 9), RangeError);
    });
  });

  test('a struct statx needs 256 bytes', () => {
    const statx = (buffer: Uint8Array): number =>
      callOf('statx')(AT_FDCWD, encoder.encode('/\0'), 0, 0, buffer);
    assert.throws(() => statx(new Uint8Array(255)), {
      name: 'RangeError',
      message: 'statx: statxbuf must be 256 bytes long',
    });
    assert.equal(statx(new Uint8Array(256)), 0);
  });

  test('events are as many as maxevents says', () => {
    const wait = (maxevents: number): number =>
      callOf('epoll_wait')(-1, new Uint32Array(12), maxevents, 0);
    assert.throws(() => wait(5), {
      name: 'RangeError',
      message: 'epoll_wait: events must be long enough for the result',
    });
    assert.throws(() => wait(2 ** 31 - 1), RangeError);
    assert.equal(wait(4), -EBADF);
  });
});

suite('null', () => {
  const socket = (): number => callOf('socket')(AF_UNIX, SOCK_STREAM | O_CLOEXEC, 0);

  test('is a null pointer, which the kernel refuses', () => {
    const fd = socket();
    const length = new Uint32Array([16]);
    const faults: Readonly<Record<string, readonly unknown[]>> = {
      bind: [fd, null, 16],
      connect: [fd, null, 16],
      getsockname: [fd, null, length],
      setsockopt: [fd, SOL_SOCKET, SO_REUSEADDR, null, 4],
      getsockopt: [fd, SOL_SOCKET, SO_TYPE, null, new Uint32Array([4])],
      socketpair: [AF_UNIX, SOCK_STREAM, 0, null],
      openat: [AT_FDCWD, null, 0, 0],
      openat2: [AT_FDCWD, null, new Uint8Array(24), 24],
      unlinkat: [AT_FDCWD, null, 0],
      readlinkat: [AT_FDCWD, null, new Uint8Array(8), 8],
      statx: [AT_FDCWD, null, 0, 0, new Uint8Array(256)],
      pipe2: [null, 0],
    };
    for (const [name, args] of Object.entries(faults)) {
      assert.equal(callOf(name)(...args), -EFAULT, name);
    }
    assert.equal(callOf('getsockname')(fd, new Uint8Array(16), null), -EFAULT);
    assert.equal(callOf('statx')(AT_FDCWD, encoder.encode('/\0'), 0, 0, null), -EFAULT);
    callOf('close')(fd);
  });

  test('a negative length of an address is for the kernel to refuse', () => {
    const fd = socket();
    const addr = new Uint8Array(16);
    assert.equal(callOf('getsockname')(fd, addr, new Int32Array([-1])), -EINVAL);
    assert.deepEqual(addr, new Uint8Array(16));
    callOf('close')(fd);
  });

  test('is a null pointer to epoll', () => {
    withPipe((reader, writer) => {
      const epfd = callOf('epoll_create1')(O_CLOEXEC);
      assert.equal(callOf('epoll_ctl')(epfd, EPOLL_CTL_ADD, reader, null), -EFAULT);
      assert.equal(
        callOf('epoll_ctl')(epfd, EPOLL_CTL_ADD, writer, new Uint32Array([EPOLLOUT, 0, 0])),
        0,
      );
      assert.equal(callOf('epoll_wait')(epfd, null, 1, 0), -EFAULT);
      assert.equal(callOf('epoll_ctl')(epfd, EPOLL_CTL_DEL, writer, null), 0);
      assert.equal(callOf('close')(epfd), 0);
    });
  });
});

suite('results', () => {
  test('are what the kernel returned', () => {
    assert.equal(callOf('socket')(9999, SOCK_STREAM, 0), -EAFNOSUPPORT);
    assert.equal(callOf('epoll_create1')(-1), -EINVAL);
    assert.equal(callOf('close')(-1), -EBADF);
    assert.equal(callOf('openat')(AT_FDCWD, encoder.encode('/absent\0'), 0, 0), -ENOENT);
  });

  test('an integer may be given as unsigned', () => {
    assert.equal(callOf('fcntl')(2 ** 32 - 1, F_GETFD, 0), -EBADF);
    assert.equal(callOf('close')(-(2 ** 31)), -EBADF);
  });

  test('fcntl takes every command whose argument is a number', () => {
    for (const cmd of [
      0, 1, 2, 3, 4, 8, 9, 10, 11, 1024, 1025, 1026, 1027, 1030, 1031, 1033, 1034,
    ]) {
      assert.equal(callOf('fcntl')(-1, cmd, 0), -EBADF, `${cmd}`);
    }
  });

  test('a path of any length is a path or too long', () => {
    const open = (length: number, end: number): number => {
      const path = new Uint8Array(length).fill(47); // "/"
      return callOf('openat')(AT_FDCWD, path.fill(0, end), O_PATH | O_CLOEXEC, 0);
    };
    for (const [length, end] of [
      [4096, 4095],
      [10_000, 4095],
    ] as const) {
      const fd = open(length, end);
      assert.ok(fd >= 0, `${fd}`);
      callOf('close')(fd);
    }
    assert.equal(open(4097, 4096), -ENAMETOOLONG);
    assert.equal(open(10_000, 10_000), -ENAMETOOLONG);
    assert.equal(open(4096, 4096), -ENAMETOOLONG);
    assert.throws(() => open(4095, 4095), RangeError);
    assert.equal(open(1, 0), -ENOENT);
  });
});

test('the functions of parking check their arguments', () => {
  const ready = (): boolean => false;
  const message = (text: string): object => ({ name: 'TypeError', message: text });
  assert.throws(() => addon.park('1', ready, true), message(`park: epfd must be ${INTEGER}`));
  assert.throws(() => addon.park(-1, null, true), message('park: ready must be a function'));
  assert.throws(() => addon.park(-1, ready, 1), message('park: threaded must be a boolean'));
  assert.throws(() => addon.park(-1, ready, false), /^Error: park: epfd must be an open epoll/);
  for (const handle of [undefined, null, 1, {}, ready, Object.create(null)]) {
    for (const name of ['parkRef', 'parkUnref', 'parkClose', 'parkLedger'] as const) {
      const text = `${name}: handle must be what park returned`;
      assert.throws(() => addon[name](handle, null), message(text));
    }
  }
});

test('a ledger is an array of words, and the only one of its handle', () => {
  const epfd = callOf('epoll_create1')(0);
  const handle = addon.park(epfd, () => false, false);
  for (const ledger of [undefined, 1, new Uint8Array(8)]) {
    assert.throws(
      () => addon.parkLedger(handle, ledger),
      /^TypeError: parkLedger: ledger must be an/,
    );
  }
  const once = /^RangeError: parkLedger: ledger must be the first of an open handle/;
  assert.throws(() => addon.parkLedger(handle, null), once);
  addon.parkLedger(handle, new Uint32Array(2));
  assert.throws(() => addon.parkLedger(handle, new Uint32Array(2)), once);
  addon.parkClose(handle);
  assert.throws(() => addon.parkLedger(handle, new Uint32Array(2)), once);
  callOf('close')(epfd);
});
