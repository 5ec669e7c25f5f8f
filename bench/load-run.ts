/**
 * The load generators: wrk for http and pipelined, the two C programs in bench/load for the
 * others. Each runs for a fixed time and ends with one line, {"ops":N,"seconds":S,"errors":E}.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { builtC } from './compile.ts';
import type { WorkloadName } from './options.ts';
import type { Toolchain } from './toolchain.ts';
import { pinned, sourceFolder } from './toolchain.ts';

const run = promisify(execFile);

export const CONNECTIONS = 64;
export const PIPELINE_DEPTH = 16;
/** Of big bodies, which need no crowd to keep a server busy. */
const BIG_CONNECTIONS = 16;
export const POST_BYTES: number = 1024 * 1024;
/** So few that what they have under way fits into a socket's buffer. */
const UDP_CLIENTS = 16;
const RELAY_SENDERS = 4;

export interface LoadResult {
  readonly ops: number;
  readonly seconds: number;
  readonly errors: number;
}

/** Puts load on `port` for some whole seconds. */
export type Load = (port: number, seconds: number) => Promise<LoadResult>;

function resultIn(output: string): LoadResult {
  const line = output.split('\n').find((text) => text.startsWith('{"ops"'));
  if (line === undefined) throw new Error('the load generator printed no result');
  return JSON.parse(line) as LoadResult;
}

/** What the load is, for the heading of the table. */
export const loadTitles: Readonly<Record<WorkloadName, string>> = {
  http: `GET /hello on ${CONNECTIONS} keep-alive connections, wrk -t1`,
  pipelined: `GET /hello, ${PIPELINE_DEPTH} pipelined on ${CONNECTIONS} connections, wrk -t1`,
  churn: `GET /hello with Connection: close, ${CONNECTIONS} connections at a time`,
  post: `POST of 1 MiB on ${BIG_CONNECTIONS} keep-alive connections, read to its end, wrk -t1`,
  file64k: `a file of 64 KiB on ${CONNECTIONS} keep-alive connections, wrk -t1`,
  file10m: `a file of 10 MiB on ${BIG_CONNECTIONS} keep-alive connections, wrk -t1`,
  echo: `64-byte messages to and fro on ${CONNECTIONS} connections`,
  udp: `64-byte datagrams to and fro, ${UDP_CLIENTS} clients with bursts of 8`,
  bursts: `the same, but that the clients have the kernel cut their bursts (GSO), as QUIC does`,
  relay: `datagrams of 1200 bytes to another address, ${RELAY_SENDERS} senders with bursts of 16 (GSO)`,
};

/** How many connections, or clients, there are. */
export function clientsOf(workload: WorkloadName): number {
  if (workload === 'relay') return RELAY_SENDERS;
  if (workload === 'post' || workload === 'file10m') return BIG_CONNECTIONS;
  return workload === 'udp' || workload === 'bursts' ? UDP_CLIENTS : CONNECTIONS;
}

/** The workloads whose load is wrk: the path, and what load/wrk.lua is told. */
const asked: Readonly<Partial<Record<WorkloadName, readonly string[]>>> = {
  http: ['/hello', '1'],
  pipelined: ['/hello', String(PIPELINE_DEPTH)],
  post: ['/upload', '1', String(POST_BYTES)],
  file64k: ['/64k.bin', '1'],
  file10m: ['/10m.bin', '1'],
};

/** The load of a workload, or the reason why there is none. */
export async function loadOf(workload: WorkloadName, tools: Toolchain): Promise<Load | string> {
  const { wrk, cc } = tools;
  const [path, ...rest] = asked[workload] ?? [];
  if (path !== undefined) {
    if (wrk === null) return 'wrk is not installed';
    const script = join(sourceFolder, 'load', 'wrk.lua');
    const fixed = ['-t1', `-c${clientsOf(workload)}`, '--timeout', '10s', '-s', script];
    return (port, seconds) => {
      const url = `http://127.0.0.1:${port}${path}`;
      return finished(tools, [wrk.path, ...fixed, `-d${seconds}s`, url, '--', ...rest]);
    };
  }
  if (cc === null) return 'no C compiler (cc) is installed';
  const binary = await builtC(cc, `load/${workload}.c`, ['load/load.h', 'load/udp.c']);
  const clients = String(clientsOf(workload));
  return (port, seconds) => finished(tools, [binary, String(port), String(seconds), clients]);
}

/** Runs a load generator to its end, and gives its line. */
export async function finished(tools: Toolchain, command: readonly string[]): Promise<LoadResult> {
  const [program = '', ...args] = pinned(tools, 'load', command);
  const { stdout } = await run(program, args);
  return resultIn(stdout);
}
