/**
 * struct iovec[] as strace(1) prints it: "[{iov_base="GET ", iov_len=4}, …]", as many as -s allows, then "...".
 */
import type { Iov } from '../kernel/kernel.ts';
import { wholeLength } from './cut.ts';
import type { Column } from './signature.ts';
import { quotedBytes } from './quoted.ts';
import type { Style } from './style.ts';

export function partsOf(iov: Iov): readonly Uint8Array[] {
  return iov instanceof Uint8Array ? [iov] : iov;
}

/** The bytes of all parts. */
export function sizeOf(iov: Iov): number {
  return partsOf(iov).reduce((sum, part) => sum + wholeLength(part), 0);
}

/** `count` bytes of the parts are data; a negative count: strace prints addresses. */
export function iovText(
  iov: Iov,
  count: number,
  style: Style,
  textOf: (bytes: Uint8Array, style: Style) => string = quotedBytes,
): string {
  const parts = partsOf(iov);
  const shown: string[] = [];
  let left = count;
  for (const part of parts) {
    if (shown.length >= style.strings) {
      shown.push('...');
      break;
    }
    const length = Math.min(wholeLength(part), Math.max(left, 0));
    const base = count < 0 ? style.addresses.of(part) : textOf(part.subarray(0, length), style);
    left -= length;
    shown.push(`{iov_base=${base}, iov_len=${wholeLength(part)}}`);
  }
  return `[${shown.join(', ')}]`;
}

/** writev: what goes out, whether the call fails or not. The count of parts is the next argument in C. */
export const sentIov: Column<Iov> = {
  print: (iov, _call, style) => `${iovText(iov, sizeOf(iov), style)}, ${partsOf(iov).length}`,
};

/** readv: what came in. */
export const receivedIov: Column<Iov> = {
  print: (iov, call, style) => `${iovText(iov, call.result, style)}, ${partsOf(iov).length}`,
};
