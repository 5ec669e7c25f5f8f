/** Linux with files of its own about names, and with its queries led to a server of the test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Clock } from '../../src/kernel/clock.ts';
import { linux } from '../../src/kernel/linux.ts';
import type { NameService } from '../../src/kernel/name-service.ts';
import type { System } from '../../src/kernel/system.ts';
import { HOSTS, RESOLV_CONF } from './dns-zone.ts';
import { redirected, wrapped } from './wrapped-system.ts';

const folder = mkdtempSync(join(tmpdir(), 'netfd-names-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;

function written(text: string): string {
  const path = join(folder, String(files++));
  writeFileSync(path, text);
  return path;
}

/** What the files say; what is not given is as in dns-zone.ts, and nsswitch.conf has files and dns. */
export interface NameFiles {
  readonly hosts?: string;
  readonly resolvConf?: string;
  readonly nsswitch?: string;
  readonly hostname?: string;
  readonly mdnsAllow?: string;
}

export function named(
  names: Partial<NameService>,
  text: NameFiles = {},
  clock: Clock = linux.clock,
): System {
  const calls = redirected({
    '/etc/hosts': written(text.hosts ?? HOSTS),
    '/etc/resolv.conf': written(text.resolvConf ?? RESOLV_CONF),
    '/etc/nsswitch.conf': written(text.nsswitch ?? 'hosts: files dns\n'),
    '/proc/sys/kernel/hostname': written(text.hostname ?? 'machine.dom.test\n'),
    '/etc/mdns.allow': text.mdnsAllow === undefined ? '/none' : written(text.mdnsAllow),
  });
  return wrapped(calls, { names: { ...linux.names, setElsewhere: false, ...names }, clock });
}

/** The real queries, but whatever server is meant, it is the one at `server`. */
export function ledTo(server: string): Partial<NameService> {
  return {
    query: (name, type, options) => linux.names.query!(name, type, { ...options, server }),
    lookup: async () => {
      throw new Error('getaddrinfo was not to be asked');
    },
  };
}
