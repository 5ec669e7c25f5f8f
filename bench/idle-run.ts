/**
 * The idle workload: how much memory of a server's process does a connection take on which nothing
 * happens? Opens very many, has the server settle, and looks at /proc/PID/smaps_rollup; at the end each
 * connection has to echo a byte. Where one process may not have as many descriptors, several share them.
 */
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { builtC } from './compile.ts';
import type { LoadResult } from './load-run.ts';
import type { Options } from './options.ts';
import { freePort, type ServerProcess, startServer } from './server-process.ts';
import type { Server } from './servers.ts';
import { pinned, root, type Toolchain } from './toolchain.ts';

/** Open before the first look: what is compiled and set up for the first is not the cost of the others. */
const EARLY = 1000;

/** Descriptors that a process needs for itself. */
const SPARE = 500;

/** V8 makes its young generation small again only after some seconds of quiet, and in two steps. */
const SETTLE_TIMES = 8;
const SETTLE_MS = 3000;

export interface IdleMemory {
  readonly processes: number;
  readonly connections: number;
  /** Connections that did not echo a byte at the end. */
  readonly errors: number;
  /** Memory of all processes with the first thousand connections each, and with all, settled. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly bytesPerConnection: number;
  /** The same without settling: with the garbage that opening them has left. */
  readonly unsettledPerConnection: number;
}

/** Lets a command have as many descriptors as it may; "$1" is how many it wants. */
const RAISE = 'ulimit -n "$1" 2>/dev/null || ulimit -S -n "$(ulimit -H -n)"; shift; exec "$@"';

function raised(limit: number, command: readonly string[]): readonly string[] {
  return ['sh', '-c', RAISE, 'sh', String(limit), ...command];
}

/** How many connections one process can have, if `wanted` are too many. */
async function connectionsOfOne(wanted: number): Promise<number> {
  const [program = '', ...args] = raised(wanted + SPARE, ['sh', '-c', 'ulimit -n']);
  const { stdout } = await promisify(execFile)(program, args);
  const limit = stdout.trim() === 'unlimited' ? Infinity : Number(stdout);
  return Math.min(wanted, Math.max(limit - SPARE, 2));
}

/** What a process has of the machine's memory, in bytes. */
function memoryOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
  // What the process has given back (MADV_FREE) is counted until the kernel needs it.
  return (kilobytes('Rss') - kilobytes('LazyFree')) * 1024;
}

function memoryOfAll(servers: readonly ServerProcess[]): number {
  return servers.reduce((sum, { pid }) => sum + memoryOf(pid), 0);
}

async function settle(servers: readonly ServerProcess[]): Promise<void> {
  for (let i = 0; i < SETTLE_TIMES; i++) {
    for (const { pid } of servers) process.kill(pid, 'SIGUSR2');
    await sleep(SETTLE_MS);
  }
}

/** A running load program and its lines. */
class Connections {
  readonly #child;
  readonly #lines: AsyncIterator<string>;

  constructor(command: readonly string[]) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('error', () => {}); // then there is no line either
    this.#child.stdin.on('error', () => {});
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async next(): Promise<LoadResult> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the load generator has ended too early');
    return JSON.parse(value) as LoadResult;
  }

  echo(): Promise<LoadResult> {
    this.#child.stdin.write('echo\n');
    return this.next();
  }

  /** Resets the connections. */
  async close(): Promise<void> {
    const { exitCode, signalCode, pid } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin.end();
    await closed;
  }
}

/** Opens `count` connections to each server, has `use` look, and closes them. */
async function withConnections<T>(
  servers: readonly ServerProcess[],
  start: (port: number) => Connections,
  use: (loads: readonly Connections[]) => Promise<T>,
): Promise<T> {
  const loads: Connections[] = [];
  try {
    for (const { port } of servers) {
      const load = start(port);
      loads.push(load);
      await load.next();
    }
    return await use(loads);
  } finally {
    await Promise.all(loads.map((load) => load.close()));
  }
}

async function lookAt(
  servers: readonly ServerProcess[],
  start: (port: number, connections: number) => Connections,
  each: number,
): Promise<IdleMemory> {
  const early = Math.min(EARLY, Math.ceil(each / 10));
  const open = (count: number, use: (loads: readonly Connections[]) => Promise<IdleMemory>) =>
    withConnections(servers, (port) => start(port, count), use);
  return open(early, async (first) => {
    await settle(servers);
    const bytesBefore = memoryOfAll(servers);
    return open(each - early, async (rest) => {
      const unsettled = memoryOfAll(servers);
      await settle(servers);
      const bytesAfter = memoryOfAll(servers);
      let errors = 0;
      for (const load of [...first, ...rest]) errors += (await load.echo()).errors;
      const added = (each - early) * servers.length;
      return {
        processes: servers.length,
        connections: each * servers.length,
        errors,
        bytesBefore,
        bytesAfter,
        bytesPerConnection: (bytesAfter - bytesBefore) / added,
        unsettledPerConnection: (unsettled - bytesBefore) / added,
      };
    });
  });
}

async function turn(server: Server, tools: Toolchain, wanted: number): Promise<IdleMemory> {
  const { command } = server;
  const { cc } = tools;
  if (command === null || cc === null) throw new Error(server.missing ?? 'no C compiler');
  const binary = await builtC(cc, 'load/idle.c', ['load/load.h']);
  const most = await connectionsOfOne(wanted);
  const processes = Math.ceil(wanted / most);
  const each = Math.ceil(wanted / processes);
  const limit = each + SPARE;
  const start = (port: number, connections: number) =>
    new Connections(
      pinned(tools, 'load', raised(limit, [binary, String(port), String(connections)])),
    );
  const servers: ServerProcess[] = [];
  try {
    for (let i = 0; i < processes; i++) {
      const port = await freePort();
      const line = pinned(tools, 'server', raised(limit, await command(port)));
      servers.push(await startServer(line, port, server.env));
    }
    return await lookAt(servers, start, each);
  } finally {
    await Promise.all(servers.map((running) => running.stop()));
  }
}

/** One server and its numbers, or why there are none. */
export interface IdleMeasured {
  readonly server: Server;
  readonly memory: IdleMemory | null;
  readonly failure: string | null;
}

/** Measures one server after the other. */
export async function measureIdle(
  servers: readonly Server[],
  tools: Toolchain,
  { connections }: Options,
  progress: (line: string) => void,
): Promise<IdleMeasured[]> {
  const all: IdleMeasured[] = [];
  for (const server of servers) {
    progress(`${connections} idle connections: ${server.label}`);
    if (server.command === null) {
      all.push({ server, memory: null, failure: null });
      continue;
    }
    try {
      all.push({ server, memory: await turn(server, tools, connections), failure: null });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      all.push({ server, memory: null, failure: message.replaceAll(root, '.').trim() });
    }
  }
  return all;
}
