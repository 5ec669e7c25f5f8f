/**
 * /etc/nsswitch.conf, nsswitch.conf(5): where host names are looked up, and in which order. After Go's
 * net/nss.go and net/conf.go: what is plain is done here, what is not is left to the system's own lookup,
 * which has all the modules.
 */
import type { System } from '../kernel/system.ts';
import { ConfigFile, fileExists } from './config-file.ts';
import { dnsConfig, hostName } from './resolv-conf.ts';

/** 'files' is /etc/hosts, 'dns' the servers, 'system' getaddrinfo(3). */
export type LookupSource = 'files' | 'dns' | 'system';

interface Source {
  readonly name: string;
  /** The criteria behind it, "[NOTFOUND=return]", change nothing that counts here. */
  readonly isStandard: boolean;
}

/** The sources of host names; null if the file is not understood. */
type HostSources = readonly Source[] | null;

const file: ConfigFile<HostSources> = new ConfigFile(
  '/etc/nsswitch.conf',
  parseHostSources,
  () => true,
);

const FILES_DNS: readonly LookupSource[] = ['files', 'dns'];
const SYSTEM: readonly LookupSource[] = ['files', 'system'];

/**
 * Where `host` is looked up, first things first. `prefer` is what to do when the machine's files want
 * something that cannot be done here ('dns'), or in any case ('system').
 */
export function lookupOrder(
  system: System,
  host: string,
  prefer: 'dns' | 'system' | undefined,
): readonly LookupSource[] {
  if (prefer === 'system' || system.names.query === null) return SYSTEM;
  const fallback = prefer === 'dns' ? FILES_DNS : SYSTEM;
  if (system.names.setElsewhere || dnsConfig(system).isOdd) return fallback;
  // Multicast DNS (RFC 6762), escapes, and zones.
  if (/[\\%]|\.local\.?$/i.test(host)) return fallback;
  const sources = file.read(system);
  if (sources === null) return fallback;
  if (sources.length === 0) return FILES_DNS;
  return plainOrder(system, host.replace(/\.$/, ''), sources) ?? fallback;
}

function plainOrder(
  system: System,
  host: string,
  sources: readonly Source[],
): readonly LookupSource[] | null {
  const order: LookupSource[] = [];
  for (const { name, isStandard } of sources) {
    if (name === 'files' || name === 'dns') {
      if (!isStandard) return null;
      if (!order.includes(name)) order.push(name);
    } else if (name === 'myhostname') {
      if (isOwnName(system, host)) return null;
    } else if (name.startsWith('mdns')) {
      // It is for .local, unless this file says otherwise.
      if (fileExists(system.kernel, '/etc/mdns.allow')) return null;
    } else return null;
  }
  return order.length === 0 ? null : order;
}

/** What nss-myhostname(8) answers for. */
function isOwnName(system: System, host: string): boolean {
  if (/(^|\.)localhost(\.localdomain)?$|^(_gateway|_outbound|gateway)$/i.test(host)) return true;
  const own = hostName(system);
  return own === '' || own.toLowerCase() === host.toLowerCase();
}

/** The line "hosts: name [criteria]…"; empty if there is none. */
export function parseHostSources(text: string): HostSources {
  const found: [name: string, criteria: string][] = [];
  for (const line of text.split('\n')) {
    const entry = line.split('#', 1)[0]!.trim();
    const colon = entry.indexOf(':');
    if (entry !== '' && colon < 0) return null;
    if (entry.slice(0, colon).trim() !== 'hosts') continue;
    const words = entry.slice(colon + 1).match(/\[[^[\]]*\]|[^\s[\]]+|[[\]]/g) ?? [];
    for (const word of words) {
      const last = found.at(-1);
      if (word === '[' || word === ']') return null;
      if (!word.startsWith('[')) found.push([word, '']);
      else if (last === undefined || last[1] !== '') return null;
      else last[1] = word.slice(1, -1);
    }
  }
  return found.map(([name, criteria], i) => {
    return { name, isStandard: areStandard(criteria, i === found.length - 1) };
  });
}

/**
 * Whether the criteria say what holds without them: success returns, all else goes on. It is all the
 * same whether one returns from the last source.
 */
function areStandard(criteria: string, isLast: boolean): boolean {
  const given = criteria.toLowerCase().match(/\S+/g) ?? [];
  return given.every((criterion) => {
    const [status = '', action = ''] = criterion.split('=', 2);
    if (status === 'success') return action === 'return';
    if (!['notfound', 'unavail', 'tryagain'].includes(status)) return false;
    return action === 'continue' || (isLast && action === 'return');
  });
}
