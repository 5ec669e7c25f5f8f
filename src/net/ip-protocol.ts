/**
 * The protocol in "ip4:icmp": a number, or a name.
 *
 * Names come from a small built-in table and from /etc/protocols, which adds to it what it does not have;
 * the file is read through a function that is passed in, once for each such function and only when the
 * first name is looked up. Source: Go's net (lookupProtocol, parseNetwork), protocols(5).
 */
import { requireString } from './arguments.ts';
import { AddrError, UnknownNetworkError } from './errors.ts';

/** The text of /etc/protocols, null if it cannot be read. */
export type ProtocolsReader = () => string | null;

interface Protocols {
  readonly numbers: ReadonlyMap<string, number>;
  /** The first name of each number. */
  readonly names: ReadonlyMap<number, string>;
}

/** A network, and the protocol behind its colon: 0 if there is none. */
export interface ParsedNetwork {
  readonly base: string;
  readonly protocol: number;
}

/** What Go's parser of decimal numbers takes is smaller than this. */
const NUMBER_LIMIT = 0xffffff;

/** A name that is longer is not looked up. */
const MAX_NAME_BYTES = 25;

/** The protocols that are known without the file. */
const BUILT_IN: readonly (readonly [string, number])[] = [
  ['icmp', 1],
  ['igmp', 2],
  ['tcp', 6],
  ['udp', 17],
  ['ipv6-icmp', 58],
];

const NETWORKS: ReadonlySet<string> = new Set(
  'tcp tcp4 tcp6 udp udp4 udp6 unix unixgram unixpacket'.split(' '),
);
const IP_NETWORKS: ReadonlySet<string> = new Set(['ip', 'ip4', 'ip6']);

const parsed = new WeakMap<ProtocolsReader, Protocols>();

/** The number of the protocol `name`, in any case of letters. AddrError for what is not known. */
export function lookupProtocol(name: string, readProtocols: ProtocolsReader): number {
  requireString('lookupProtocol', 'name', name);
  const key = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const { numbers } = protocolsOf(readProtocols);
  const number = key.length > MAX_NAME_BYTES ? undefined : numbers.get(key);
  if (number === undefined) throw new AddrError(name, 'unknown IP protocol specified');
  return number;
}

/** The name of a protocol, "icmp" of 1, as getprotobynumber(3) finds it; null if it has none. */
export function protocolName(number: number, readProtocols: ProtocolsReader): string | null {
  return protocolsOf(readProtocols).names.get(number) ?? null;
}

/**
 * Cuts "ip4:icmp" into network and protocol. "ip4" without protocol is a network only if `needsProtocol`
 * is false. UnknownNetworkError, or AddrError for an unknown protocol.
 */
export function parseNetwork(
  network: string,
  needsProtocol: boolean,
  readProtocols: ProtocolsReader,
): ParsedNetwork {
  const colon = network.lastIndexOf(':');
  const base = colon < 0 ? network : network.slice(0, colon);
  if (colon < 0 && (NETWORKS.has(base) || (IP_NETWORKS.has(base) && !needsProtocol))) {
    return { base, protocol: 0 };
  }
  if (colon < 0 || !IP_NETWORKS.has(base)) throw new UnknownNetworkError(network);
  const text = network.slice(colon + 1);
  const number = /^[0-9]+$/.test(text) ? Number(text) : Infinity;
  const protocol = number < NUMBER_LIMIT ? number : lookupProtocol(text, readProtocols);
  return { base, protocol };
}

function protocolsOf(readProtocols: ProtocolsReader): Protocols {
  let protocols = parsed.get(readProtocols);
  if (protocols === undefined) {
    protocols = parseProtocols(readProtocols() ?? '');
    parsed.set(readProtocols, protocols);
  }
  return protocols;
}

/** Lines are "name number alias…", a '#' begins a comment; what is not so is skipped. */
function parseProtocols(text: string): Protocols {
  const numbers = new Map(BUILT_IN);
  const names = new Map(BUILT_IN.map(([name, number]) => [number, name]));
  for (const line of text.split('\n')) {
    const [entry = ''] = line.split('#', 1);
    const [name, digits, ...aliases] = entry.split(/[ \t\r]+/).filter((field) => field !== '');
    const number = Number(/^[0-9]+/.exec(digits ?? '')?.[0] ?? Infinity);
    if (name === undefined || number >= NUMBER_LIMIT) continue;
    if (!names.has(number)) names.set(number, name);
    for (const alias of [name, ...aliases]) {
      if (!numbers.has(alias)) numbers.set(alias, number);
    }
  }
  return { numbers, names };
}
