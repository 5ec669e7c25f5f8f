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
  /** At the rate that is the same for all. Not in results from before there was one. */
  readonly same?: { readonly p50: Spread | null; readonly p99: Spread | null };
  readonly rounds: readonly (LatencyRound | null)[];
}

export interface LatencyResults extends Circumstances {
  readonly workload: 'latency';
  /** Requests a second that all servers are asked: half of what Go manages. */
  readonly sameRate?: number | null;
  readonly title: string;
  readonly servers: readonly LatencyServerResult[];
}

function statusOf({ server, rounds, failure }: LatencyMeasured) {
  if (server.command === null) {
    return { status: 'not installed', reason: server.missing } as const;
  }
  if (failure !== null) return { status: 'failed', reason: failure } as const;
  const errors = rounds.reduce(
    (sum, round) => sum + (round?.errors ?? 0) + (round?.same?.errors ?? 0),
    0,
  );
  if (errors > 0) return { status: 'invalid', reason: `${errors} errors under load` } as const;
  return { status: 'ok', reason: null } as const;
}

export function latencyResultsOf(
  measured: readonly LatencyMeasured[],
  run: Circumstances,
): LatencyResults {
  const of = (rounds: readonly (LatencyRound | null)[], key: 'rate' | 'p50' | 'p99' | 'p999') =>
    spreadOf(rounds.flatMap((round) => (round === null ? [] : [round[key]])));
  const same = (rounds: readonly (LatencyRound | null)[], key: 'p50' | 'p99') =>
    spreadOf(rounds.flatMap((round) => (round?.same ? [round.same[key]] : [])));
  return {
    workload: 'latency',
    title: `GET /hello on ${CONNECTIONS} connections, at half of what the server can`,
    ...run,
    sameRate:
      measured.flatMap(({ rounds }) => rounds).find((round) => round?.same)?.same?.rate ?? null,
    servers: measured.map((one) => ({
      id: one.server.id,
      label: one.server.label,
      ...statusOf(one),
      rate: of(one.rounds, 'rate'),
      p50: of(one.rounds, 'p50'),
      p99: of(one.rounds, 'p99'),
      p999: of(one.rounds, 'p999'),
      same: { p50: same(one.rounds, 'p50'), p99: same(one.rounds, 'p99') },
      rounds: one.rounds,
    })),
  };
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');

/** The median, and the range of the rounds. */
function spreadCell(spread: Spread | null): string {
  if (spread === null) return '–';
  return `${whole(spread.median)} (${whole(spread.min)}–${whole(spread.max)})`;
}

/** The columns of the table, and of the one in the README. */
export function latencyHeads({ sameRate }: LatencyResults): string[] {
  const heads = ['server', 'requests/s', 'p50 µs', 'p99 µs', 'p99.9 µs'];
  if (sameRate) heads.push(`p50 at ${whole(sameRate)}/s`, `p99 at ${whole(sameRate)}/s`);
  return heads;
}

/** What stands in {@link latencyHeads} of a server that was measured, but its name. */
export function latencyCells(
  { rate, p50, p99, p999, same }: LatencyServerResult,
  { sameRate }: LatencyResults,
): string[] {
  const own = [rate === null ? '–' : whole(rate.median), ...[p50, p99, p999].map(spreadCell)];
  return sameRate ? [...own, spreadCell(same?.p50 ?? null), spreadCell(same?.p99 ?? null)] : own;
}

function cells(server: LatencyServerResult, results: LatencyResults): string[] {
  const { label, status, reason, rate } = server;
  if (rate === null) return [label, status === 'failed' ? `failed: ${reason ?? ''}` : status];
  return [
    status === 'ok' ? label : `${label} [${status}: ${reason ?? ''}]`,
    ...latencyCells(server, results),
  ];
}

/** The table that a run prints, ending in a newline. */
export function latencyTableOf(results: LatencyResults): string {
  const { title, machine, commit, servers } = results;
  return [
    `latency: ${title}; from when a request was due`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.kernel}; commit ${commit ?? 'unknown'}`,
    '',
    ...aligned([latencyHeads(results), ...servers.map((server) => cells(server, results))]),
    ...invalidity(servers),
    '',
  ].join('\n');
}
