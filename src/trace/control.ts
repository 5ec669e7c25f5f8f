/**
 * Control messages as strace(1) prints them: struct cmsghdr[] of sendmsg(2) and recvmsg(2).
 *
 * strace knows the types of SOL_SOCKET and SOL_IP; those of other levels are numbers, without data. What follows
 * a cmsg_len that is shorter than its own header, or does not fill a header, is "..." and an address in a comment.
 * A cmsg_len within 7 of 2**64 makes strace 6.1 print for ever; here that message is the last one.
 */
import { CONTROL_TYPES_IP, CONTROL_TYPES_SOCKET, LEVELS } from './control-names.ts';
import { dataText } from './control-data.ts';
import { SOL_IP } from '../syscall/inet.ts';
import { SOL_SOCKET } from '../syscall/socket.ts';
import { hex, nameOf } from './names.ts';
import type { Style } from './style.ts';

const HEADER = 16;
const ALIGNMENT = 8;

function typeText(level: number, type: number): string {
  if (level === SOL_SOCKET) return nameOf(type, CONTROL_TYPES_SOCKET);
  if (level === SOL_IP) return nameOf(type, CONTROL_TYPES_IP);
  return hex(type);
}

function messageText(bytes: Uint8Array, view: DataView, length: bigint, style: Style): string {
  const level = view.getInt32(8, true);
  const type = view.getInt32(12, true);
  const data = dataText(level, type, bytes.subarray(HEADER), style);
  const fields = [
    `cmsg_len=${length}`,
    `cmsg_level=${nameOf(level, LEVELS)}`,
    `cmsg_type=${typeText(level, type)}`,
  ];
  if (data !== null) fields.push(`cmsg_data=${data}`);
  return `{${fields.join(', ')}}`;
}

/** The value of msg_control; bytes that hold not one header are an address. */
export function controlText(control: Uint8Array, style: Style): string {
  if (control.length < HEADER) return style.addresses.of(control);
  const parts: string[] = [];
  let rest = control;
  while (rest.length >= HEADER) {
    const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
    const length = view.getBigUint64(0, true);
    const whole = length > BigInt(rest.length) ? rest.length : Number(length);
    parts.push(messageText(rest.subarray(0, Math.max(whole, HEADER)), view, length, style));
    if (whole < HEADER) {
      rest = rest.subarray(HEADER);
      break;
    }
    rest = rest.subarray(Math.ceil(whole / ALIGNMENT) * ALIGNMENT);
  }
  if (rest.length > 0) parts.push(`... /* ${style.addresses.of(rest)} */`);
  return `[${parts.join(', ')}]`;
}
