/**
 * The table in README.md, written from bench/results between two comments, so that no number
 * there is typed by hand. Rows are servers, columns are workloads; a cell has the two ratios to
 * the C floor.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { count, type IdleResults } from './idle-results.ts';
import { latencyCells, latencyHeads, type LatencyResults } from './latency-results.ts';
import { type WorkloadName, workloadNames } from './options.ts';
import type { Results, ServerResult } from './results.ts';
import { readResults } from './results.ts';
import { root } from './toolchain.ts';

const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

function cellOf(server: ServerResult | undefined): string {
  if (server === undefined) return '';
  const { status, cpuRatio, rateRatio } = server;
  if (status !== 'ok' || cpuRatio === null || rateRatio === null) return status;
  return `${cpuRatio.median.toFixed(2)} (${rateRatio.median.toFixed(2)})`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A server has two names where it serves two things: node:http and node:net. */
function labelOf(id: string, all: readonly Results[]): string {
  const labels = all.flatMap(({ servers }) =>
    servers.filter((server) => server.id === id).map(({ label }) => label),
  );
  const [first = id, ...others] = new Set(labels);
  const [, version = ''] = /(, .*)$/.exec(first) ?? [];
  return [first, ...others].map((label) => label.replace(version, '')).join(' / ') + version;
}

/** Workloads that share their servers share a table. */
const groups: readonly (readonly WorkloadName[])[] = [
  ['http', 'pipelined', 'churn', 'post', 'file64k', 'file10m'],
  ['echo', 'udp', 'bursts', 'relay'],
];

function tableOf(all: readonly Results[]): string[] {
  const ids = new Set(all.flatMap(({ servers }) => servers.map(({ id }) => id)));
  return [
    row(['server', ...all.map(({ workload }) => workload)]),
    row(['---', ...all.map(() => '---:')]),
    ...[...ids].map((id) => {
      const cells = all.map(({ servers }) => cellOf(servers.find((server) => server.id === id)));
      return row([labelOf(id, all), ...cells]);
    }),
  ];
}

/** The Markdown of the workloads that are measured in operations. */
export function readmeTable(all: readonly Results[]): string {
  const lines = groups.flatMap((names) => {
    const some = all.filter(({ workload }) => names.includes(workload));
    return some.length === 0 ? [] : [...tableOf(some), ''];
  });
  const [first] = all;
  if (first !== undefined) {
    const { machine, date } = first;
    lines.push(
      'CPU time per operation as a multiple of a C epoll server measured in the same run (lower is',
      'better); in brackets operations per second, likewise (higher is better).',
      `${machine.cpu}, ${machine.cores} cores, ${machine.kernel}, ${date.slice(0, 10)};`,
      'every round is in [bench/results](bench/results), the method in',
      '[bench/README.md](bench/README.md).',
      '',
      ...all.map(({ workload, title }) => `- ${workload}: ${title}`),
    );
  }
  return lines.join('\n');
}

/** The Markdown of the latency workload. */
export function latencyTable(results: LatencyResults): string {
  const { title, servers, machine, date, sameRate } = results;
  const heads = latencyHeads(results);
  const rows = servers.map((server) => {
    const { label, status, rate } = server;
    if (status !== 'ok' || rate === null) {
      return row([label, status, ...heads.slice(2).map(() => '')]);
    }
    return row([label, ...latencyCells(server, results)]);
  });
  const more = sameRate ? ', and at a rate that is the same for all' : '';
  return [
    row(heads),
    row(['---', ...heads.slice(1).map(() => '---:')]),
    ...rows,
    '',
    `Latency, ${title}${more};`,
    `median of the rounds and their range; ${machine.kernel}, ${date.slice(0, 10)}.`,
  ].join('\n');
}

/** The Markdown of the idle workload, below the other. */
export function idleTable({ title, servers, machine, date }: IdleResults): string {
  const rows = servers.map(({ label, status, memory }) => {
    const bytes = status === 'ok' && memory !== null ? count(memory.bytesPerConnection) : status;
    return row([label, bytes]);
  });
  return [
    row(['server', 'bytes per idle connection']),
    row(['---', '---:']),
    ...rows,
    '',
    `Memory of the process, ${title},`,
    `shared by ${servers[0]?.memory?.processes ?? 1} processes of each server (1 where one may have so many descriptors);`,
    `${machine.kernel}, ${date.slice(0, 10)}.`,
  ].join('\n');
}

/** Rewrites README.md; throws if the two comments or the results are not there. */
export async function writeReadme(): Promise<void> {
  const file = join(root, 'README.md');
  const text = await readFile(file, 'utf8');
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`README.md has no ${BEGIN} … ${END}`);
  const read = await Promise.all(workloadNames.map((name) => readResults<Results>(name)));
  const all = read.filter((results) => results !== null);
  const idle = await readResults<IdleResults>('idle');
  if (all.length === 0) throw new Error('bench/results is empty: run a workload first');
  const latency = await readResults<LatencyResults>('latency');
  const tables = [readmeTable(all)];
  if (latency !== null) tables.push(latencyTable(latency));
  if (idle !== null) tables.push(idleTable(idle));
  const head = text.slice(0, begin + BEGIN.length);
  await writeFile(file, `${head}\n\n${tables.join('\n\n')}\n\n${text.slice(end)}`);
}
