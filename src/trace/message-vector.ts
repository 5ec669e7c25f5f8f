/** struct mmsghdr[] as strace(1) prints it, of recvmmsg(2) and sendmmsg(2). */
import type { MsgVec } from '../kernel/kernel.ts';
import type { Column } from './signature.ts';

export const messageVector: Column<MsgVec> = {
  print: (value, _call, style) => style.addresses.of(value),
};

export const receivedVector: Column<MsgVec> = {
  print: (value, _call, style) => style.addresses.of(value),
};
