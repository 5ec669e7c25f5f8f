/**
 * struct ifreq as strace(1) prints it: the name of an interface, and the member of its union that the request
 * is about. Of a request that asks, the member is printed when it was answered.
 */
import * as arp from '../syscall/arp.ts';
import * as interfaces from '../syscall/interface.ts';
import { IFNAMSIZ } from '../syscall/interface.ts';
import * as ioctl from '../syscall/ioctl.ts';
import { flagsOf, hex, type Names, namesOf, nameOf } from './names.ts';
import { quotedBytes } from './quoted.ts';
import { sockaddrText } from './sockaddr.ts';
import type { Style } from './style.ts';

/** struct sockaddr in the union. */
const SOCKADDR_END = IFNAMSIZ + 16;

type Member = (ifreq: Uint8Array, view: DataView, style: Style) => string;

const FLAGS: Names = namesOf(interfaces, 'IFF_???', [
  'IFF_UP',
  'IFF_BROADCAST',
  'IFF_DEBUG',
  'IFF_LOOPBACK',
  'IFF_POINTOPOINT',
  'IFF_NOTRAILERS',
  'IFF_RUNNING',
  'IFF_NOARP',
  'IFF_PROMISC',
  'IFF_ALLMULTI',
  'IFF_MASTER',
  'IFF_SLAVE',
  'IFF_MULTICAST',
  'IFF_PORTSEL',
  'IFF_AUTOMEDIA',
  'IFF_DYNAMIC',
]);

const HARDWARE: Names = namesOf(
  arp,
  'ARPHRD_???',
  Object.keys(arp).filter((name) => name.startsWith('ARPHRD_') && name !== 'ARPHRD_HDLC'),
);

/** Of the kinds whose addresses are not as long as the field. */
const HARDWARE_LENGTHS: ReadonlyMap<number, number> = new Map([
  [arp.ARPHRD_NETROM, 7],
  [arp.ARPHRD_ETHER, 6],
  [arp.ARPHRD_AX25, 7],
  [arp.ARPHRD_IEEE802, 6],
  [arp.ARPHRD_ARCNET, 1],
  [arp.ARPHRD_DLCI, 2],
  [arp.ARPHRD_EUI64, 8],
  [arp.ARPHRD_ROSE, 5],
  [arp.ARPHRD_X25, 5],
  [arp.ARPHRD_MCTP, 1],
  [arp.ARPHRD_TUNNEL, 4],
  [arp.ARPHRD_LOOPBACK, 6],
  [arp.ARPHRD_LOCALTLK, 1],
  [arp.ARPHRD_FDDI, 6],
  [arp.ARPHRD_SIT, 4],
  [arp.ARPHRD_IPDDP, 4],
  [arp.ARPHRD_IPGRE, 4],
  [arp.ARPHRD_PIMREG, 4],
  [arp.ARPHRD_HIPPI, 6],
  [arp.ARPHRD_IRDA, 4],
  [arp.ARPHRD_IEEE80211, 6],
  [arp.ARPHRD_IEEE80211_PRISM, 6],
  [arp.ARPHRD_IEEE80211_RADIOTAP, 6],
  [arp.ARPHRD_IEEE802154, 8],
  [arp.ARPHRD_IEEE802154_MONITOR, 8],
  [arp.ARPHRD_PHONET, 1],
  [arp.ARPHRD_PHONET_PIPE, 1],
  [arp.ARPHRD_CAIF, 1],
  [arp.ARPHRD_6LOWPAN, 8],
  [arp.ARPHRD_VSOCKMON, 8],
]);

/** A name of 16 bytes: its end must be in it, or it is cut. */
export function nameText(bytes: Uint8Array, style: Style): string {
  const room = bytes.subarray(0, IFNAMSIZ);
  const end = room.indexOf(0);
  const whole = { ...style, strings: IFNAMSIZ };
  if (end >= 0) return quotedBytes(room.subarray(0, end), whole);
  return `${quotedBytes(room.subarray(0, IFNAMSIZ - 1), whole)}...`;
}

/** Of 16 bytes, which -s does not cut. */
function address(name: string): Member {
  return (ifreq, _view, style) => {
    const whole = { ...style, strings: SOCKADDR_END };
    return `${name}=${sockaddrText(ifreq.subarray(IFNAMSIZ, SOCKADDR_END), whole)}`;
  };
}

