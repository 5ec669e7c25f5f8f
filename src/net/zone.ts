/**
 * IPv6 zones: the names of interfaces and their numbers, as in "fe80::1%eth0" and sin6_scope_id.
 *
 * Kept for a minute; what is not found in an older table is looked for in a new one. An unknown
 * name that is a number stands for itself. Source: ipv6ZoneCache in Go's net/interface.go.
 */
import type { System } from '../kernel/system.ts';
import type { LinkInfo } from '../syscall/route-message.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { linkTable } from './route-table.ts';

const FRESH_FOR = 60_000;

/** Go's bound for numbers in texts; a larger one is this. */
const NUMBER_LIMIT = 0xffffff;

interface Table {
  readonly fetchedAt: number;
  readonly byName: ReadonlyMap<string, number>;
  readonly byIndex: ReadonlyMap<number, string>;
}

const tables = new WeakMap<System, Table>();

/** The name of interface `index`; its number as text if it has none. */
export function zoneName(system: System, index: number): string {
  return find(system, ({ byIndex }) => byIndex.get(index)) ?? String(index);
}

/** The number of the interface `name`; 0 if there is none. */
export function zoneIndex(system: System, name: string): number {
  const index = find(system, ({ byName }) => byName.get(name));
  if (index !== undefined) return index;
  return Math.min(Number.parseInt(/^\d+/.exec(name)?.[0] ?? '0', 10), NUMBER_LIMIT);
}

/** Takes what somebody else has just asked for, if there is nothing that is fresh. */
export function offerZones(system: System, links: readonly LinkInfo[]): void {
  if (freshTable(system) === null) keep(system, links);
}

function find<T>(system: System, look: (table: Table) => T | undefined): T | undefined {
  const known = freshTable(system);
  return (known === null ? undefined : look(known)) ?? look(fetchTable(system));
}

function freshTable(system: System): Table | null {
  const known = tables.get(system);
  const isFresh = known !== undefined && system.clock.monotonic() - known.fetchedAt < FRESH_FOR;
  return isFresh ? known : null;
}

/** A table that cannot be had leaves the old one. */
function fetchTable(system: System): Table {
  try {
    return keep(system, linkTable(system.kernel));
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return tables.get(system) ?? keep(system, []);
  }
}

function keep(system: System, links: readonly LinkInfo[]): Table {
  const table: Table = {
    fetchedAt: system.clock.monotonic(),
    byName: new Map(links.map(({ name, index }) => [name, index])),
    byIndex: new Map(links.map(({ name, index }) => [index, name])),
  };
  tables.set(system, table);
  return table;
}
