/**
 * The values of socket options between JavaScript and the bytes that setsockopt(2) and getsockopt(2)
 * take and give: numbers, switches, text, times. Structs with addresses in them are in
 * option-structs.ts.
 *
 * A codec knows one kind of value. It does not know which options there are (options.ts) and calls
 * nothing. Source: socket(7), ip(7), tcp(7), and the kernel's getsockopt functions for what they write.
 */
import { decodeCredentials, decodeInt, encodeCredentials, type Credentials } from './ancillary.ts';
import { type BpfInstruction, BPF_MAXINSNS, decodeBpfProgram, encodeBpfProgram } from './bpf.ts';
import { cString } from './c-string.ts';
import { decodeRate, decodeTcpInfo, type TcpInfo } from './tcp-info.ts';

/** How the values of an option are written as bytes and read from them. */
export interface OptionCodec<T> {
  /** How many bytes getsockopt(2) is given room for; it is given more if that was not enough. */
  readonly size: number;
  /** The kernel takes no more room than the value fills (EINVAL), and cuts it if it is given less. */
  readonly exact?: boolean;
  /** The bytes for setsockopt(2). TypeError or RangeError that begins with the option's `name`. */
  encode(name: string, value: T): Uint8Array;
  /** The value in the bytes of getsockopt(2), of which none are kept. RangeError if some are missing. */
  decode(data: Uint8Array): T;
}

const decoder = new TextDecoder();

/** An integer from `min` to `max`: four bytes. Read, it may be one byte, as old options of IP have it. */
function integers(min: number, max: number): OptionCodec<number> {
  return {
    size: 4,
    encode: (name, value) => new Uint8Array(Int32Array.of(integer(name, value, min, max)).buffer),
    decode: (data) => (min < 0 ? decodeInt(data) : decodeInt(data) >>> 0),
  };
}

/** An int of C. */
export const int: OptionCodec<number> = integers(-0x80000000, 0x7fffffff);

/** An unsigned int of C: marks, sequence numbers, sets of bits. */
export const uint: OptionCodec<number> = integers(0, 0xffffffff);

