/**
 * Numbers of 64 bits as strace(1) prints them: names.ts for arguments that C passes as a long, and for members
 * of structs. An int that is passed as a long has its sign in the upper half.
 */
import { flagsOf, type Names } from './names.ts';

/** An int as the kernel sees it when C passes it as a long. */
export function asLong(value: number): bigint {
  return BigInt.asUintN(64, BigInt(value | 0));
}

/** "%#lx": zero has no prefix. */
export function wideHex(value: bigint): string {
  return value === 0n ? '0' : `0x${value.toString(16)}`;
}

/** Flags of 64 bits, whose names are all in the lower half. */
export function wideFlagsOf(value: bigint, names: Names): string {
  const low = Number(value & 0xffff_ffffn);
  const high = value >> 32n;
  if (high === 0n) return flagsOf(low, names);
  let rest = low;
  const parts: string[] = [];
  for (const [flag, name] of names.rows) {
    if (flag === 0 || (rest & flag) >>> 0 !== flag) continue;
    parts.push(name);
    rest = (rest & ~flag) >>> 0;
  }
  const unnamed = wideHex((high << 32n) | BigInt(rest));
  return parts.length === 0 ? `${unnamed} /* ${names.unknown} */` : `${parts.join('|')}|${unnamed}`;
}
