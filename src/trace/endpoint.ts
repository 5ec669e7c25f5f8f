/** Addresses as people write them: "127.0.0.1:80", "[::1]:80", "/run/x.sock", "@name". */
import {
  decodeSockaddr,
  isSockaddrInet,
  isSockaddrInet6,
  isSockaddrUnix,
} from '../syscall/sockaddr.ts';
import { ipv6Text } from './sockaddr.ts';

const MAPPED = '::ffff:';

/** Host and port. An IPv4 address in IPv6 is written as IPv4, and a zone left out. */
export function endpoint(ip: string, port: number): string {
  const [plain = ''] = ip.split('%');
  if (!plain.includes(':')) return `${plain}:${port}`;
  const isMapped = plain.startsWith(MAPPED) && plain.includes('.');
  return isMapped ? `${plain.slice(MAPPED.length)}:${port}` : `[${plain}]:${port}`;
}

/** What is in the first `length` bytes of `addr`; empty: nothing that has a name. */
export function endpointOf(addr: Uint8Array, length: number): string {
  const sa = decodeSockaddr(addr, Math.min(length, addr.length));
  if (isSockaddrInet(sa)) return endpoint(sa.addr.join('.'), sa.port);
  if (isSockaddrInet6(sa)) return endpoint(ipv6Text(sa.addr, 0), sa.port);
  if (!isSockaddrUnix(sa) || sa.path.length === 0) return '';
  const path = String.fromCharCode(...sa.path);
  return path.startsWith('\0') ? `@${path.slice(1)}` : path;
}
