/**
 * Socket addresses as the calls take and give them, and as their errors tell of them: `address` and
 * `port`, or `path`, as in Node's system errors. An abstract name begins with "@" there, as in Go's.
 */
import {
  decodeSockaddr,
  encodeSockaddr,
  isSockaddrInet6,
  isSockaddrUnix,
  type Sockaddr,
  SOCKADDR_STORAGE_SIZE,
  type SockaddrLike,
  sockaddrIPv4,
  sockaddrPort,
} from '../syscall/sockaddr.ts';
import { integer } from './arguments.ts';
import type { Details } from './failure.ts';

/** An address, or the bytes of its struct sockaddr, whatever they are. */
export type Address = SockaddrLike | Uint8Array;

/** The fields of addresses that are bytes. */
const BYTE_FIELDS: ReadonlySet<string> = new Set(['addr', 'path', 'data']);

/** The bytes of `addr`. TypeError or RangeError that names call, argument and the field that is wrong. */
export function addressBytes(call: string, argument: string, addr: Address): Uint8Array {
  if (addr instanceof Uint8Array) return addr;
  if (typeof addr !== 'object' || addr === null || typeof addr.family !== 'number') {
    throw new TypeError(
      `${call}: ${argument} must be an address, { family, … }, or the bytes of one`,
    );
  }
  for (const [field, value] of Object.entries(addr)) {
    if (BYTE_FIELDS.has(field) && !(value instanceof Uint8Array)) {
      throw new TypeError(`${call}: ${argument}.${field} must be a Uint8Array`);
    }
    if (field === 'port' && typeof value !== 'number') {
      throw new TypeError(`${call}: ${argument}.port must be a number`);
    }
  }
  try {
    return encodeSockaddr(addr);
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${call}: ${argument}: ${error.message}`);
    // A field that is missing.
    throw new TypeError(`${call}: ${argument} must have all fields of an address of its family`, {
      cause: error,
    });
  }
}

/** Room for an address of `addrlen` bytes; none for a negative length, which is the kernel's to refuse. */
export function addressRoom(call: string, addrlen: number): Uint8Array {
  integer(call, 'addrlen', addrlen, -0x80000000, SOCKADDR_STORAGE_SIZE);
  return new Uint8Array(Math.max(0, addrlen));
}

/** The address in the first `length` bytes that the kernel has written; null if it wrote none. */
export function received(bytes: Uint8Array, length: number): Sockaddr | null {
  return bytes.length === 0 || length === 0 ? null : decodeSockaddr(bytes, length);
}

/** What an error tells of an address; nothing of a family that has neither. */
export function addressDetails(bytes: Uint8Array | null): Details {
  if (bytes === null) return {};
  const v4 = sockaddrIPv4(bytes, bytes.length);
  if (v4 >= 0) {
    const address = [24, 16, 8, 0].map((shift) => (v4 >>> shift) & 0xff).join('.');
    return { address, port: sockaddrPort(bytes) };
  }
  const addr = decodeSockaddr(bytes, bytes.length);
  if (isSockaddrInet6(addr)) {
    const zone = addr.scopeId === 0 ? '' : `%${addr.scopeId}`;
    return { address: `${formatIPv6(addr.addr)}${zone}`, port: addr.port };
  }
  if (!isSockaddrUnix(addr)) return {};
  const path = new TextDecoder().decode(addr.path);
  return { path: path.startsWith('\0') ? `@${path.slice(1)}` : path };
}

/** By way of a URL, whose host is written as RFC 5952 says. */
function formatIPv6(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(2 * i).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
