/** What the words of the cases leave out: addresses that are none, and the size of a buffer. */
import { AF_INET, AF_UNIX } from '../../src/syscall/socket.ts';
import type { Step } from './outcome.ts';
import { flags } from './vocabulary.ts';

/** An address of `size` bytes of that family, with `text` behind it. */
function raw(family: number, size: number, text: readonly number[] = []): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set([family & 255, family >> 8, ...text].slice(0, size));
  return bytes;
}

const LOOPBACK = [0, 0, 127, 0, 0, 1];

/** The group 224.0.2.1, on 127.0.0.1. */
const MEMBERSHIP = Uint8Array.of(224, 0, 2, 1, 127, 0, 0, 1);

const values: Readonly<Record<string, Uint8Array | null>> = {
  None: null,
  AF_UNSPEC: raw(0, 16),
  '@a\\0 (one byte longer)': raw(AF_UNIX, 5, [0, 97, 0]),
  'IP_ADD_MEMBERSHIP 8B': MEMBERSHIP,
  'IP_MULTICAST_IF 4B': MEMBERSHIP.subarray(4),
  'SO_BINDTODEVICE 1B': new Uint8Array(1),
};

/** An address that is none: "family 47", "AF_INET padded to 28", "129-byte sockaddr", "1 byte". */
function odd(text: string): Uint8Array | undefined {
  const family = /^family (\w+)$/.exec(text)?.[1];
  if (family !== undefined && family !== 'only') return raw(flags('AF_', family), 16);
  const padded = /^AF_(\w+) padded to (\d+)$/.exec(text);
  if (padded !== null) return raw(flags('AF_', padded[1]!), Number(padded[2]), LOOPBACK);
  const long = /^(\d+)-byte sockaddr$/.exec(text);
  if (long !== null) return raw(AF_INET, Number(long[1]), LOOPBACK);
  if (/^family only( \(2 bytes\))?$/.test(text)) return raw(AF_UNIX, 2);
  const short = /^(\d) bytes?$/.exec(text);
  return short === null ? undefined : raw(AF_UNIX, Number(short[1]));
}

/** Undefined if `text` says all there is to say. */
export function exception(text: string): Uint8Array | null | undefined {
  return Object.hasOwn(values, text) ? values[text] : odd(text);
}

const SIZES: Readonly<Record<string, number>> = {
  SO_RCVTIMEO: 16,
  SO_SNDTIMEO: 16,
  SO_LINGER: 8,
  SO_PEERCRED: 12,
  SO_COOKIE: 8,
};

/** How large the buffer of a getsockopt was. */
export function getsockoptSize(name: string, { res }: Step): number {
  const told = / len=(\d+)$/.exec(res);
  if (told !== null) return Number(told[1]);
  if (res.startsWith('0x')) return (res.length - 2) / 2;
  if (name === 'SO_COOKIE' && res === 'EINVAL') return 4;
  return SIZES[name] ?? (res.startsWith('"') ? 64 : 4);
}
