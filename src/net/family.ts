/**
 * Which address family a socket gets, and whether it is IPv6 only: Go's favoriteAddrFamily
 * (net/ipsock_posix.go).
 *
 * A socket that listens on any address of "tcp" serves IPv4 and IPv6 at once if the machine can do that,
 * which is found out once, with three sockets that are closed again.
 */
import type { Kernel } from '../kernel/kernel.ts';
import { perSystem } from '../kernel/per-system.ts';
import type { System } from '../kernel/system.ts';
import { IPPROTO_TCP } from '../syscall/inet.ts';
import { encodeSockaddr } from '../syscall/sockaddr.ts';
import { AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } from '../syscall/socket.ts';
import { parseIP } from './ip.ts';
import { setV6Only } from './socket-options.ts';

export interface Family {
  readonly family: typeof AF_INET | typeof AF_INET6;
  readonly v6Only: boolean;
}

/** What of an address decides. */
export interface FamilyHint {
  readonly family: typeof AF_INET | typeof AF_INET6;
  readonly isWildcard: boolean;
}

/** What the machine's IP stack can do. */
interface StackAbilities {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** An IPv6 socket can take IPv4 connections. */
  readonly ipv4Mapped: boolean;
}

/** `local` and `remote` are what the socket will be bound and connected to; null for neither. */
export function favoriteFamily(
  system: System,
  network: string,
  local: FamilyHint | null,
  remote: FamilyHint | null,
  listening: boolean,
): Family {
  if (network.endsWith('4')) return { family: AF_INET, v6Only: false };
  if (network.endsWith('6')) return { family: AF_INET6, v6Only: true };
  if (listening && (local === null || local.isWildcard)) {
    const stack = stackAbilities(system);
    if (stack.ipv4Mapped || !stack.ipv4) return { family: AF_INET6, v6Only: false };
    return { family: local === null ? AF_INET : local.family, v6Only: false };
  }
  const allIPv4 = (local?.family ?? AF_INET) === AF_INET && (remote?.family ?? AF_INET) === AF_INET;
  return { family: allIPv4 ? AF_INET : AF_INET6, v6Only: false };
}

const stackAbilities = perSystem(({ kernel }) => probe(kernel));

const TYPE = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

function probe(kernel: Kernel): StackAbilities {
  const inet = kernel.socket(AF_INET, TYPE, IPPROTO_TCP);
  if (inet >= 0) kernel.close(inet);
  const pure = probeIPv6(kernel, '::1', true);
  const mapped = probeIPv6(kernel, '127.0.0.1', false);
  if (mapped.sysfd >= 0) kernel.close(mapped.sysfd);
  if (pure.sysfd >= 0) kernel.close(pure.sysfd);
  return { ipv4: inet >= 0, ipv6: pure.works, ipv4Mapped: mapped.works };
}

/** The socket stays open, so that both probes have one at the same time, as in Go. */
function probeIPv6(kernel: Kernel, ip: string, v6Only: boolean): { sysfd: number; works: boolean } {
  const sysfd = kernel.socket(AF_INET6, TYPE, IPPROTO_TCP);
  if (sysfd < 0) return { sysfd, works: false };
  setV6Only(kernel, sysfd, v6Only);
  const addr = parseIP(ip)!;
  const sa = encodeSockaddr({ family: AF_INET6, addr, port: 0, flowinfo: 0, scopeId: 0 });
  return { sysfd, works: kernel.bind(sysfd, sa, sa.length) === 0 };
}
