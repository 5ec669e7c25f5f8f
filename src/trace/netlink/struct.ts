/** Structs of a netlink message, field by field: "{ifa_prefered=4, ifa_valid=5}". */
import type { Names } from '../names.ts';
import { ipv6Text } from '../sockaddr.ts';
import { familyName } from '../../syscall/socket-names.ts';
import { AF_INET, AF_INET6 } from '../../syscall/socket.ts';
import { viewOf } from './bytes.ts';
import type { Context } from './context.ts';
import { flagged, named } from './names.ts';

export type Print = (view: DataView, at: number, context: Context) => string;

/** A field of a struct. Without a name it is padding, and not printed. */
export type Field = readonly [name: string, size: number, print: Print];

export const pad = (size: number): Field => ['', size, () => ''];

export function u8(name: string): Field {
  return [name, 1, (view, at) => String(view.getUint8(at))];
}
export function u16(name: string): Field {
  return [name, 2, (view, at) => String(view.getUint16(at, true))];
}
export function u32(name: string): Field {
  return [name, 4, (view, at) => String(view.getUint32(at, true))];
}
export function s32(name: string): Field {
  return [name, 4, (view, at) => String(view.getInt32(at, true))];
}
export function u64(name: string): Field {
  return [name, 8, (view, at) => String(view.getBigUint64(at, true))];
}

function numberAt(view: DataView, at: number, size: number): number {
  if (size === 1) return view.getUint8(at);
  return size === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
}

/** "%#x", of 4 or 8 bytes. */
export function hex(name: string, size: number): Field {
  return [
    name,
    size,
    (view, at) => {
      const value = size === 8 ? view.getBigUint64(at, true) : BigInt(numberAt(view, at, size));
      return value === 0n ? '0' : `0x${value.toString(16)}`;
    },
  ];
}

export function oneOf(name: string, size: number, names: Names): Field {
  return [name, size, (view, at) => named(numberAt(view, at, size), names)];
}

export function flags(name: string, size: number, names: Names): Field {
  return [name, size, (view, at) => flagged(numberAt(view, at, size), names)];
}

export function family(name: string, size: number = 1): Field {
  return [name, size, (view, at) => familyName(numberAt(view, at, size))];
}

/** A port in the network's byte order. */
export function port(name: string): Field {
  return [name, 2, (view, at) => `htons(${view.getUint16(at)})`];
}

export function ifindex(name: string): Field {
  return [name, 4, (view, at, context) => interfaceText(view.getUint32(at, true), context)];
}

/** "if_nametoindex("lo")", or the number of an interface that is not there. */
export function interfaceText(index: number, { style, fd }: Context): string {
  const name = index === 0 ? null : style.interfaceName(index, fd);
  return name === null ? String(index) : `if_nametoindex("${name}")`;
}

/** An address of a family; null: too few bytes, or no family that is known. */
export function addressText(bytes: Uint8Array, at: number, of: number): string | null {
  if (of === AF_INET && bytes.length >= at + 4) {
    return `inet_addr("${bytes.subarray(at, at + 4).join('.')}")`;
  }
  if (of !== AF_INET6 || bytes.length < at + 16) return null;
  return `inet_pton(AF_INET6, "${ipv6Text(bytes, at)}")`;
}

export function sizeOf(fields: readonly Field[]): number {
  return fields.reduce((sum, [, size]) => sum + size, 0);
}

/** What stands between the braces. */
export function fieldsText(fields: readonly Field[], bytes: Uint8Array, context: Context): string {
  const view = viewOf(bytes);
  const parts: string[] = [];
  let at = 0;
  for (const [name, size, print] of fields) {
    if (name !== '') parts.push(`${name}=${print(view, at, context)}`);
    at += size;
  }
  return parts.join(', ');
}
