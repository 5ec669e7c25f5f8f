/**
 * The latency workload: how long does a reply take from a server that is half as busy as it can be?
 *
 * A turn is a new process. First it is seen how many requests a second the server manages (wrk, as in
 * the http workload, which also warms it up); then half of that is asked of it in an open loop
 * (load/latency.c): each request has its time, and its latency counts from there.
 *
 * A server that manages twice as many is thereby asked twice as often. So the same process is asked once
 * more, at a rate that is the same for all: half of what Go manages.
 */
import { builtC } from './compile.ts';
import { checkServer } from './check.ts';
import { CONNECTIONS, finished, loadOf, type LoadResult } from './load-run.ts';
import type { Options } from './options.ts';
import { freePort, startServer } from './server-process.ts';
import type { Server } from './servers.ts';
import { type Tool, type Toolchain, pinned, root } from './toolchain.ts';

/** What the load tells: latencies in microseconds. */
interface Latencies extends LoadResult {
  /** Requests a second that were asked for. */
  readonly rate: number;
  /** Requests that the load sent late by its own fault. */
  readonly late: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** One measurement, at half of what the server can. */
export interface LatencyRound extends Latencies {
  /** The same at the rate that all are asked; null if there is none. */
  readonly same: Latencies | null;
}

export interface LatencyMeasured {
  readonly server: Server;
  /** One entry a round; null for a round that failed. */
  readonly rounds: (LatencyRound | null)[];
  failure: string | null;
}

/** Seconds of the open loop that are not counted. */
const SETTLING = 1;

/** A server that is there, and how to put load on it. */
interface Turn {
  readonly full: (seconds: number) => Promise<LoadResult>;
  readonly half: (rate: number) => Promise<Latencies>;
}

async function withServer<T>(
  server: Server,
  tools: Toolchain,
  cc: Tool,
  { duration, warmup }: Options,
  use: (turn: Turn) => Promise<T>,
): Promise<T> {
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
    return await use({
      full: (seconds) => full(port, seconds),
      half: async (rate) => {
        const settling = warmup > 0 ? SETTLING : 0;
        const load = [binary, port, duration, CONNECTIONS, rate, settling].map(String);
        return { ...((await finished(tools, load)) as Latencies), rate };
      },
    });
  } finally {
    await running.stop();
  }
}

const halfOf = ({ ops, seconds }: LoadResult): number => Math.round(ops / seconds / 2);

/** Half of what Go manages; null if it is not to be measured, or cannot be. */
async function sameRate(
  servers: readonly Server[],
  tools: Toolchain,
  cc: Tool,
  options: Options,
): Promise<number | null> {
  const go = servers.find(({ id }) => id === 'go');
  if (go === undefined || go.command === null) return null;
  return withServer(go, tools, cc, options, async ({ full }) =>
    halfOf(await full(options.duration)),
  );
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
  const same = await sameRate(servers, tools, cc, options);
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
        const round = await withServer(server, tools, cc, options, async ({ full, half }) => ({
          ...(await half(halfOf(await full(options.duration)))),
          same: same === null ? null : await half(same),
        }));
        measured.rounds.push(round);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        measured.failure = message.replaceAll(root, '.').trim();
        measured.rounds.push(null);
      }
    }
  }
  return all;
}
