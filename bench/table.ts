/** Results as text: the table that a run prints. */
import type { Results, ServerResult } from './results.ts';
import type { Spread } from './statistics.ts';
import { spreadOf } from './statistics.ts';

const heads = ['server', 'CPU µs/op', '× floor', 'ops/s', '× floor', 'busy'];

/** A failed server's message is cut to this; the results keep all of it. */
const REASON_MAX = 90;

const percent = (part: number) => String(Math.round(part * 100));
const ratio = (value: number) => value.toFixed(2);

function ratioCell(spread: Spread | null): string {
  if (spread === null) return '–';
  return `${ratio(spread.median)} (${ratio(spread.min)}–${ratio(spread.max)})`;
}

function reasonOf({ status, reason }: ServerResult): string {
  const [line = ''] = (reason ?? '').split('\n', 1);
  return (status === 'not installed' ? line : `${status}: ${line}`).slice(0, REASON_MAX);
}

function cells(server: ServerResult): string[] {
  const { label, status, cpuMicrosPerOp, opsPerSecond, busy } = server;
  if (cpuMicrosPerOp === null || opsPerSecond === null || busy === null) {
    return [label, reasonOf(server)];
  }
  return [
    status === 'ok' ? label : `${label} [${reasonOf(server)}]`,
    cpuMicrosPerOp.median.toFixed(2),
    ratioCell(server.cpuRatio),
    Math.round(opsPerSecond.median).toLocaleString('en-US'),
    ratioCell(server.rateRatio),
    `${percent(busy.median)} %`,
  ];
}

/** What else the machine did, as a part of one CPU, over all rounds of all servers. */
function disturbance({ servers }: Results): string {
  const rounds = servers.flatMap((server) => server.rounds.filter((round) => round !== null));
  const others = spreadOf(rounds.map((round) => round.otherSeconds / round.seconds));
  const stolen = spreadOf(rounds.map((round) => round.stolenSeconds / round.seconds));
  if (others === null || stolen === null) return 'nothing was measured';
  const range = ({ min, max }: Spread) => `${percent(min)}–${percent(max)} %`;
  return `of one cpu, other processes used ${range(others)}, the hypervisor ${range(stolen)}`;
}

function heading(results: Results): string[] {
  const { workload, title, settings, machine } = results;
  const { rounds, durationSeconds, warmupSeconds, pinned } = settings;
  const commit = `commit ${results.commit ?? 'unknown'}`;
  return [
    `${workload}: ${title}`,
    `rounds: ${rounds}, each ${warmupSeconds} s of warm-up and ${durationSeconds} s measured`,
    `pinned: ${pinned}; ${disturbance(results)}`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.kernel}; ${commit}`,
  ];
}

/**
 * The rows as lines with columns one below the other; the first row has the heads. A row with a reason in
 * place of its numbers has two cells, and the second is not aligned.
 */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const columns = rows[0]?.length ?? 0;
  const whole = rows.filter((row) => row.length === columns);
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...(i === 0 ? rows : whole).map((row) => (row[i] ?? '').length)),
  );
  return rows.map((row) => {
    const padded = row.map((cell, i) => {
      const width = widths[i] ?? 0;
      return i === 0 || row.length < columns ? cell.padEnd(width) : cell.padStart(width);
    });
    return padded.join('  ').trimEnd();
  });
}

/** What says at the end that some numbers are none. */
export function invalidity(
  servers: readonly Pick<ServerResult, 'label' | 'status'>[],
): readonly string[] {
  const bad = servers.filter(({ status }) => status === 'invalid' || status === 'failed');
  if (bad.length === 0) return [];
  return ['', `THIS RUN IS NOT VALID: ${bad.map(({ label }) => label).join('; ')}`];
}

/** The whole table, ending in a newline. Medians of the rounds; ratios as median (min–max). */
export function tableOf(results: Results): string {
  const { servers } = results;
  const lines = [
    ...heading(results),
    '',
    ...aligned([heads, ...servers.map(cells)]),
    ...invalidity(servers),
  ];
  return `${lines.join('\n')}\n`;
}
