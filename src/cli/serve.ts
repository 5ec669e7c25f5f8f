/**
 * netfd serve: from its arguments to a handler, a listener, a server, and to its end.
 *
 *   listening ──signal──► lame duck ──its time──► draining ──all replies complete──► 0
 *                             │                      ├──────the time is up─────────► closed at once: 0
 *                             └──────────────────────┴──────the second signal──────► closed at once:
 *                                                                         128 + the signal's number
 */
import { stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { Activity } from '../http/server/activity.ts';
import { fileServer } from '../http/files/file-server.ts';
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

/**
 * Seconds before that in which it goes on, if there are connections: enough for clients nearby that ask all
 * the time to hear of it. More is for balancers, and has to be asked for.
 */
const DEFAULT_LAME_DUCK = '0.2';

/** How it ends, in milliseconds. */
interface End {
  readonly lameDuck: number;
  /** Even if there are no connections: others have to see that it ends. */
  readonly always: boolean;
  readonly grace: number;
}

/** Serves until it is told to end; gives the exit status. */
export async function serve(args: Arguments): Promise<number> {
  const network = args.values.get('network') ?? 'tcp';
  const addr = args.values.get('addr') ?? defaultAddr(network);
  const end: End = {
    lameDuck: milliseconds(args, 'lame-duck', DEFAULT_LAME_DUCK),
    always: args.values.has('lame-duck'),
    grace: milliseconds(args, 'grace', DEFAULT_GRACE),
  };
  const activity = new Activity(Date.now);
  const handler = await handlerFor(args.operands[0], activity);
  const listener = await listen(network, addr);
  const ended = nextSignal(); // before anybody knows that there is something to end
  const server = new Server(handler, { connState: activity.connState });
  console.log(`netfd serving ${placeOf(listener.addr)} (pid ${process.pid})`);
  return run(server, listener, ended, end);
}

/** An option that is a number of seconds. */
function milliseconds(args: Arguments, option: string, byDefault: string): number {
  const text = args.values.get(option) ?? byDefault;
  const seconds = text.trim() === '' ? Number.NaN : Number(text);
  if (seconds >= 0 && seconds <= MAX_SECONDS) return seconds * 1000;
  throw new UsageError(
    `netfd serve: --${option} must be a number of seconds`,
    'netfd serve --help',
  );
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
const MAX_SECONDS = 1_000_000;

async function run(
  server: Server,
  listener: Listener,
  ended: Promise<EndSignal>,
  end: End,
): Promise<number> {
  const served = server.serve(listener);
  server.registerOnShutdown(() => tellWaiting(server));
  await Promise.race([ended, served]);
  const second = nextSignal();
  const lameDuck = end.always || server.connections.size > 0 ? end.lameDuck : 0;
  if (end.always && lameDuck > 0) {
    const seconds = lameDuck / 1000;
    console.error(`netfd serve: goes on for ${seconds} s; another signal closes at once`);
  }
  const drained = server.shutdown({ lameDuck }).then(() => null);
  const limit = AbortSignal.timeout(lameDuck + end.grace);
  const late = new Promise<null>((resolve) => {
    limit.addEventListener('abort', () => resolve(null), { once: true });
  });
  const signal = await Promise.race([second, drained, late]);
  server.close();
  await served;
  return signal === null ? 0 : 128 + constants.signals[signal];
}

/** What is still to be done when it does not listen any more. */
function tellWaiting({ connections: { size } }: Server): void {
  if (size === 0) return;
  const what = size === 1 ? 'a connection' : `${size} connections`;
  console.error(`netfd serve: waiting for ${what}; another signal closes at once`);
}
