/**
 * A server under test as a process: started on a free port, ready when a connection succeeds,
 * stopped with SIGTERM and, if that takes too long, SIGKILL. Its output is kept for the message
 * when it fails. No server outlives the benchmark.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 10_000;
const STOP_MS = 3_000;
const OUTPUT_MAX = 4_000;

export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.end();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Whether a datagram that is sent to `port` arrives soon at a socket that is bound to `from`. */
function answers(port: number, from: { address: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (result: boolean) => {
      clearTimeout(timer);
      socket.close();
      resolve(result);
    };
    const timer = setTimeout(() => end(false), 100);
    socket.on('message', () => end(true));
    socket.on('error', () => end(false));
    socket.bind(from.port, from.address, () => socket.send('ready?', port, '127.0.0.1', () => {}));
  });
}

/** How a server shows that it is ready. */
export type Transport = 'tcp' | 'udp' | 'relay';

const isReady: Readonly<Record<Transport, (port: number) => Promise<boolean>>> = {
  tcp: connects,
  udp: (port) => answers(port, { address: '127.0.0.1', port: 0 }),
  relay: (port) => answers(port, { address: '127.0.0.2', port }),
};

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('close', resolve));
}

/** The line of a program's output that says most about why it ended. */
function reasonIn(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.find((line) => /\berror\b/i.test(line)) ?? lines.at(-1) ?? 'no output';
}

/** Starts a command that listens on `port`, for connections or datagrams; throws with what it printed if it does not. */
export async function startServer(
  command: readonly string[],
  port: number,
  env: Readonly<Record<string, string>>,
  transport: Transport = 'tcp',
): Promise<ServerProcess> {
  const ready = isReady[transport];
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(0, OUTPUT_MAX));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  running.add(child);
  child.once('close', () => running.delete(child));
  child.once('error', (error) => (output += `error: ${error.message}`));

  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended(child);
    clearTimeout(timer);
  };
  const deadline = Date.now() + READY_MS;
  while (!(await ready(port))) {
    const alive = child.pid !== undefined && child.exitCode === null && child.signalCode === null;
    if (alive && Date.now() < deadline) {
      await sleep(20);
      continue;
    }
    if (alive) await stop();
    throw new Error(alive ? 'not listening after 10 s' : reasonIn(output));
  }
  return { pid: child.pid ?? 0, port, stop };
}