/** On or off: 1 or 0, and what the kernel gives is on unless it is 0. */
export const bool: OptionCodec<boolean> = {
  size: 4,
  encode(name, value) {
    if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false`);
    return int.encode(name, value ? 1 : 0);
  },
  decode: (data) => decodeInt(data) !== 0,
};

/** An option that does something when it is set, whatever the value: `true` alone is taken. */
export const command: OptionCodec<true> = {
  size: 4,
  encode(name, value) {
    if (value !== true) throw new TypeError(`${name} must be true: setting it does what it says`);
    return int.encode(name, 0);
  },
  decode: () => true,
};

/** An interface's index where the kernel has it in network order: IP_UNICAST_IF, IPV6_UNICAST_IF. */
export const networkInt: OptionCodec<number> = {
  size: 4,
  encode(name, value) {
    return int.encode(name, value).reverse();
  },
  decode: (data) => viewOf(data, 4).getInt32(0),
};

/** An unsigned 64-bit number that counts bytes: exact up to 2^53, and no more is taken. */
export const size64: OptionCodec<number> = {
  size: 8,
  encode: (name, value) => long(integer(name, value, 0, Number.MAX_SAFE_INTEGER)),
  decode: (data) => Number(viewOf(data, 8).getBigUint64(0, true)),
};

/** Bytes a second; Infinity for no limit. A kernel before 4.20 gives 32 bits. */
export const rate: OptionCodec<number> = {
  size: 8,
  encode(name, value) {
    if (value === Infinity) return new Uint8Array(8).fill(0xff);
    return long(integer(name, value, 0, Number.MAX_SAFE_INTEGER, ', or Infinity'));
  },
  decode(data) {
    if (data.length >= 8) return decodeRate(viewOf(data, 8), 0);
    const value = viewOf(data, 4).getUint32(0, true);
    return value === 0xffffffff ? Infinity : value;
  },
};

/** A number of 64 bits that names something: only compared, so a bigint. */
export const cookie: OptionCodec<bigint> = {
  size: 8,
  encode(name, value) {
    if (typeof value !== 'bigint' || value < 0n || value > 0xffffffffffffffffn) {
      throw new RangeError(`${name} must be a bigint in 0..2^64-1`);
    }
    return new Uint8Array(BigUint64Array.of(value).buffer);
  },
  decode: (data) => viewOf(data, 8).getBigUint64(0, true),
};

/** Bytes as they are, up to `max` of them. Uint8Array; a copy when they are read. */
export function bytes(max: number, min: number = 0): OptionCodec<Uint8Array> {
  return {
    size: max,
    encode(name, value) {
      if (!(value instanceof Uint8Array)) throw new TypeError(`${name} must be a Uint8Array`);
      if (value.length < min || value.length > max) {
        const expected = min === max ? `${max}` : `${min} to ${max}`;
        throw new RangeError(`${name} must have ${expected} bytes, not ${value.length}`);
      }
      return value;
    },
    decode: (data) => new Uint8Array(data),
  };
}

/** A name of fewer than `max` bytes: a device, an algorithm. Read without the NUL bytes after it. */
export function text(max: number): OptionCodec<string> {
  return {
    size: max,
    encode(name, value) {
      if (typeof value !== 'string') throw new TypeError(`${name} must be a string`);
      if (value.includes('\0')) throw new TypeError(`${name} must not contain a NUL character`);
      const encoded = cString(value);
      if (encoded.length > max) {
        throw new RangeError(
          `${name} must have fewer than ${max} bytes, not ${encoded.length - 1}`,
        );
      }
      return encoded;
    },
    decode(data) {
      const nul = data.indexOf(0);
      return decoder.decode(nul < 0 ? data : data.subarray(0, nul));
    },
  };
}

/**
 * A time limit, struct timeval: milliseconds, to the microsecond; 0 is no limit, as in socket(7). The
 * kernel rounds up to its clock ticks (1 to 10 ms), and reads back what it has rounded to.
 */
export const timeval: OptionCodec<number> = {
  size: 16,
  encode(name, value) {
    if (typeof value !== 'number') throw new TypeError(`${name} must be a number of milliseconds`);
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER / 1000)) {
      throw new RangeError(`${name} must be a number of milliseconds, 0 (no limit) or more`);
    }
    // Less than a microsecond would be 0, which means something else.
    const microseconds = Math.ceil(value * 1000);
    const words = [Math.floor(microseconds / 1e6), microseconds % 1e6];
    return new Uint8Array(BigInt64Array.from(words, BigInt).buffer);
  },
  decode(data) {
    const view = viewOf(data, 16);
    return Number(view.getBigInt64(0, true)) * 1000 + Number(view.getBigInt64(8, true)) / 1000;
  },
};

/** struct linger: the seconds that close(2) waits, or null for off. */
export const linger: OptionCodec<number | null> = {
  size: 8,
  encode(name, value) {
    const seconds =
      value === null ? 0 : integer(name, value, 0, 0x7fffffff, ' (seconds), or null (off)');
    return new Uint8Array(Int32Array.of(value === null ? 0 : 1, seconds).buffer);
  },
  decode(data) {
    const view = viewOf(data, 8);
    return view.getInt32(0, true) === 0 ? null : view.getInt32(4, true);
  },
};

/** struct ucred. */
export const credentials: OptionCodec<Credentials> = {
  size: 12,
  encode: (_name, value) => encodeCredentials(value),
  decode: decodeCredentials,
};

/** A list of unsigned 32-bit numbers, as many as there are: groups, counters. */
export const uints: OptionCodec<readonly number[]> = {
  size: 128,
  encode: (name, values) =>
    new Uint8Array(Uint32Array.from(values, (v) => integer(name, v, 0, 0xffffffff)).buffer),
  decode(data) {
    const view = viewOf(data, 0);
    return Array.from({ length: data.length >> 2 }, (_, i) => view.getUint32(4 * i, true));
  },
};

/** A set of numbers from 1, as bits of 32-bit words: the groups of NETLINK_LIST_MEMBERSHIPS. */
export const bitSet: OptionCodec<readonly number[]> = {
  size: 128,
  encode(name, values) {
    const words = new Uint32Array(1 + (Math.max(0, ...values) >> 5));
    for (const value of values) {
      const bit = integer(name, value, 1, 0xffff) - 1;
      words[bit >> 5]! |= 1 << (bit & 31);
    }
    return new Uint8Array(words.buffer);
  },
  decode: (data) =>
    uints
      .decode(data)
      .flatMap((word, i) =>
        Array.from({ length: 32 }, (_, bit) => ((word >>> bit) & 1 ? 32 * i + bit + 1 : 0)),
      )
      .filter((group) => group > 0),
};

/** A program of classic BPF: the bare instructions, where C has a struct with a pointer to them. */
export const bpfProgram: OptionCodec<readonly BpfInstruction[]> = {
  size: 8 * BPF_MAXINSNS,
  encode(name, value) {
    try {
      return encodeBpfProgram(value);
    } catch (error) {
      throw new RangeError(`${name}: ${(error as Error).message}`, { cause: error });
    }
  },
  decode: decodeBpfProgram,
};

/** struct tcp_info. */
export const tcpInfo: OptionCodec<TcpInfo> = {
  size: 512,
  encode: (name) => readOnly(name),
  decode: decodeTcpInfo,
};

/** For a codec whose option cannot be set. */
export function readOnly(name: string): never {
  throw new TypeError(`${name} can only be read`);
}

/** For a codec whose option cannot be read. */
export function writeOnly(): never {
  throw new TypeError('the value of this option can only be set');
}

/** `value`, if it is an integer in the range. TypeError or RangeError that names the option. */
export function integer(
  name: string,
  value: number,
  min: number,
  max: number,
  more: string = '',
): number {
  const expected = `${name} must be an integer in ${min}..${max}${more}`;
  if (typeof value !== 'number') throw new TypeError(expected);
  if (!Number.isInteger(value) || value < min || value > max) throw new RangeError(expected);
  return value;
}

/** A view of `data`. RangeError if it has fewer than `size` bytes. */
export function viewOf(data: Uint8Array, size: number): DataView {
  if (data.length < size) {
    throw new RangeError(`the value of the option must have ${size} bytes, not ${data.length}`);
  }
  return new DataView(data.buffer, data.byteOffset, data.length);
}

function long(value: number): Uint8Array {
  return new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
}
