/**
 * The results as they are kept: bench/results/<workload>.json with the machine, the commit, every
 * round and the summary that the tables show. The ratios are the result; the absolute numbers say
 * only what they were on that machine on that day.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, release } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { clientsOf, loadTitles } from './load-run.ts';
import type { Options, Workload, WorkloadName } from './options.ts';
import type { Measured, Round } from './rounds.ts';
import type { Spread } from './statistics.ts';
import { ratiosTo, spreadOf } from './statistics.ts';
import type { Toolchain } from './toolchain.ts';
import { root, sourceFolder } from './toolchain.ts';

export interface ServerResult {
  readonly id: string;
  readonly label: string;
  /** ok; invalid (errors under load, not in the summary); failed; not installed. */
  readonly status: 'ok' | 'invalid' | 'failed' | 'not installed';
  readonly reason: string | null;
  readonly cpuMicrosPerOp: Spread | null;
  readonly cpuRatio: Spread | null;
  readonly opsPerSecond: Spread | null;
  readonly rateRatio: Spread | null;
  /** The part of one CPU that the server used; below 1 the load was the slower side. */
  readonly busy: Spread | null;
  readonly rounds: readonly (Round | null)[];
}

/** Where and when a run was, and of what. */
export interface Circumstances {
  readonly date: string;
  readonly commit: string | null;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly kernel: string };
  readonly versions: Readonly<Record<string, string>>;
}

export interface Results extends Circumstances {
  readonly workload: WorkloadName;
  readonly title: string;
  readonly settings: {
    readonly durationSeconds: number;
    readonly warmupSeconds: number;
    readonly rounds: number;
    readonly connections: number;
    readonly pinned: string;
  };
  readonly servers: readonly ServerResult[];
}

const micros = (round: Round) => (round.cpuSeconds / round.ops) * 1e6;
const rate = (round: Round) => round.ops / round.seconds;
const busy = (round: Round) => round.cpuSeconds / round.seconds;

/** A round with an error is not a number. */
function valid(rounds: readonly (Round | null)[], of: (round: Round) => number) {
  return rounds.map((round) => (round === null || round.errors > 0 ? null : of(round)));
}

const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);

function statusOf({ server, rounds, failure }: Measured): Pick<ServerResult, 'status' | 'reason'> {
  if (server.command === null) return { status: 'not installed', reason: server.missing };
  if (failure !== null) return { status: 'failed', reason: failure };
  const errors = rounds.reduce((sum, round) => sum + (round?.errors ?? 0), 0);
  if (errors > 0) return { status: 'invalid', reason: `${errors} errors under load` };
  return { status: 'ok', reason: null };
}

function resultOf(measured: Measured, floor: readonly (Round | null)[]): ServerResult {
  const { server, rounds } = measured;
  const cpu = valid(rounds, micros);
  const rates = valid(rounds, rate);
  return {
    id: server.id,
    label: server.label,
    ...statusOf(measured),
    cpuMicrosPerOp: spreadOf(known(cpu)),
    cpuRatio: spreadOf(ratiosTo(valid(floor, micros), cpu)),
    opsPerSecond: spreadOf(known(rates)),
    rateRatio: spreadOf(ratiosTo(valid(floor, rate), rates)),
    busy: spreadOf(known(valid(rounds, busy))),
    rounds,
  };
}

async function commit(): Promise<string | null> {
  const git = (...args: string[]) => promisify(execFile)('git', ['-C', root, ...args]);
  try {
    const head = (await git('rev-parse', '--short=12', 'HEAD')).stdout.trim();
    // Not the results: those of the workload before have just been written.
    const places = ['src', 'native', 'bench', ':(exclude)bench/results'];
    const changed = (await git('status', '--porcelain', '--', ...places)).stdout;
    return changed === '' ? head : `${head}, changed`;
  } catch {
    return null;
  }
}

function versionsOf(tools: Toolchain): Record<string, string> {
  const { cpus: _, ...programs } = tools;
  const entries = Object.entries(programs);
  return Object.fromEntries(
    entries.map(([name, tool]) => [name, tool?.version ?? 'not installed']),
  );
}

export async function circumstances(tools: Toolchain): Promise<Circumstances> {
  return {
    date: new Date().toISOString(),
    commit: await commit(),
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      kernel: `Linux ${release()}`,
    },
    versions: versionsOf(tools),
  };
}

/** Puts together what is kept and shown. The first measured server is the floor. */
export async function resultsOf(
  workload: WorkloadName,
  measured: readonly Measured[],
  options: Options,
  tools: Toolchain,
): Promise<Results> {
  const floor = measured[0]?.rounds ?? [];
  const pins = tools.cpus;
  return {
    workload,
    title: loadTitles[workload],
    ...(await circumstances(tools)),
    settings: {
      durationSeconds: options.duration,
      warmupSeconds: options.warmup,
      rounds: options.rounds,
      connections: clientsOf(workload),
      pinned: pins === null ? 'no' : `server on cpu ${pins.server}, load on cpu ${pins.load}`,
    },
    servers: measured.map((one) => resultOf(one, floor)),
  };
}

/** Where the results of a workload are kept. */
export function resultsFile(workload: Workload): string {
  return join(sourceFolder, 'results', `${workload}.json`);
}

export async function writeResults(file: string, results: Circumstances): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
}

/** The kept results of a workload, or null if it has never been run. */
export async function readResults<R extends Circumstances>(workload: Workload): Promise<R | null> {
  try {
    return JSON.parse(await readFile(resultsFile(workload), 'utf8')) as R;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