function number(name: string): Member {
  return (_ifreq, view) => `${name}=${view.getInt32(IFNAMSIZ, true)}`;
}

function text(name: string): Member {
  return (ifreq, _view, style) => `${name}=${nameText(ifreq.subarray(IFNAMSIZ), style)}`;
}

const flags: Member = (_ifreq, view) =>
  `ifr_flags=${flagsOf(view.getUint16(IFNAMSIZ, true), FLAGS)}`;

const hardware: Member = (ifreq, view) => {
  const type = view.getUint16(IFNAMSIZ, true);
  const start = IFNAMSIZ + 2;
  const bytes = ifreq.subarray(start, start + (HARDWARE_LENGTHS.get(type) ?? 14));
  const data = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  return `ifr_hwaddr={sa_family=${nameOf(type, HARDWARE)}, sa_data=${data}}`;
};

/** struct ifmap: where the device is in the machine. */
const map: Member = (ifreq, view) => {
  const long = (at: number): string => {
    const value = view.getBigUint64(IFNAMSIZ + at, true);
    return value === 0n ? '0' : `0x${value.toString(16)}`;
  };
  const [irq, dma, port] = ifreq.subarray(IFNAMSIZ + 18, IFNAMSIZ + 21);
  const base = hex(view.getUint16(IFNAMSIZ + 16, true));
  const where = `mem_start=${long(0)}, mem_end=${long(8)}, base_addr=${base}`;
  return `ifr_map={${where}, irq=${irq}, dma=${dma}, port=${port}}`;
};

/** What a request asks for. */
const ASKED: ReadonlyMap<number, Member> = new Map([
  [ioctl.SIOCGIFFLAGS, flags],
  [ioctl.SIOCGIFADDR, address('ifr_addr')],
  [ioctl.SIOCGIFDSTADDR, address('ifr_dstaddr')],
  [ioctl.SIOCGIFBRDADDR, address('ifr_broadaddr')],
  [ioctl.SIOCGIFNETMASK, address('ifr_netmask')],
  [ioctl.SIOCGIFMETRIC, number('ifr_metric')],
  [ioctl.SIOCGIFMTU, number('ifr_mtu')],
  [ioctl.SIOCGIFHWADDR, hardware],
  [ioctl.SIOCGIFSLAVE, text('ifr_slave')],
  [ioctl.SIOCGIFINDEX, number('ifr_ifindex')],
  [ioctl.SIOCGIFTXQLEN, number('ifr_qlen')],
  [ioctl.SIOCGIFMAP, map],
]);

/** What a request sets. */
const SET: ReadonlyMap<number, Member> = new Map([
  [ioctl.SIOCSIFFLAGS, flags],
  [ioctl.SIOCSIFADDR, address('ifr_addr')],
  [ioctl.SIOCSIFDSTADDR, address('ifr_dstaddr')],
  [ioctl.SIOCSIFBRDADDR, address('ifr_broadaddr')],
  [ioctl.SIOCSIFNETMASK, address('ifr_netmask')],
  [ioctl.SIOCSIFMETRIC, number('ifr_metric')],
  [ioctl.SIOCSIFMTU, number('ifr_mtu')],
  [ioctl.SIOCSIFNAME, text('ifr_newname')],
  [ioctl.SIOCSIFHWADDR, hardware],
  [ioctl.SIOCSIFSLAVE, text('ifr_slave')],
  [ioctl.SIOCADDMULTI, hardware],
  [ioctl.SIOCDELMULTI, hardware],
  [ioctl.SIOCSIFHWBROADCAST, hardware],
  [ioctl.SIOCSIFTXQLEN, number('ifr_qlen')],
]);

/** Of a request about an interface; undefined of any other. `ifreq` has 40 bytes at least. */
export function ifreqText(
  request: number,
  ifreq: Uint8Array,
  failed: boolean,
  style: Style,
): string | undefined {
  const view = new DataView(ifreq.buffer, ifreq.byteOffset, ifreq.byteLength);
  const name = `ifr_name=${nameText(ifreq, style)}`;
  if (request === ioctl.SIOCGIFNAME) {
    const index = number('ifr_ifindex')(ifreq, view, style);
    return failed ? `{${index}}` : `{${index}, ${name}}`;
  }
  const asked = ASKED.get(request);
  if (asked !== undefined && failed) return `{${name}}`;
  const member = asked ?? SET.get(request);
  return member === undefined ? undefined : `{${name}, ${member(ifreq, view, style)}}`;
}
