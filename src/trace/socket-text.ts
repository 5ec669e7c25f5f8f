/**
 * Sockets as `strace -yy` prints them: "TCP:[127.0.0.1:80->127.0.0.1:5000]", "UDPv6:[[::1]:53]",
 * "UNIX-STREAM:[1->2,"/path"]", "NETLINK:[ROUTE:77]"; "TCP:[123]", by its inode, while it has no ends.
 *
 * What was once found out of a socket stays, as strace keeps it: a UDP socket that is connected after it was
 * printed with an address is still printed without its peer. A protocol that strace has no name for is "socket".
 */
import type { Kernel } from '../kernel/kernel.ts';
import { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE } from '../syscall/inet.ts';
import * as socket from '../syscall/socket.ts';
import { protocolName } from '../syscall/socket-names.ts';
import { TCP_INFO } from '../syscall/tcp.ts';
import { quotedWithin } from './quoted.ts';
import type { TraceSettings } from './settings.ts';
import { ipv6Text } from './sockaddr.ts';
import { type Ends, tcpEnds, unixEnds } from './socket-diag.ts';

/** strace's own bound: a socket takes the place of another whose inode has the same lower bits. */
const KEPT = 1024n;

const TCP_SYN_SENT = 2;
const TCP_CLOSE = 7;

interface Kind {
  readonly domain: number;
  readonly type: number;
  readonly protocol: number;
}

function inetName({ type, protocol }: Kind, suffix: string): string | null {
  if (type === socket.SOCK_RAW) return `RAW${suffix}`;
  if (protocol === IPPROTO_TCP) return `TCP${suffix}`;
  if (protocol === IPPROTO_UDP) return `UDP${suffix}`;
  return protocol === IPPROTO_UDPLITE && suffix !== '' ? `UDPLITE${suffix}` : null;
}

/** null: strace has none. */
function nameOf(kind: Kind): string | null {
  switch (kind.domain) {
    case socket.AF_UNIX:
      return kind.type === socket.SOCK_STREAM ? 'UNIX-STREAM' : 'UNIX';
    case socket.AF_NETLINK:
      return 'NETLINK';
    case socket.AF_INET:
      return inetName(kind, '');
    case socket.AF_INET6:
      return inetName(kind, 'v6');
    default:
      return null;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** "127.0.0.1:80", "[::1]:80"; of a sockaddr. */
function inetText(addr: Uint8Array): string {
  const port = viewOf(addr).getUint16(2);
  const isV6 = viewOf(addr).getUint16(0, true) === socket.AF_INET6;
  return `${isV6 ? `[${ipv6Text(addr, 8)}]` : addr.subarray(4, 8).join('.')}:${port}`;
}

function joined({ local, peer }: Ends): string {
  return peer === null ? inetText(local) : `${inetText(local)}->${inetText(peer)}`;
}

export class SocketText {
  readonly #kernel: Kernel;
  readonly #hex: TraceSettings['hex'];
  readonly #known: Map<bigint, readonly [inode: bigint, text: string]> = new Map();

  constructor(kernel: Kernel, hex: TraceSettings['hex']) {
    this.#kernel = kernel;
    this.#hex = hex;
  }

  /** The text between "<" and ">"; null if strace has no name for it. */
  of(fd: number, inode: bigint): string | null {
    const slot = inode % KEPT;
    const kept = this.#known.get(slot);
    if (kept?.[0] === inode) return kept[1];
    const kind = this.#kindOf(fd);
    const name = kind === null ? null : nameOf(kind);
    if (kind === null || name === null) return null;
    const ends = this.#endsOf(fd, inode, kind);
    if (ends === null) return `${name}:[${inode}]`;
    const text = `${name}:[${ends}]`;
    this.#known.set(slot, [inode, text]);
    return text;
  }

  #option(fd: number, option: number): number | null {
    const value = new Uint8Array(4);
    const length = Uint32Array.of(4);
    if (this.#kernel.getsockopt(fd, socket.SOL_SOCKET, option, value, length) < 0) return null;
    return viewOf(value).getInt32(0, true);
  }

  #kindOf(fd: number): Kind | null {
    const domain = this.#option(fd, socket.SO_DOMAIN);
    const type = this.#option(fd, socket.SO_TYPE);
    const protocol = this.#option(fd, socket.SO_PROTOCOL);
    return domain === null || type === null || protocol === null
      ? null
      : { domain, type, protocol };
  }

  #endsOf(fd: number, inode: bigint, kind: Kind): string | null {
    if (kind.domain === socket.AF_UNIX) return this.#unix(inode);
    if (kind.domain === socket.AF_NETLINK) return this.#netlink(fd, kind.protocol);
    if (kind.type === socket.SOCK_RAW) return null;
    const ends = kind.protocol === IPPROTO_TCP ? this.#tcp(fd, inode, kind) : this.#udp(fd);
    return ends === null ? null : joined(ends);
  }

  #tcp(fd: number, inode: bigint, { domain }: Kind): Ends | null {
    const info = new Uint8Array(8);
    const state =
      this.#kernel.getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, Uint32Array.of(8)) < 0
        ? TCP_CLOSE
        : info[0];
    const local = this.#name(fd, 'getsockname');
    if (local === null || viewOf(local).getUint16(2) === 0) return null;
    const isUnsure = state === TCP_CLOSE || state === TCP_SYN_SENT;
    if (isUnsure) return tcpEnds(this.#kernel, domain, local, inode);
    return { local, peer: this.#name(fd, 'getpeername') };
  }

  /** It is known to the kernel's tables once it has a port. */
  #udp(fd: number): Ends | null {
    const local = this.#name(fd, 'getsockname');
    if (local === null || viewOf(local).getUint16(2) === 0) return null;
    return { local, peer: this.#name(fd, 'getpeername') };
  }

  #name(fd: number, call: 'getsockname' | 'getpeername'): Uint8Array | null {
    const addr = new Uint8Array(28);
    return this.#kernel[call](fd, addr, Uint32Array.of(28)) < 0 ? null : addr;
  }

  #netlink(fd: number, protocol: number): string | null {
    const addr = this.#name(fd, 'getsockname');
    const port = addr === null ? 0 : viewOf(addr).getUint32(4, true);
    const name = protocolName(socket.AF_NETLINK, protocol);
    return port === 0 ? null : `${name.replace(/^NETLINK_/, '')}:${port}`;
  }

  /** Peer and name, if it has any. */
  #unix(inode: bigint): string | null {
    const { peer, name } = unixEnds(this.#kernel, inode);
    if (peer === 0 && name.length === 0) return null;
    const isAbstract = name[0] === 0;
    const path = isAbstract ? name.subarray(1) : name;
    const end = path.indexOf(0);
    const text = quotedWithin(end < 0 ? path : path.subarray(0, end), this.#hex);
    return [
      inode,
      peer === 0 ? '' : `->${peer}`,
      name.length === 0 ? '' : `,${isAbstract ? '@' : ''}"${text}"`,
    ].join('');
  }
}
