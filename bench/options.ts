/**
 * The command line of the benchmark: `npm run bench -- http --duration 3 --rounds 5 --only
 * netfd,node`. Parsing only; nothing here looks at the machine.
 */
import { parseArgs } from 'node:util';

export const workloadNames = [
  'http',
  'pipelined',
  'churn',
  'post',
  'file64k',
  'file10m',
  'echo',
  'udp',
  'bursts',
  'relay',
] as const;
/** A workload that is measured in operations. */
export type WorkloadName = (typeof workloadNames)[number];
/** And those that are measured in bytes, and in time. */
export type Workload = WorkloadName | 'idle' | 'latency';

export const DEFAULT_CONNECTIONS = 200_000;

export interface Options {
  /** What to run; empty when only the README is to be rewritten. */
  readonly workloads: readonly Workload[];
  /** Whole seconds (wrk takes no others) of each measurement, and of the warm-up before it. */
  readonly duration: number;
  readonly warmup: number;
  readonly rounds: number;
  /** Of the idle workload; one round is enough for it, and takes minutes. */
  readonly connections: number;
  /** Ids of servers; null for all. The floor always runs. */
  readonly only: readonly string[] | null;
  /** Where the results go instead of bench/results. */
  readonly json: string | null;
  readonly readme: boolean;
  /** Where to draw the flame graph, if one is wanted. */
  readonly flame: string | null;
}

/** What the command line says. Without a warm-up it is the workload's. */
export interface Arguments extends Omit<Options, 'warmup'> {
  readonly warmup: number | null;
}

/** Seconds. 10 MiB go 150 times a second, and engines compile what has run thousands of times. */
function usualWarmup(workload: Workload): number {
  return workload === 'file10m' ? 20 : 3;
}

/** How a workload is run. */
export function settingsFor(workload: Workload, args: Arguments): Options {
  return { ...args, warmup: args.warmup ?? usualWarmup(workload) };
}

export const usage = `usage: npm run bench -- WORKLOAD... [options]
       npm run bench -- --readme
       npm run bench -- [WORKLOAD] --flame FILE.svg

  workloads: http, pipelined, churn, post, file64k, file10m, latency, echo, udp, bursts, relay, idle,
             or all of them: all

  --duration s     seconds of each measurement (default 3)
  --warmup s       seconds of load before each measurement (default 3, for file10m 20)
  --rounds n       rounds; every round starts every server once (default 5)
  --connections n  how many idle connections (default 200000); idle has one round
  --only a,b       only these servers, besides the floor: netfd, netfd-newest, node, node-newest,
                   bun, deno, go, nginx; a wrong one makes it say which ones a workload has
  --json file      write the results to this file. Else valid runs of all servers are written to
                   bench/results/<workload>.json
  --flame file     measure nothing but draw where netfd's CPU time goes under the load of one workload
                   (http if none is given); needs perf
  --readme         rewrite the table in README.md from bench/results (also: --write-readme)
`;

/** A mistake on the command line. */
export class UsageError extends Error {}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new UsageError(`--${name} takes a whole number from ${least}, not ${text}`);
}

function workloadsOf(names: readonly string[]): Workload[] {
  const all: readonly Workload[] = [...workloadNames, 'latency', 'idle'];
  if (names.includes('all')) return [...all];
  return names.map((name) => {
    const known = all.find((workload) => workload === name);
    if (known === undefined) throw new UsageError(`unknown workload: ${name}`);
    return known;
  });
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        duration: { type: 'string', default: '3' },
        warmup: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        connections: { type: 'string', default: String(DEFAULT_CONNECTIONS) },
        only: { type: 'string' },
        json: { type: 'string' },
        flame: { type: 'string' },
        readme: { type: 'boolean', default: false },
        'write-readme': { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Reads the arguments; throws {@link UsageError}. */
export function optionsOf(args: readonly string[]): Arguments {
  const { values, positionals } = parse(args);
  const workloads = workloadsOf(positionals);
  const readme = values.readme || values['write-readme'];
  const flame = values.flame ?? null;
  if (workloads.length === 0 && !readme && flame === null)
    throw new UsageError('no workload given');
  if (flame !== null && workloads.length > 1) throw new UsageError('--flame takes one workload');
  if (workloads.length > 1 && values.json !== undefined) {
    throw new UsageError('--json takes one workload');
  }
  return {
    workloads,
    duration: whole('duration', values.duration, 1),
    warmup: values.warmup === undefined ? null : whole('warmup', values.warmup, 0),
    rounds: whole('rounds', values.rounds, 1),
    connections: whole('connections', values.connections, 100),
    only: values.only?.split(',') ?? null,
    json: values.json ?? null,
    readme,
    flame,
  };
}
