/**
 * netfd/netip: IP addresses, addresses with ports, and prefixes as small values, after Go's net/netip.
 * Nothing here knows a socket or loads the addon.
 */
export {
  Addr,
  IPv4Unspecified,
  IPv6LinkLocalAllNodes,
  IPv6LinkLocalAllRouters,
  IPv6Loopback,
  IPv6Unspecified,
} from './netip/addr.ts';
export { AddrPort } from './netip/addr-port.ts';
export { ParseAddrError } from './netip/errors.ts';
export {
  parseAddr,
  parseAddrPort,
  parsePrefix,
  tryParseAddr,
  tryParseAddrPort,
  tryParsePrefix,
} from './netip/parse.ts';
export { Prefix } from './netip/prefix.ts';
