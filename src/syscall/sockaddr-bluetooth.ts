/**
 * Bluetooth's four socket addresses, and Bluetooth addresses as text.
 *
 * The four share AF_BLUETOOTH; the socket's protocol says which one it is, so it is part of the
 * value: `{ family: AF_BLUETOOTH, protocol: BTPROTO_RFCOMM, bdaddr, channel: 1 }`. Their lengths
 * differ too. Every number is lowest byte first. Use encodeSockaddr and decodeSockaddr of
 * sockaddr.ts. Source: <bluetooth/bluetooth.h>, l2cap.h, rfcomm.h, hci.h and sco.h of BlueZ.
 */
import { BTPROTO_HCI, BTPROTO_L2CAP, BTPROTO_RFCOMM, BTPROTO_SCO } from './bluetooth.ts';
import { copyOf, fixedBytes, unsigned, viewOf, withFamily, word } from './struct-fields.ts';
import { AF_BLUETOOTH } from './socket.ts';

/** struct sockaddr_l2. */
export interface SockaddrL2cap {
  readonly family: typeof AF_BLUETOOTH;
  readonly protocol: typeof BTPROTO_L2CAP;
  /** Protocol or service multiplexer, the "port"; 0 if `cid` says it. */
  readonly psm: number;
  /** 6 bytes, last byte of the text first: see {@link parseBdaddr}. */
  readonly bdaddr: Uint8Array;
  /** A fixed channel, else 0. */
  readonly cid: number;
  /** BDADDR_BREDR, BDADDR_LE_PUBLIC or BDADDR_LE_RANDOM. */
  readonly bdaddrType: number;
}

/** struct sockaddr_rc. */
export interface SockaddrRfcomm {
  readonly family: typeof AF_BLUETOOTH;
  readonly protocol: typeof BTPROTO_RFCOMM;
  /** 6 bytes, last byte of the text first. */
  readonly bdaddr: Uint8Array;
  /** 1..30; 0 for any when binding. */
  readonly channel: number;
}

/** struct sockaddr_hci. */
export interface SockaddrHci {
  readonly family: typeof AF_BLUETOOTH;
  readonly protocol: typeof BTPROTO_HCI;
  /** The number of the adapter, or HCI_DEV_NONE. */
  readonly dev: number;
  /** HCI_CHANNEL_RAW, HCI_CHANNEL_USER, …. */
  readonly channel: number;
}

/** struct sockaddr_sco. */
export interface SockaddrSco {
  readonly family: typeof AF_BLUETOOTH;
  readonly protocol: typeof BTPROTO_SCO;
  /** 6 bytes, last byte of the text first. */
  readonly bdaddr: Uint8Array;
}

export type SockaddrBluetooth = SockaddrL2cap | SockaddrRfcomm | SockaddrHci | SockaddrSco;

/** The same for who writes one by hand: what is mostly 0 may be left out. */
export type SockaddrBluetoothLike =
  | (Omit<SockaddrL2cap, 'cid' | 'bdaddrType'> & Partial<Pick<SockaddrL2cap, 'cid' | 'bdaddrType'>>)
  | SockaddrRfcomm
  | (Omit<SockaddrHci, 'channel'> & Partial<Pick<SockaddrHci, 'channel'>>)
  | SockaddrSco;

/** Any Sockaddr, which only sockaddr.ts knows. */
interface AnySockaddr {
  readonly family: number;
}

/** Any of the four. */
export function isSockaddrBluetooth(sa: AnySockaddr): sa is SockaddrBluetooth {
  return sa.family === AF_BLUETOOTH && 'protocol' in sa;
}

export function isSockaddrL2cap(sa: AnySockaddr): sa is SockaddrL2cap {
  return isSockaddrBluetooth(sa) && sa.protocol === BTPROTO_L2CAP;
}

export function isSockaddrRfcomm(sa: AnySockaddr): sa is SockaddrRfcomm {
  return isSockaddrBluetooth(sa) && sa.protocol === BTPROTO_RFCOMM;
}

export function isSockaddrHci(sa: AnySockaddr): sa is SockaddrHci {
  return isSockaddrBluetooth(sa) && sa.protocol === BTPROTO_HCI;
}

export function isSockaddrSco(sa: AnySockaddr): sa is SockaddrSco {
  return isSockaddrBluetooth(sa) && sa.protocol === BTPROTO_SCO;
}

const L2CAP_SIZE = 14;
const RFCOMM_SIZE = 10;
const HCI_SIZE = 6;
const SCO_SIZE = 8;
const BDADDR_SIZE = 6;

