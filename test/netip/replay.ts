/**
 * What netfd/netip says to the calls of oracle.go, and where that is not what Go 1.19 says.
 *
 * The differences are three, and each is what later versions of Go do: they had been mistakes.
 */
import {
  type Addr,
  parseAddr,
  ParseAddrError,
  parseAddrPort,
  parsePrefix,
  tryParseAddr,
  tryParseAddrPort,
  tryParsePrefix,
} from '../../src/netip.ts';
import type { NetipCall } from './calls.ts';

export interface NetipRow extends NetipCall {
  readonly out?: unknown;
  readonly err?: string;
}

interface AddrFacts {
  readonly flags: readonly string[];
  readonly unmapped: readonly [text: string, flags: readonly string[]];
}

const FLAGS = [
  'is4',
  'is4In6',
  'is6',
  'isUnspecified',
  'isLoopback',
  'isPrivate',
  'isMulticast',
  'isInterfaceLocalMulticast',
  'isLinkLocalMulticast',
  'isLinkLocalUnicast',
  'isGlobalUnicast',
] as const;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function flags(addr: Addr): string[] {
  return FLAGS.filter((flag) => addr[flag]);
}

function addrFacts(addr: Addr): object {
  return {
    text: String(addr),
    expanded: addr.stringExpanded(),
    zone: addr.zone,
    bitLen: addr.bitLen,
    bytes: hex(addr.asSlice()),
    as4: addr.unmap().is4 ? hex(addr.as4()) : '',
    as16: hex(addr.as16()),
    flags: flags(addr),
    unmapped: [String(addr.unmap()), flags(addr.unmap())],
    next: addr.next()?.toString() ?? null,
    prev: addr.prev()?.toString() ?? null,
  };
}

type Answers = { readonly [fn in NetipCall['fn']]: (a: string, b: string) => unknown };

const ANSWERS: Answers = {
  ParseAddr: (text) => addrFacts(parseAddr(text)),
  ParseAddrPort(text) {
    const parsed = parseAddrPort(text);
    return [String(parsed), String(parsed.addr), parsed.port];
  },
  ParsePrefix(text) {
    const parsed = parsePrefix(text);
    const { addr, bits, isSingleIP } = parsed;
    return [String(parsed), String(addr), bits, String(parsed.masked()), isSingleIP];
  },
  'Addr.Compare'(first, second) {
    const [a, b] = [parseAddr(first), parseAddr(second)];
    return [a.compare(b), a.less(b), a.equals(b)];
  },
  'Addr.Prefix': (addr, bits) => String(parseAddr(addr).prefix(Number(bits))),
  'Addr.WithZone': (addr, zone) => String(parseAddr(addr).withZone(zone)),
  'Prefix.Contains': (prefix, addr) => String(parsePrefix(prefix).contains(parseAddr(addr))),
  'Prefix.Overlaps': (a, b) => String(parsePrefix(a).overlaps(parsePrefix(b))),
};

const TRIES: Readonly<Record<string, (text: string) => object | null>> = {
  ParseAddr: tryParseAddr,
  ParseAddrPort: tryParseAddrPort,
  ParsePrefix: tryParsePrefix,
};

/** The row that netfd makes of a call. Throws if a parser and its twin do not agree. */
export function ourRow({ fn, in: args }: NetipCall): NetipRow {
  const [first = '', second = ''] = args.map(String);
  let row: NetipRow;
  try {
    row = { fn, in: args, out: ANSWERS[fn](first, second) };
  } catch (error) {
    const isExpected =
      error instanceof ParseAddrError ? error.text === first : fn === 'Addr.Prefix';
    if (!isExpected) throw error;
    row = { fn, in: args, err: (error as Error).message };
  }
  const twin = TRIES[fn];
  if (twin !== undefined && (twin(first) === null) !== (row.err !== undefined)) {
    throw new Error(`${fn} and its twin do not agree on ${JSON.stringify(first)}`);
  }
  return row;
}

/** What netfd has to make of a call of which Go 1.19 makes `row`; `ours` says only in which words. */
export function expectedRow(row: NetipRow, ours: NetipRow): NetipRow {
  const [text] = row.in as [string];
  const { fn } = row;
  const refused = (reason: RegExp): boolean => reason.test(ours.err ?? '');
  // A group has four digits at most (RFC 4291).
  if (/[0-9a-f]{5}/i.test(text) && refused(/: each group must have 4 or less digits \(at "/))
    return ours;
  // The bits of a prefix have no sign and no leading zero (golang.org/issue/63850).
  if (
    fn === 'ParsePrefix' &&
    /\/([+-]\d+|0\d+)$/.test(text) &&
    refused(/: bad bits after slash: "/)
  ) {
    return ours;
  }
  // ::ffff:a.b.c.d is what a.b.c.d is (CVE-2024-24790).
  const facts = row.out as AddrFacts | undefined;
  if (fn !== 'ParseAddr' || !facts?.flags.includes('is4In6')) return row;
  const [, unmapped] = facts.unmapped;
  const kinds = unmapped.filter((flag) => flag !== 'is4' && flag !== 'isUnspecified');
  return { ...row, out: { ...facts, flags: ['is4In6', 'is6', ...kinds] } };
}
