/**
 * The latency workload: how long does a reply take from a server that is half as busy as it can be?
 *
 * A turn is a new process. First it is seen how many requests a second the server manages (wrk, as in
 * the http workload, which also warms it up); then half of that is asked of it in an open loop
 * (load/latency.c): each request has its time, and its latency counts from there.
 */
import { builtC } from './compile.ts';
import { checkServer } from './check.ts';
import { CONNECTIONS, finished, loadOf, type LoadResult } from './load-run.ts';
import type { Options } from './options.ts';
import { freePort, startServer } from './server-process.ts';
import type { Server } from './servers.ts';
import { type Tool, type Toolchain, pinned, root } from './toolchain.ts';

/** One measurement: latencies in microseconds. */
export interface LatencyRound extends LoadResult {
  /** Requests a second that were asked for: half of what the server can. */
  readonly rate: number;
  /** Requests that the load sent late by its own fault. */
  readonly late: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface LatencyMeasured {
  readonly server: Server;
  /** One entry a round; null for a round that failed. */
  readonly rounds: (LatencyRound | null)[];
  failure: string | null;
}

async function turn(
  server: Server,
  tools: Toolchain,
  cc: Tool,
  { duration, warmup }: Options,
): Promise<LatencyRound> {
  const full = await loadOf('http', tools);
  if (typeof full === 'string') throw new Error(full);
  if (server.command === null) throw new Error(server.missing ?? 'not installed');
  const binary = await builtC(cc, 'load/latency.c', ['load/load.h']);
  const port = await freePort();
  const command = pinned(tools, 'server', await server.command(port));
  const running = await startServer(command, port, server.env);
  try {
    await checkServer('http', port);
    if (warmup > 0) await full(port, warmup);
    const most = await full(port, duration);
    const rate = Math.round(most.ops / most.seconds / 2);
    const load = [binary, port, duration, CONNECTIONS, rate].map(String);
    return { ...((await finished(tools, load)) as LatencyRound), rate };
  } finally {
    await running.stop();
  }
}

/** Runs all rounds, each server once a round. */
export async function measureLatency(
  servers: readonly Server[],
  tools: Toolchain,
  options: Options,
  progress: (line: string) => void,
): Promise<LatencyMeasured[]> {
  const { cc } = tools;
  if (cc === null) throw new Error('no C compiler (cc) is installed');
  const all: LatencyMeasured[] = servers.map((server) => ({ server, rounds: [], failure: null }));
  for (let round = 1; round <= options.rounds; round++) {
    for (const measured of all) {
      const { server } = measured;
      if (server.command === null || measured.failure !== null) {
        measured.rounds.push(null);
        continue;
      }
      progress(`round ${round}/${options.rounds}: ${server.label}`);
      try {
        measured.rounds.push(await turn(server, tools, cc, options));
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        measured.failure = message.replaceAll(root, '.').trim();
        measured.rounds.push(null);
      }
    }
  }
  return all;
}