/** For encodeSockaddr. */
export function encodeBluetooth(sa: SockaddrBluetoothLike): Uint8Array {
  switch (sa.protocol) {
    case BTPROTO_L2CAP:
      return encodeL2cap(sa);
    case BTPROTO_RFCOMM: {
      const buf = withFamily(AF_BLUETOOTH, RFCOMM_SIZE);
      buf.set(fixedBytes('sockaddr_rc', 'bdaddr', sa.bdaddr, BDADDR_SIZE), 2);
      buf[8] = unsigned('sockaddr_rc', 'channel', 8, sa.channel);
      return buf;
    }
    case BTPROTO_HCI: {
      const buf = withFamily(AF_BLUETOOTH, HCI_SIZE);
      const view = viewOf(buf);
      view.setUint16(2, unsigned('sockaddr_hci', 'dev', 16, sa.dev), true);
      view.setUint16(4, unsigned('sockaddr_hci', 'channel', 16, sa.channel ?? 0), true);
      return buf;
    }
    case BTPROTO_SCO: {
      const buf = withFamily(AF_BLUETOOTH, SCO_SIZE);
      buf.set(fixedBytes('sockaddr_sco', 'bdaddr', sa.bdaddr, BDADDR_SIZE), 2);
      return buf;
    }
    default: {
      const { protocol } = sa as { protocol: unknown };
      throw new RangeError(
        `sockaddr: protocol ${String(protocol)} of AF_BLUETOOTH has no address that is known here`,
      );
    }
  }
}

/**
 * For decodeSockaddr: the address in the first `end` bytes of `buf`; null if they are not one.
 * Without a protocol the length says which it is. `end` is within `buf`.
 */
export function decodeBluetooth(
  buf: Uint8Array,
  end: number,
  protocol: number | undefined = protocolOfLength(end),
): SockaddrBluetooth | null {
  const family: typeof AF_BLUETOOTH = AF_BLUETOOTH;
  if (protocol === BTPROTO_L2CAP && end >= L2CAP_SIZE) {
    return {
      family,
      protocol,
      psm: word(buf, 2),
      bdaddr: copyOf(buf, 4, 10),
      cid: word(buf, 10),
      bdaddrType: buf[12] ?? 0,
    };
  }
  if (protocol === BTPROTO_RFCOMM && end >= RFCOMM_SIZE) {
    return { family, protocol, bdaddr: copyOf(buf, 2, 8), channel: buf[8] ?? 0 };
  }
  if (protocol === BTPROTO_HCI && end >= HCI_SIZE) {
    return { family, protocol, dev: word(buf, 2), channel: word(buf, 4) };
  }
  if (protocol === BTPROTO_SCO && end >= SCO_SIZE) {
    return { family, protocol, bdaddr: copyOf(buf, 2, 8) };
  }
  return null;
}

/**
 * The 6 bytes of "aa:bb:cc:dd:ee:ff", as sockets have them: ff first. Either case. TypeError for
 * other text.
 */
export function parseBdaddr(text: string): Uint8Array {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) {
    throw new TypeError(
      `parseBdaddr: ${JSON.stringify(text)} is not an address such as "00:1a:7d:da:71:13"`,
    );
  }
  return Uint8Array.from(text.split(':').reverse(), (byte) => Number.parseInt(byte, 16));
}

/** The text of 6 bytes as sockets have them: "aa:bb:cc:dd:ee:ff" of ff, ee, …. */
export function formatBdaddr(bdaddr: Uint8Array): string {
  const bytes = Array.from(fixedBytes('formatBdaddr', 'bdaddr', bdaddr, BDADDR_SIZE));
  return bytes
    .reverse()
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(':');
}

function encodeL2cap(sa: SockaddrBluetoothLike & { protocol: typeof BTPROTO_L2CAP }): Uint8Array {
  const buf = withFamily(AF_BLUETOOTH, L2CAP_SIZE);
  const view = viewOf(buf);
  view.setUint16(2, unsigned('sockaddr_l2', 'psm', 16, sa.psm), true);
  buf.set(fixedBytes('sockaddr_l2', 'bdaddr', sa.bdaddr, BDADDR_SIZE), 4);
  view.setUint16(10, unsigned('sockaddr_l2', 'cid', 16, sa.cid ?? 0), true);
  buf[12] = unsigned('sockaddr_l2', 'bdaddrType', 8, sa.bdaddrType ?? 0);
  return buf;
}

function protocolOfLength(length: number): number | undefined {
  if (length === L2CAP_SIZE) return BTPROTO_L2CAP;
  if (length === RFCOMM_SIZE) return BTPROTO_RFCOMM;
  if (length === HCI_SIZE) return BTPROTO_HCI;
  if (length === SCO_SIZE) return BTPROTO_SCO;
  return undefined;
}
