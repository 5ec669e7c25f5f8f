/** What the words of the cases leave out: addresses that are none, and the size of a buffer. */
import { AF_INET, AF_UNIX } from '../../src/syscall/socket.ts';
import type { Step } from './outcome.ts';

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
  '127.0.0.1:0 padded to 128': raw(AF_INET, 128, LOOPBACK),
  '129-byte sockaddr': raw(AF_INET, 129, LOOPBACK),
  'AF_INET padded to 28': raw(AF_INET, 28, LOOPBACK),
  AF_UNSPEC: raw(0, 16),
  'family 47': raw(47, 16),
  'family INET': raw(AF_INET, 16),
  'family only (2 bytes)': raw(AF_UNIX, 2),
  'family only': raw(AF_UNIX, 2),
  '1 byte': raw(AF_UNIX, 1),
  '@a\\0 (one byte longer)': raw(AF_UNIX, 5, [0, 97, 0]),
  'IP_ADD_MEMBERSHIP 8B': MEMBERSHIP,
  'IP_MULTICAST_IF 4B': MEMBERSHIP.subarray(4),
  'SO_BINDTODEVICE 1B': new Uint8Array(1),
};

/** Undefined if `text` says all there is to say. */
export function exception(text: string): Uint8Array | null | undefined {
  return Object.hasOwn(values, text) ? values[text] : undefined;
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
