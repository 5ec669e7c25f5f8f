/** The results of the idle workload: what is kept of a run, and its table. */
import type { IdleMeasured, IdleMemory } from './idle-run.ts';
import type { Circumstances, ServerResult } from './results.ts';
import { aligned, invalidity } from './table.ts';

export interface IdleServerResult extends Pick<ServerResult, 'id' | 'label' | 'status' | 'reason'> {
  readonly memory: IdleMemory | null;
}

export interface IdleResults extends Circumstances {
  readonly workload: 'idle';
  readonly title: string;
  readonly connections: number;
  readonly servers: readonly IdleServerResult[];
}

function statusOf({ server, memory, failure }: IdleMeasured) {
  if (server.command === null) {
    return { status: 'not installed', reason: server.missing } as const;
  }
  if (memory === null) return { status: 'failed', reason: failure } as const;
  if (memory.errors === 0) return { status: 'ok', reason: null } as const;
  return { status: 'invalid', reason: `${memory.errors} connections did not echo` } as const;
}

export function idleResultsOf(
  measured: readonly IdleMeasured[],
  connections: number,
  run: Circumstances,
): IdleResults {
  return {
    workload: 'idle',
    title: `${count(connections)} accepted connections that wait for a byte`,
    ...run,
    connections,
    servers: measured.map((one) => ({
      id: one.server.id,
      label: one.server.label,
      ...statusOf(one),
      memory: one.memory,
    })),
  };
}

/** 200000 as "200,000". */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

const heads = ['server', 'bytes/connection', 'before settling', 'processes', 'MB in all'];

function cells({ label, status, reason, memory }: IdleServerResult): string[] {
  if (memory === null) return [label, status === 'failed' ? `failed: ${reason ?? ''}` : status];
  return [
    status === 'ok' ? label : `${label} [${status}: ${reason ?? ''}]`,
    count(memory.bytesPerConnection),
    count(memory.unsettledPerConnection),
    String(memory.processes),
    count(memory.bytesAfter / 1e6),
  ];
}

/** The table that a run prints, ending in a newline. */
export function idleTableOf({ title, machine, commit, servers }: IdleResults): string {
  return [
    `idle: ${title}; process memory, of which the kernel's part is none`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.kernel}; commit ${commit ?? 'unknown'}`,
    '',
    ...aligned([heads, ...servers.map(cells)]),
    ...invalidity(servers),
    '',
  ].join('\n');
}
