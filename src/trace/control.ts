/** Control messages as strace(1) prints them. */
import { decodeControlMessages } from '../syscall/control-message.ts';
import { decodeRights } from '../syscall/ancillary.ts';
import { SOL_SOCKET } from '../syscall/socket.ts';
import { quotedBytes } from './quoted.ts';
import type { Style } from './style.ts';

const SCM_RIGHTS = 1;
const HEADER = 16;

function dataText(level: number, type: number, data: Uint8Array, style: Style): string {
  if (level === SOL_SOCKET && type === SCM_RIGHTS) {
    const fds = decodeRights(data).map((fd) => `${fd}${style.describe(fd)}`);
    return `cmsg_type=SCM_RIGHTS, cmsg_data=[${fds.join(', ')}]`;
  }
  return `cmsg_type=0x${type.toString(16)}, cmsg_data=${quotedBytes(data, style)}`;
}

export function controlText(control: Uint8Array, style: Style): string {
  const parts = decodeControlMessages(control, control.length).map(({ level, type, data }) => {
    const name = level === SOL_SOCKET ? 'SOL_SOCKET' : `0x${level.toString(16)}`;
    return `{cmsg_len=${HEADER + data.length}, cmsg_level=${name}, ${dataText(level, type, data, style)}}`;
  });
  return `[${parts.join(', ')}]`;
}
