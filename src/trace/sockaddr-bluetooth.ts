/**
 * The fields of the addresses of Bluetooth, as strace(1) prints them: their length says which of the four they
 * are, hci, sco, rfcomm or l2cap. strace writes the bytes of an address in the order of memory.
 */
import {
  BDADDR_BREDR,
  BDADDR_LE_PUBLIC,
  BDADDR_LE_RANDOM,
  HCI_CHANNEL_CONTROL,
  HCI_CHANNEL_LOGGING,
  HCI_CHANNEL_MONITOR,
  HCI_CHANNEL_RAW,
  HCI_CHANNEL_USER,
} from '../syscall/bluetooth.ts';
import { nameOf, type Names } from './names.ts';

const CHANNELS: Names = {
  rows: [
    [HCI_CHANNEL_RAW, 'HCI_CHANNEL_RAW'],
    [HCI_CHANNEL_USER, 'HCI_CHANNEL_USER'],
    [HCI_CHANNEL_MONITOR, 'HCI_CHANNEL_MONITOR'],
    [HCI_CHANNEL_CONTROL, 'HCI_CHANNEL_CONTROL'],
    [HCI_CHANNEL_LOGGING, 'HCI_CHANNEL_LOGGING'],
  ],
  unknown: 'HCI_CHANNEL_???',
};

const ADDRESS_TYPES: Names = {
  rows: [
    [BDADDR_BREDR, 'BDADDR_BREDR'],
    [BDADDR_LE_PUBLIC, 'BDADDR_LE_PUBLIC'],
    [BDADDR_LE_RANDOM, 'BDADDR_LE_RANDOM'],
  ],
  unknown: 'BDADDR_???',
};

// The kernel's net/bluetooth/l2cap.h, which no program includes.
const LE_PSM_START = 0x80;
const LE_PSM_END = 0xff;
const PSM_START = 0x1001;
const CID_START = 0x40;

const PSMS: Names = {
  rows: [
    [0x01, 'L2CAP_PSM_SDP'],
    [0x03, 'L2CAP_PSM_RFCOMM'],
    [0x21, 'L2CAP_PSM_3DSP'],
    [0x23, 'L2CAP_PSM_IPSP'],
    [LE_PSM_START, 'L2CAP_PSM_LE_DYN_START'],
    [LE_PSM_END, 'L2CAP_PSM_LE_DYN_END'],
    [PSM_START, 'L2CAP_PSM_DYN_START'],
    [0x10ff, 'L2CAP_PSM_AUTO_END'],
    [0xffff, 'L2CAP_PSM_DYN_END'],
  ],
  unknown: 'L2CAP_PSM_???',
};

const CIDS: Names = {
  rows: [
    [0x01, 'L2CAP_CID_SIGNALING'],
    [0x02, 'L2CAP_CID_CONN_LESS'],
    [0x03, 'L2CAP_CID_A2MP'],
    [0x04, 'L2CAP_CID_ATT'],
    [0x05, 'L2CAP_CID_LE_SIGNALING'],
    [0x06, 'L2CAP_CID_SMP'],
    [0x07, 'L2CAP_CID_SMP_BREDR'],
    [CID_START, 'L2CAP_CID_DYN_START'],
    [0x7f, 'L2CAP_CID_LE_DYN_END'],
    [0xffff, 'L2CAP_CID_DYN_END'],
  ],
  unknown: 'L2CAP_CID_???',
};

/** A name, or how far it is from the beginning of a range. */
function inRange(value: number, names: Names, start: number, range: string): string {
  const name = nameOf(value, names);
  return value > start && name.endsWith('*/') ? `${range}+${value - start}` : name;
}

function psm(value: number): string {
  return value > LE_PSM_START && value < LE_PSM_END
    ? inRange(value, PSMS, LE_PSM_START, 'L2CAP_PSM_LE_DYN_START')
    : inRange(value, PSMS, PSM_START, 'L2CAP_PSM_DYN_START');
}

function bdaddr(addr: Uint8Array, at: number): string {
  return Array.from(addr.subarray(at, at + 6), (byte) => byte.toString(16).padStart(2, '0')).join(
    ':',
  );
}

/** Whether {@link bluetooth} knows an address of this length. */
export function isBluetoothLength(length: number): boolean {
  return length % 2 === 0 && length >= 4 && length <= 14;
}

/** Of one of those lengths. */
export function bluetooth(addr: Uint8Array, view: DataView): string {
  const word = (at: number): number => view.getUint16(at, true);
  const { length } = addr;
  if (length < 8) {
    const dev = `hci_dev=htobs(${word(2)})`;
    return length < 6 ? dev : `${dev}, hci_channel=${nameOf(word(4), CHANNELS)}`;
  }
  if (length < 10) return `sco_bdaddr=${bdaddr(addr, 2)}`;
  if (length < 12) return `rc_bdaddr=${bdaddr(addr, 2)}, rc_channel=${addr[8]}`;
  const cid = inRange(word(10), CIDS, CID_START, 'L2CAP_CID_DYN_START');
  const l2 = `l2_psm=htobs(${psm(word(2))}), l2_bdaddr=${bdaddr(addr, 4)}, l2_cid=htobs(${cid})`;
  return length < 14 ? l2 : `${l2}, l2_bdaddr_type=${nameOf(addr[12]!, ADDRESS_TYPES)}`;
}
