/** ioctl(2) as strace(1) prints it. */
import { NULL } from './columns.ts';
import { hex } from './names.ts';
import type { Column } from './signature.ts';
import { quotedBytes } from './quoted.ts';

export const ioctlRequest: Column<number> = { print: (value) => hex(value) };

export const ioctlArgument: Column<Uint8Array | number | null> = {
  print(value, _call, style) {
    if (value === null) return NULL;
    return typeof value === 'number' ? hex(value) : quotedBytes(value, style);
  },
};
