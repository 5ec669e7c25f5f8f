/**
 * netfd serve: from its arguments to a handler, a listener, a server, and to its end.
 *
 *   listening ──signal──► draining ──all replies complete──► 0
 *                            ├──────the time is up─────────► closed at once: 0
 *                            └──────the second signal──────► closed at once: 128 + the signal's number
 */
import { stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { Activity } from '../http/activity.ts';
import { fileServer } from '../http/file-server.ts';
import type { Handler } from '../http/handler.ts';
import { nodeFiles, Server } from '../http.ts';
import { type Addr, listen, type Listener } from '../index.ts';
import { UsageError } from './arguments.ts';
import { demoHandler } from './demo.ts';
import { isHandlerFile, loadHandler } from './handler-file.ts';
import { type EndSignal, nextSignal } from './signals.ts';
import type { Arguments } from './usage.ts';

/** This machine only. */
const DEFAULT_ADDR = '127.0.0.1:8080';
const DEFAULT_ADDR_6 = '[::1]:8080';

/** Seconds that requests have to complete once a signal has come. */
const DEFAULT_GRACE = '10';

/** Serves until it is told to end; gives the exit status. */
export async function serve(args: Arguments): Promise<number> {
  const network = args.values.get('network') ?? 'tcp';
  const addr = args.values.get('addr') ?? defaultAddr(network);
  const grace = Number(args.values.get('grace') ?? DEFAULT_GRACE);
  if (!(grace >= 0 && grace <= MAX_GRACE)) {
    throw new UsageError('netfd serve: --grace must be a number of seconds', 'netfd serve --help');
  }
  const activity = new Activity(Date.now);
  const handler = await handlerFor(args.operands[0], activity);
  const listener = await listen(network, addr);
  const ended = nextSignal(); // before anybody knows that there is something to end
  const server = new Server(handler, { connState: activity.connState });
  console.log(`netfd serving ${placeOf(listener.addr)} (pid ${process.pid})`);
  return run(server, listener, ended, grace * 1000);
}

function defaultAddr(network: string): string {
  if (network.startsWith('unix')) {
    throw new UsageError(`netfd serve: --network ${network} needs --addr`, 'netfd serve --help');
  }
  return network === 'tcp6' ? DEFAULT_ADDR_6 : DEFAULT_ADDR;
}

/** What answers the requests: the demonstration, the files of a directory, or a module. */
async function handlerFor(operand: string | undefined, activity: Activity): Promise<Handler> {
  if (operand === undefined) return demoHandler(activity);
  const stats = await stat(operand).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`netfd serve: ${operand}: ${reasonOf(error)}`);
  });
  if (stats.isDirectory()) return fileServer(await nodeFiles(operand));
  if (isHandlerFile(operand)) return loadHandler(operand);
  throw new Error(`netfd serve: ${operand}: neither a directory nor a .js, .mjs or .ts file`);
}

/** "ENOENT: no such file or directory, stat 'x'" → "no such file or directory" */
function reasonOf({ message }: Error): string {
  return /^\w+: (.*), \w+ '/.exec(message)?.[1] ?? message;
}

/** What to type into a browser, if that is possible. Any address is most easily reached as localhost. */
function placeOf(addr: Addr): string {
  if (addr.network !== 'tcp') return `${addr.network} ${String(addr)}`;
  return `http://${String(addr).replace(/^(\[::\]|0\.0\.0\.0):/, 'localhost:')}/`;
}

/** What setTimeout can wait for. */
const MAX_GRACE = 2_000_000;

async function run(
  server: Server,
  listener: Listener,
  ended: Promise<EndSignal>,
  grace: number,
): Promise<number> {
  const served = server.serve(listener);
  await Promise.race([ended, served]);
  const second = nextSignal();
  const drained = server.shutdown().then(() => null);
  const { size } = server.connections;
  if (size > 0) {
    const what = size === 1 ? 'a connection' : `${size} connections`;
    console.error(`netfd serve: waiting for ${what}; another signal closes at once`);
  }
  const limit = AbortSignal.timeout(grace);
  const late = new Promise<null>((resolve) => {
    limit.addEventListener('abort', () => resolve(null), { once: true });
  });
  const signal = await Promise.race([second, drained, late]);
  server.close();
  await served;
  return signal === null ? 0 : 128 + constants.signals[signal];
}
