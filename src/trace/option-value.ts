/** The values of socket options as strace(1) prints them: "[1]", "{l_onoff=1, l_linger=0}", …. */
import { SOL_NETLINK } from '../syscall/netlink.ts';
import { SOL_SOCKET } from '../syscall/socket.ts';
import { socketOptionName } from '../syscall/options.ts';
import { hex } from './names.ts';
import type { Column } from './signature.ts';
import { quotedBytes } from './quoted.ts';

export const level: Column<number> = {
  print(value) {
    if (value === SOL_NETLINK) return 'SOL_NETLINK';
    return value === SOL_SOCKET ? 'SOL_SOCKET' : hex(value);
  },
};

export const optionName: Column<number> = {
  print: (value, call) =>
    socketOptionName(
      call.name === 'getsockopt' ? 'getsockopt' : 'setsockopt',
      call.args[1] as number,
      value,
    ) ?? hex(value),
};

export const givenOption: Column<Uint8Array> = {
  print(value, call, style) {
    const length = call.args[4] as number;
    if (length !== 4) return quotedBytes(value.subarray(0, length), style);
    return `[${new DataView(value.buffer, value.byteOffset, 4).getInt32(0, true)}]`;
  },
};

export const filledOption: Column<Uint8Array> = {
  print(value, call, style) {
    const length = (call.args[4] as Uint32Array)[0]!;
    if (call.result < 0) return style.addresses.of(value);
    if (length !== 4) return quotedBytes(value.subarray(0, length), style);
    return `[${new DataView(value.buffer, value.byteOffset, 4).getInt32(0, true)}]`;
  },
};

/** "[4]", "[16 => 4]". */
export const optionLength: Column<Uint32Array> = {
  changes: true,
  print(value, call) {
    const was = (call.before[4] as Uint32Array)[0]!;
    return call.result < 0 || was === value[0] ? `[${was}]` : `[${was} => ${value[0]}]`;
  },
};
