/**
 * The names of /etc/hosts, hosts(5). After Go's net/hosts.go, which keeps what was read as
 * config-file.ts says, so that dialling by name reads it once.
 */
import type { System } from '../kernel/system.ts';
import { ConfigFile } from './config-file.ts';
import { IPAddr } from './ip-addr.ts';

interface Host {
  /** The first name on the first line of the host. */
  readonly canonical: string;
  readonly addresses: ReadonlySet<string>;
}

interface Hosts {
  /** By name, in lower case and without a dot at its end. */
  readonly byName: ReadonlyMap<string, Host>;
  /** The names of each address, as they are written. */
  readonly byAddress: ReadonlyMap<string, ReadonlySet<string>>;
}

const file: ConfigFile<Hosts> = new ConfigFile(
  '/etc/hosts',
  parse,
  ({ byName }) => byName.size > 0,
);

/** The addresses of `host` in /etc/hosts, in the order of the file, each once. */
export function hostsFileAddresses(system: System, host: string): readonly string[] {
  return [...(file.read(system).byName.get(plain(host))?.addresses ?? [])];
}

/** The canonical name of `host`, if it stands in /etc/hosts; else null. */
export function hostsFileCanonicalName(system: System, host: string): string | null {
  return file.read(system).byName.get(plain(host))?.canonical ?? null;
}

/** The names of an IP address in /etc/hosts, in the order of the file, each once. */
export function hostsFileNames(system: System, address: IPAddr): readonly string[] {
  return [...(file.read(system).byAddress.get(String(address)) ?? [])];
}

function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

/** With the last dot of a full name, unless it is a word alone, which may be a name of this machine. */
function withDot(name: string): string {
  return name.includes('.') && !name.endsWith('.') ? `${name}.` : name;
}

/**
 * Lines are "address name…", a '#' begins a comment; what is not so is skipped. Sets, since a file that
 * blocks names has a hundred thousand of them at one address.
 */
function parse(text: string): Hosts {
  const byName = new Map<string, { canonical: string; addresses: Set<string> }>();
  const byAddress = new Map<string, Set<string>>();
  for (const line of text.split('\n')) {
    const [entry = ''] = line.split('#', 1);
    const [address = '', ...hosts] = entry.trim().split(/\s+/);
    const ip = IPAddr.parse(address);
    const [canonical] = hosts;
    if (ip === null || canonical === undefined) continue;
    const names = byAddress.get(String(ip)) ?? new Set();
    byAddress.set(String(ip), names);
    for (const host of hosts) {
      const known = byName.get(plain(host));
      if (known !== undefined) known.addresses.add(address);
      else
        byName.set(plain(host), { canonical: withDot(canonical), addresses: new Set([address]) });
      names.add(withDot(host));
    }
  }
  return { byName, byAddress };
}
