/**
 * The names of /etc/hosts, hosts(5). After Go's net/hosts.go: what was read is good for five seconds, and
 * for five more as often as the file has the same time and size, so that dialling by name reads it once.
 * One table for each System.
 */
import type { Kernel } from '../kernel/kernel.ts';
import { readTextFile } from '../kernel/read-file.ts';
import type { System } from '../kernel/system.ts';
import { cString } from '../syscall/c-string.ts';
import { AT_FDCWD } from '../syscall/fcntl.ts';
import { decodeStatx, SIZEOF_STATX, STATX_MTIME, STATX_SIZE } from '../syscall/stat.ts';
import { TCPAddr } from './tcp-addr.ts';

const PATH = '/etc/hosts';
const FRESH_FOR = 5000;

/** The addresses of each name, in lower case and without a dot at its end. */
type Names = ReadonlyMap<string, readonly string[]>;

interface Table {
  readonly names: Names;
  /** Time and size of the file; null if they cannot be asked for. */
  readonly version: string | null;
  readonly freshUntil: number;
}

const NO_NAMES: Names = new Map();
const tables = new WeakMap<System, Table>();

/** The addresses of `host` in /etc/hosts, in the order of the file, each once. */
export function hostsFileAddresses(system: System, host: string): readonly string[] {
  return hostNames(system).get(plain(host)) ?? [];
}

function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

function hostNames(system: System): Names {
  const now = system.clock.monotonic();
  const known = tables.get(system);
  if (known !== undefined && now < known.freshUntil && known.names.size > 0) return known.names;
  const version = fileVersion(system.kernel);
  const freshUntil = now + FRESH_FOR;
  if (known !== undefined && version !== null && version === known.version) {
    tables.set(system, { ...known, freshUntil });
    return known.names;
  }
  const text = readTextFile(system.kernel, PATH);
  // It is there and cannot be read just now: perhaps there is no descriptor left.
  if (text === null && version !== null) return known?.names ?? NO_NAMES;
  const names = parse(text ?? '');
  tables.set(system, { names, version, freshUntil });
  return names;
}

function fileVersion(kernel: Kernel): string | null {
  const buf = new Uint8Array(SIZEOF_STATX);
  if (kernel.statx(AT_FDCWD, cString(PATH), 0, STATX_MTIME | STATX_SIZE, buf) < 0) return null;
  const { mtimeMs, size } = decodeStatx(buf);
  return `${mtimeMs} ${size}`;
}

/** Lines are "address name…", a '#' begins a comment; what is not so is skipped. */
function parse(text: string): Names {
  const names = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [entry = ''] = line.split('#', 1);
    const [address, ...hosts] = entry.trim().split(/\s+/);
    if (address === undefined || TCPAddr.fromLiteral(address, 0) === null) continue;
    for (const host of hosts) {
      const name = plain(host);
      const addresses = names.get(name);
      if (addresses === undefined) names.set(name, [address]);
      else if (!addresses.includes(address)) addresses.push(address);
    }
  }
  return names;
}
