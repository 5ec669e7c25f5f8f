/** What is in a control message as strace(1) prints it; what is too short for its struct is not printed, or "???". */
import { IP_CHECKSUM, IP_ORIGDSTADDR, IP_PKTINFO } from '../syscall/inet.ts';
import { IP_RECVERR, IP_RECVOPTS, IP_RETOPTS, IP_TOS, IP_TTL, SOL_IP } from '../syscall/inet.ts';
import * as socket from '../syscall/socket.ts';
import { hex } from './names.ts';
import { quotedBytes } from './quoted.ts';
import { sockaddrText } from './sockaddr.ts';
import type { Style } from './style.ts';
import { timespecText, timevalText } from './time.ts';

type Printer = (data: Uint8Array, view: DataView, style: Style) => string;

/** Bytes of a row's struct, its printer, and what is printed for less: null for nothing. */
type Row = readonly [least: number, print: Printer, short: string | null];

/** Numbers of `size` bytes; no more than -s allows. */
function array(size: number, print: (view: DataView, at: number, style: Style) => string): Row {
  return [
    size,
    (data, view, style) => {
      const count = Math.floor(data.length / size);
      const shown = Math.min(count, style.strings);
      const parts = Array.from({ length: shown }, (_, i) => print(view, i * size, style));
      if (shown < count) parts.push('...');
      return `[${parts.join(', ')}]`;
    },
    null,
  ];
}

/** Not cut by -s. */
function uncut(style: Style): Style {
  return { ...style, strings: Infinity };
}

const descriptors = array(4, (view, at, style) => {
  const fd = view.getInt32(at, true);
  return `${fd}${style.describe(fd)}`;
});
const bytes = array(1, (view, at) => hex(view.getUint8(at)));
const words = array(4, (view, at) => String(view.getUint32(at, true)));
const text: Row = [1, (data, _view, style) => quotedBytes(data, uncut(style)), null];
const timeval: Row = [16, (data) => timevalText(data), '???'];
const timespec: Row = [16, (data) => timespecText(data), '???'];

const timestamping: Row = [
  48,
  (data) => `[${[0, 16, 32].map((at) => timespecText(data.subarray(at))).join(', ')}]`,
  '???',
];

function idText(id: number): string {
  return id === 0xffff_ffff ? '-1' : String(id);
}

const credentials: Row = [
  12,
  (_data, view) =>
    `{pid=${view.getInt32(0, true)}, uid=${idText(view.getUint32(4, true))}, ` +
    `gid=${idText(view.getUint32(8, true))}}`,
  null,
];

function inetText(data: Uint8Array, at: number): string {
  return `inet_addr("${data.subarray(at, at + 4).join('.')}")`;
}

const packetInfo: Row = [
  12,
  (data, view) =>
    `{ipi_ifindex=${view.getUint32(0, true)}, ipi_spec_dst=${inetText(data, 4)}, ` +
    `ipi_addr=${inetText(data, 8)}}`,
  null,
];

const extendedError: Row = [
  32,
  (data, view, style) =>
    `{ee_errno=${view.getUint32(0, true)}, ee_origin=${data[4]}, ee_type=${data[5]}, ` +
    `ee_code=${data[6]}, ee_info=${view.getUint32(8, true)}, ee_data=${view.getUint32(12, true)}, ` +
    `offender=${sockaddrText(data.subarray(16, 32), uncut(style))}}`,
  null,
];

const address: Row = [16, (data, _view, style) => sockaddrText(data, uncut(style)), null];

const SOCKET_ROWS: ReadonlyMap<number, Row> = new Map([
  [socket.SCM_RIGHTS, descriptors],
  [socket.SCM_CREDENTIALS, credentials],
  [socket.SCM_SECURITY, text],
  [socket.SO_TIMESTAMP, timeval],
  [socket.SO_TIMESTAMPNS, timespec],
  [socket.SO_TIMESTAMPING, timestamping],
  [socket.SO_TIMESTAMP_NEW, timeval],
  [socket.SO_TIMESTAMPNS_NEW, timespec],
  [socket.SO_TIMESTAMPING_NEW, timestamping],
]);

const IP_ROWS: ReadonlyMap<number, Row> = new Map([
  [IP_TOS, bytes],
  [IP_TTL, words],
  [IP_RECVOPTS, bytes],
  [IP_RETOPTS, bytes],
  [IP_PKTINFO, packetInfo],
  [IP_RECVERR, extendedError],
  [socket.SCM_SECURITY, text],
  [IP_ORIGDSTADDR, address],
  [IP_CHECKSUM, words],
]);

/** The value of cmsg_data; null where strace prints none. */
export function dataText(
  level: number,
  type: number,
  data: Uint8Array,
  style: Style,
): string | null {
  const rows = level === socket.SOL_SOCKET ? SOCKET_ROWS : level === SOL_IP ? IP_ROWS : null;
  const row = rows?.get(type);
  if (row === undefined || data.length === 0) return null;
  const [least, print, short] = row;
  if (data.length < least) return short;
  return print(data, new DataView(data.buffer, data.byteOffset, data.byteLength), style);
}
