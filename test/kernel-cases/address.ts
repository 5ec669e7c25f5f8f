/** Addresses as the cases write them, and as the kernel takes them. */
import { formatIP, parseIP } from '../../src/net/ip.ts';
import { decodeSockaddr, encodeSockaddr } from '../../src/syscall/sockaddr.ts';
import { isSockaddrInet, isSockaddrInet6, isSockaddrUnix } from '../../src/syscall/sockaddr.ts';
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  AF_VSOCK,
} from '../../src/syscall/socket.ts';

/** From the port's text to its number: "0", "5000", or "P1". */
export type PortOf = (text: string) => number;

/** The bytes of "127.0.0.1:P1", "[fe80::1%1]:0", "un:@name", 'un:"path"', "nl:PORT/GROUPS"; null if it is none. */
export function encodeAddress(text: string, portOf: PortOf): Uint8Array | null {
  const v4 = /^(\d+\.\d+\.\d+\.\d+):(\w+)$/.exec(text);
  if (v4 !== null) {
    const addr = parseIP(v4[1]!)!.slice(12);
    return encodeSockaddr({ family: AF_INET, addr, port: portOf(v4[2]!) });
  }
  const v6 = /^\[([0-9a-f:.]+)(?:%(\d+))?\]:(\w+)$/.exec(text);
  if (v6 !== null) {
    const addr = parseIP(v6[1]!)!;
    const scopeId = Number(v6[2] ?? 0);
    return encodeSockaddr({ family: AF_INET6, addr, port: portOf(v6[3]!), flowinfo: 0, scopeId });
  }
  const words = /^(nl|pkt|vm):(\d+)[/:](\d+)$/.exec(text);
  if (words !== null) return wordAddress(words[1]!, Number(words[2]), Number(words[3]));
  const abstract = /^(?:un:)?@(.*)$/.exec(text);
  if (abstract !== null) return unixAddress(`\0${abstract[1]!.replaceAll('\\0', '\0')}`);
  const path = /^un:"(.*)"$/.exec(text);
  return path === null ? null : unixAddress(path[1]!);
}

/** nl:PID/GROUPS, pkt:PROTOCOL/INTERFACE, vm:CID:PORT, of which the last two are ours. */
function wordAddress(kind: string, first: number, second: number): Uint8Array {
  const data = new Uint8Array(kind === 'pkt' ? 18 : kind === 'vm' ? 14 : 10);
  const view = new DataView(data.buffer);
  if (kind === 'pkt') {
    view.setUint16(0, first);
    view.setInt32(2, second, true);
    return encodeSockaddr({ family: AF_PACKET, data });
  }
  view.setUint32(2, kind === 'vm' ? second : first, true);
  view.setUint32(6, kind === 'vm' ? first : second, true);
  return encodeSockaddr({ family: kind === 'vm' ? AF_VSOCK : AF_NETLINK, data });
}

function unixAddress(path: string): Uint8Array {
  return encodeSockaddr({ family: AF_UNIX, path: Buffer.from(path, 'latin1') });
}

/** An address of the kernel as the cases write it; `nameOf` gives a port its name, `pid` is written PID. */
export function showAddress(
  addr: Uint8Array,
  addrlen: number,
  pid: number,
  nameOf: (port: number) => string,
): string {
  if (addrlen === 0) return '-';
  const family = (addr[0] ?? 0) | ((addr[1] ?? 0) << 8);
  if (addr.length < addrlen) return `fam${family}(${addr.length}B)`;
  const sockaddr = decodeSockaddr(addr, addrlen);
  if (isSockaddrInet(sockaddr)) return `${formatIP(sockaddr.addr)}:${nameOf(sockaddr.port)}`;
  if (isSockaddrInet6(sockaddr)) {
    const ip = formatIP(sockaddr.addr);
    const text = ip.includes(':') ? ip : `::ffff:${ip}`;
    const zone = sockaddr.scopeId === 0 ? '' : `%${sockaddr.scopeId}`;
    return `[${text}${zone}]:${nameOf(sockaddr.port)}`;
  }
  if (isSockaddrUnix(sockaddr)) {
    const text = Buffer.from(sockaddr.path).toString('latin1');
    if (text === '') return 'un:unnamed';
    return text.startsWith('\0') ? `un:@${text.slice(1).replaceAll('\0', '\\0')}` : `un:"${text}"`;
  }
  const view = new DataView(addr.buffer, addr.byteOffset, addr.length);
  if (sockaddr.family === AF_NETLINK) {
    const port = view.getUint32(4, true);
    return `nl:${port === pid ? 'PID' : port}/${view.getUint32(8, true)}`;
  }
  if (sockaddr.family === AF_PACKET) return `pkt:${view.getUint16(2)}/${view.getInt32(4, true)}`;
  if (sockaddr.family === AF_VSOCK)
    return `vm:${view.getUint32(8, true)}:${view.getUint32(4, true)}`;
  return `fam${family}(${addr.length}B)`;
}
