/** Values of options as bytes and back, and what is no value. The kernel's word is in src/sockopt. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { noCompiler, structFromC } from '../../test/c-program.ts';
import {
  bitSet,
  bool,
  bpfProgram,
  bytes,
  command,
  cookie,
  int,
  linger,
  networkInt,
  type OptionCodec,
  rate,
  size64,
  tcpInfo,
  text,
  timeval,
  uint,
  uints,
} from './option-codecs.ts';

/** That each value is written as those bytes, and read from them. */
function both<T>(codec: OptionCodec<T>, ...pairs: readonly (readonly [T, string])[]): void {
  for (const [value, hex] of pairs) {
    assert.equal(Buffer.from(codec.encode('x', value)).toString('hex'), hex);
    assert.deepEqual(codec.decode(Buffer.from(hex, 'hex')), value);
  }
}

suite('what is written is what is read', () => {
  test('integers', () => {
    both(int, [-2, 'feffffff'], [0x7fffffff, 'ffffff7f']);
    both(uint, [0xffffffff, 'ffffffff'], [1, '01000000']);
    both(networkInt, [2, '00000002']);
    both(size64, [2 ** 40, '0000000000010000']);
    both(cookie, [2n ** 64n - 1n, 'ffffffffffffffff']);
    assert.equal(int.decode(Uint8Array.of(200)), 200, 'one byte, as an old option of IP may give');
  });

  test('switches', () => {
    both(bool, [true, '01000000'], [false, '00000000']);
    assert.equal(bool.decode(Uint8Array.of(0, 4, 0, 0)), true);
    assert.equal(bool.decode(Uint8Array.of(1)), true);
    assert.equal(command.encode('x', true).length, 4);
  });

  test('rates: Infinity is no limit, be it of 64 bits or of 32', () => {
    both(rate, [Infinity, 'ffffffffffffffff'], [1000, 'e803000000000000']);
    assert.equal(rate.decode(Uint8Array.of(0xff, 0xff, 0xff, 0xff)), Infinity);
    assert.equal(rate.decode(Uint8Array.of(232, 3, 0, 0)), 1000);
  });

  test('text', () => {
    both(text(16), ['lo', '6c6f00'], ['', '00']);
    assert.equal(text(16).decode(Buffer.from('cubic\0\0\0tail')), 'cubic');
    assert.equal(text(16).decode(Buffer.from('without')), 'without');
    assert.equal(text(3).encode('x', 'ab').length, 3);
  });

  test('bytes are copied when they are read', () => {
    const data = Uint8Array.of(1, 2, 3);
    const read = bytes(8).decode(data);
    data[0] = 9;
    assert.deepEqual(read, Uint8Array.of(1, 2, 3));
  });

  test('lists', () => {
    both(uints, [[], ''], [[4, 0xffffffff], '04000000ffffffff']);
    both(bitSet, [[1, 32, 33], '0100008001000000']);
    assert.deepEqual(bitSet.decode(new Uint8Array(8)), []);
  });
});

suite('structs as C has them', { skip: noCompiler }, () => {
  test('timeval', () => {
    const half = structFromC(['sys/time.h'], 'struct timeval', 's.tv_sec = 1; s.tv_usec = 500000;');
    assert.deepEqual(Buffer.from(timeval.encode('x', 1500)), half);
    assert.equal(timeval.decode(half), 1500);
    assert.equal(timeval.decode(timeval.encode('x', 0)), 0);
    assert.equal(timeval.decode(timeval.encode('x', 1e-9)), 0.001, 'never rounded to no limit');
    assert.equal(timeval.decode(timeval.encode('x', 999.9999)), 1000, 'no 1000000 microseconds');
  });

  test('linger', () => {
    const five = structFromC(['sys/socket.h'], 'struct linger', 's.l_onoff = 1; s.l_linger = 5;');
    assert.deepEqual(Buffer.from(linger.encode('x', 5)), five);
    assert.equal(linger.decode(five), 5);
    assert.equal(linger.decode(linger.encode('x', 0)), 0, 'a reset, which is not off');
    assert.equal(linger.decode(linger.encode('x', null)), null);
    const off = structFromC(['sys/socket.h'], 'struct linger', 's.l_linger = 7;');
    assert.equal(linger.decode(off), null);
  });
});

suite('what is no value', () => {
  const wrong: readonly (readonly [() => unknown, string, string])[] = [
    [() => int.encode('O', '1' as never), 'TypeError', 'O must be an integer in -2147483648..2147'],
    [() => int.encode('O', 2 ** 31), 'RangeError', 'O must be an integer in'],
    [() => int.encode('O', 0.5), 'RangeError', 'O must be an integer in'],
    [() => int.encode('O', NaN), 'RangeError', 'O must be an integer in'],
    [() => uint.encode('O', -1), 'RangeError', 'O must be an integer in 0..4294967295'],
    [() => bool.encode('O', 1 as never), 'TypeError', 'O must be true or false'],
    [() => command.encode('O', false as never), 'TypeError', 'O must be true'],
    [() => size64.encode('O', 2 ** 53), 'RangeError', 'O must be an integer in 0..'],
    [
      () => rate.encode('O', -1),
      'RangeError',
      'O must be an integer in 0..9007199254740991, or Inf',
    ],
    [() => cookie.encode('O', 1 as never), 'RangeError', 'O must be a bigint'],
    [() => bytes(4).encode('O', 'x' as never), 'TypeError', 'O must be a Uint8Array'],
    [
      () => bytes(4).encode('O', new Uint8Array(5)),
      'RangeError',
      'O must have 0 to 4 bytes, not 5',
    ],
    [() => bytes(4, 4).encode('O', new Uint8Array(3)), 'RangeError', 'O must have 4 bytes, not 3'],
    [() => text(4).encode('O', 1 as never), 'TypeError', 'O must be a string'],
    [() => text(4).encode('O', 'a\0'), 'TypeError', 'O must not contain a NUL character'],
    [() => text(4).encode('O', 'abcd'), 'RangeError', 'O must have fewer than 4 bytes, not 4'],
    [() => timeval.encode('O', null as never), 'TypeError', 'O must be a number of milliseconds'],
    [
      () => timeval.encode('O', -1),
      'RangeError',
      'O must be a number of milliseconds, 0 (no limit)',
    ],
    [() => timeval.encode('O', Infinity), 'RangeError', 'O must be a number of milliseconds, 0'],
    [() => linger.encode('O', -1), 'RangeError', 'O must be an integer in 0..2147483647 (seconds)'],
    [() => linger.encode('O', true as never), 'TypeError', 'O must be an integer in'],
    [() => uints.encode('O', [-1]), 'RangeError', 'O must be an integer in'],
    [() => bitSet.encode('O', [0]), 'RangeError', 'O must be an integer in 1..65535'],
    [() => bpfProgram.encode('O', []), 'RangeError', 'O: a BPF program must be an array of 1 to'],
    [() => tcpInfo.encode('O', {} as never), 'TypeError', 'O can only be read'],
    [() => int.decode(new Uint8Array(3)), 'RangeError', 'decodeInt: data must have 4 bytes, not 3'],
    [() => timeval.decode(new Uint8Array(8)), 'RangeError', 'the value of the option must have 16'],
    [() => rate.decode(new Uint8Array(3)), 'RangeError', 'the value of the option must have 4'],
  ];
  for (const [call, name, message] of wrong) {
    test(message, () => {
      assert.throws(call, (error: Error) => {
        assert.equal(error.name, name);
        assert.ok(error.message.startsWith(message), error.message);
        return true;
      });
    });
  }
});
