/**
 * IPv6 zones: the names of interfaces and their numbers, as in "fe80::1%eth0" and sin6_scope_id.
 * Read from /proc/net/if_inet6, which lists every interface that has an IPv6 address, and read again
 * after a minute as Go does. An unknown name that is a number stands for itself.
 */
import type { System } from '../kernel/system.ts';
import { readTextFile } from '../kernel/read-file.ts';

const FRESH_FOR = 60_000;

interface Table {
  readonly readAt: number;
  readonly byName: ReadonlyMap<string, number>;
  readonly byIndex: ReadonlyMap<number, string>;
}

const tables = new WeakMap<System, Table>();

/** The name of interface `index`; its number as text if it has none. */
export function zoneName(system: System, index: number): string {
  return table(system).byIndex.get(index) ?? String(index);
}

/** The number of the interface `name`; 0 if there is none. */
export function zoneIndex(system: System, name: string): number {
  return table(system).byName.get(name) ?? Number.parseInt(/^\d+/.exec(name)?.[0] ?? '0', 10);
}

function table(system: System): Table {
  const now = system.clock.monotonic();
  const known = tables.get(system);
  if (known !== undefined && now - known.readAt < FRESH_FOR) return known;
  const byName = new Map<string, number>();
  const byIndex = new Map<number, string>();
  for (const line of (readTextFile(system.kernel, '/proc/net/if_inet6') ?? '').split('\n')) {
    // address, index, prefix length, scope, flags (all hexadecimal), name
    const [, index, , , , name] = line.trim().split(/\s+/);
    if (index === undefined || name === undefined) continue;
    byName.set(name, Number.parseInt(index, 16));
    byIndex.set(Number.parseInt(index, 16), name);
  }
  const fresh = { readAt: now, byName, byIndex };
  tables.set(system, fresh);
  return fresh;
}
