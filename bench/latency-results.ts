/** The results of the latency workload: what is kept of a run, and its table. */
import type { LatencyMeasured, LatencyRound } from './latency-run.ts';
import { CONNECTIONS } from './load-run.ts';
import type { Circumstances, ServerResult } from './results.ts';
import { spreadOf } from './statistics.ts';
import type { Spread } from './statistics.ts';
import { aligned, invalidity } from './table.ts';

export interface LatencyServerResult extends Pick<
  ServerResult,
  'id' | 'label' | 'status' | 'reason'
> {
  readonly rate: Spread | null;
  readonly p50: Spread | null;
  readonly p99: Spread | null;
  readonly p999: Spread | null;
  readonly rounds: readonly (LatencyRound | null)[];
}

export interface LatencyResults extends Circumstances {
  readonly workload: 'latency';
  readonly title: string;
  readonly servers: readonly LatencyServerResult[];
}

function statusOf({ server, rounds, failure }: LatencyMeasured) {
  if (server.command === null) {
    return { status: 'not installed', reason: server.missing } as const;
  }
  if (failure !== null) return { status: 'failed', reason: failure } as const;
  const errors = rounds.reduce((sum, round) => sum + (round?.errors ?? 0), 0);
  if (errors > 0) return { status: 'invalid', reason: `${errors} errors under load` } as const;
  return { status: 'ok', reason: null } as const;
}

export function latencyResultsOf(
  measured: readonly LatencyMeasured[],
  run: Circumstances,
): LatencyResults {
  const of = (rounds: readonly (LatencyRound | null)[], key: keyof LatencyRound) =>
    spreadOf(rounds.flatMap((round) => (round === null ? [] : [round[key]])));
  return {
    workload: 'latency',
    title: `GET /hello on ${CONNECTIONS} connections, at half of what the server can`,
    ...run,
    servers: measured.map((one) => ({
      id: one.server.id,
      label: one.server.label,
      ...statusOf(one),
      rate: of(one.rounds, 'rate'),
      p50: of(one.rounds, 'p50'),
      p99: of(one.rounds, 'p99'),
      p999: of(one.rounds, 'p999'),
      rounds: one.rounds,
    })),
  };
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');

/** The median, and the range of the rounds. */
export function spreadCell(spread: Spread | null): string {
  if (spread === null) return '–';
  return `${whole(spread.median)} (${whole(spread.min)}–${whole(spread.max)})`;
}

const heads = ['server', 'requests/s', 'p50 µs', 'p99 µs', 'p99.9 µs'];

function cells(server: LatencyServerResult): string[] {
  const { label, status, reason, rate } = server;
  if (rate === null) return [label, status === 'failed' ? `failed: ${reason ?? ''}` : status];
  return [
    status === 'ok' ? label : `${label} [${status}: ${reason ?? ''}]`,
    whole(rate.median),
    spreadCell(server.p50),
    spreadCell(server.p99),
    spreadCell(server.p999),
  ];
}

/** The table that a run prints, ending in a newline. */
export function latencyTableOf({ title, machine, commit, servers }: LatencyResults): string {
  return [
    `latency: ${title}; from when a request was due`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.kernel}; commit ${commit ?? 'unknown'}`,
    '',
    ...aligned([heads, ...servers.map(cells)]),
    ...invalidity(servers),
    '',
  ].join('\n');
}
