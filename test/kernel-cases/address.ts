/** Addresses as the cases write them, and as the kernel takes them. */
import { formatIP, parseIP } from '../../src/net/ip.ts';
import {
  isSockaddrNetlink,
  isSockaddrPacket,
  isSockaddrVsock,
} from '../../src/syscall/sockaddr-link.ts';
import {
  decodeSockaddr,
  encodeSockaddr,
  isSockaddrInet,
  isSockaddrInet6,
  isSockaddrUnix,
} from '../../src/syscall/sockaddr.ts';
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
  const numbers = /^(nl|pkt|vm):(\d+)[/:](\d+)$/.exec(text);
  if (numbers !== null) {
    return numbersAddress(numbers[1]!, Number(numbers[2]), Number(numbers[3]));
  }
  const abstract = /^(?:un:)?@(.*)$/.exec(text);
  if (abstract !== null) return unixAddress(`\0${abstract[1]!.replaceAll('\\0', '\0')}`);
  const path = /^un:"(.*)"$/.exec(text);
  return path === null ? null : unixAddress(path[1]!);
}

/** nl:PORT/GROUPS, pkt:PROTOCOL/INTERFACE, vm:CID:PORT, of which the last two are ours. */
function numbersAddress(kind: string, first: number, second: number): Uint8Array {
  if (kind === 'nl') return encodeSockaddr({ family: AF_NETLINK, pid: first, groups: second });
  if (kind === 'vm') return encodeSockaddr({ family: AF_VSOCK, cid: first, port: second });
  return encodeSockaddr({ family: AF_PACKET, protocol: first, ifindex: second });
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
  if (isSockaddrNetlink(sockaddr)) {
    return `nl:${sockaddr.pid === pid ? 'PID' : sockaddr.pid}/${sockaddr.groups}`;
  }
  if (isSockaddrPacket(sockaddr)) return `pkt:${sockaddr.protocol}/${sockaddr.ifindex}`;
  if (isSockaddrVsock(sockaddr)) return `vm:${sockaddr.cid}:${sockaddr.port}`;
  return `fam${family}(${addr.length}B)`;
}
