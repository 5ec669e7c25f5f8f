/**
 * The measurement: A B C … A B C …, so that whatever else the machine does hits all servers
 * alike.
 *
 * Each turn is a new process: start, check, warm up, read the CPU counters, load, read them
 * again, stop. What a compiler or an allocator happened to do in one process is thereby part of
 * the spread.
 */
import { checkServer } from './check.ts';
import { cpuBetween, cpuSnapshot, machineSnapshot, othersBetween } from './cpu-time.ts';
import type { Load } from './load-run.ts';
import type { Options, WorkloadName } from './options.ts';
import { freePort, startServer, type Transport } from './server-process.ts';
import type { Server } from './servers.ts';
import type { Toolchain } from './toolchain.ts';
import { pinned, root } from './toolchain.ts';

/** One measurement of one server. */
export interface Round {
  readonly ops: number;
  readonly seconds: number;
  readonly errors: number;
  readonly cpuSeconds: number;
  /** Which counter cpuSeconds is from; see cpu-time.ts. */
  readonly cpuSource: 'schedstat' | 'stat';
  /** CPU seconds that other processes, and the hypervisor, used meanwhile. */
  readonly otherSeconds: number;
  readonly stolenSeconds: number;
}

/** All rounds of one server; `failure` replaces rounds that could not be had. */
export interface Measured {
  readonly server: Server;
  /** One entry a round; null for a round that failed. */
  readonly rounds: (Round | null)[];
  failure: string | null;
}

export interface Plan {
  readonly workload: WorkloadName;
  readonly servers: readonly Server[];
  readonly load: Load;
  readonly tools: Toolchain;
  readonly options: Options;
  /** Told before each turn. */
  readonly progress: (line: string) => void;
}

function transportOf(workload: WorkloadName): Transport {
  if (workload === 'relay') return 'relay';
  return workload === 'udp' || workload === 'bursts' ? 'udp' : 'tcp';
}

async function turn(plan: Plan, server: Server): Promise<Round> {
  const { workload, load, tools, options } = plan;
  if (server.command === null) throw new Error(server.missing ?? 'not installed');
  const port = await freePort();
  const command = pinned(tools, 'server', await server.command(port));
  const transport = transportOf(workload);
  const running = await startServer(command, port, server.env, transport);
  try {
    await checkServer(workload, port);
    if (options.warmup > 0) await load(port, options.warmup);
    const machine = machineSnapshot();
    const before = cpuSnapshot(running.pid);
    const result = await load(port, options.duration);
    const cpu = cpuBetween(before, cpuSnapshot(running.pid));
    const { others, stolen } = othersBetween(machine, machineSnapshot(), cpu);
    if (result.ops === 0) throw new Error(`no operation succeeded, ${result.errors} errors`);
    return {
      ...result,
      cpuSeconds: cpu.seconds,
      cpuSource: cpu.source,
      otherSeconds: others,
      stolenSeconds: stolen,
    };
  } finally {
    await running.stop();
  }
}

/** Runs all rounds. A server that fails once is not started again. */
export async function measure(plan: Plan): Promise<Measured[]> {
  const { servers, options, progress } = plan;
  const all: Measured[] = servers.map((server) => ({ server, rounds: [], failure: null }));
  for (let round = 1; round <= options.rounds; round++) {
    for (const measured of all) {
      const { server } = measured;
      if (server.command === null || measured.failure !== null) {
        measured.rounds.push(null);
        continue;
      }
      progress(`round ${round}/${options.rounds}: ${server.label}`);
      try {
        measured.rounds.push(await turn(plan, server));
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        measured.failure = message.replaceAll(root, '.').trim();
        measured.rounds.push(null);
      }
    }
  }
  return all;
}
