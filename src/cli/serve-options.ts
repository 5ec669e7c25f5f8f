/**
 * What `netfd serve` is asked for: its options as values, checked before anything is opened. UsageError
 * in one line that names the option.
 */
import { UsageError } from './arguments.ts';
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

/** What setTimeout can wait for. */
const MAX_SECONDS = 1_000_000;

/** As the library has it. */
const MAX_WORKERS = 1024;

export type LogFormat = 'common' | 'combined' | 'json';

const LOG_FORMATS: ReadonlySet<string> = new Set<LogFormat>(['common', 'combined', 'json']);

/** How it ends, in milliseconds. */
export interface End {
  readonly lameDuck: number;
  /** Even if there are no connections: others have to see that it ends. */
  readonly always: boolean;
  readonly grace: number;
}

export interface ServeOptions {
  readonly network: string;
  readonly addr: string;
  readonly end: End;
  /** A directory or a module; undefined for the demonstration. */
  readonly operand: string | undefined;
  /** Null for none: this thread serves. */
  readonly workers: number | 'auto' | null;
  /** Paths of files. Null for plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly log: LogFormat | null;
}

export function serveOptions(args: Arguments): ServeOptions {
  const { network, addr } = placeOf(args);
  const workers = workersOf(args.values.get('workers'));
  if (workers !== null && !/^tcp[46]?$/.test(network)) {
    throw usage(`--workers is for tcp, not for ${network}`);
  }
  return {
    network,
    addr,
    workers,
    operand: args.operands[0],
    tls: tlsOf(args),
    log: logOf(args.values.get('log')),
    end: {
      lameDuck: milliseconds(args, 'lame-duck', DEFAULT_LAME_DUCK),
      always: args.values.has('lame-duck'),
      grace: milliseconds(args, 'grace', DEFAULT_GRACE),
    },
  };
}

function usage(what: string): UsageError {
  return new UsageError(`netfd serve: ${what}`, 'netfd serve --help');
}

/** What looks like a path, or an abstract name, is a unix socket also if that is not said. */
function placeOf({ values }: Arguments): { network: string; addr: string } {
  const said = values.get('network');
  const addr = values.get('addr');
  if (said === undefined && addr !== undefined && /^(?:unix:|\.{0,2}\/|@)./.test(addr)) {
    return { network: 'unix', addr: addr.replace(/^unix:/, '') };
  }
  const network = said ?? 'tcp';
  if (addr !== undefined) return { network, addr };
  if (network.startsWith('unix')) throw usage(`--network ${network} needs --addr`);
  return { network, addr: network === 'tcp6' ? DEFAULT_ADDR_6 : DEFAULT_ADDR };
}

function workersOf(text: string | undefined): number | 'auto' | null {
  if (text === undefined) return null;
  if (text === 'auto') return text;
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MAX_WORKERS) return count;
  throw usage(`--workers must be a number from 1 to ${MAX_WORKERS}, or auto`);
}

function tlsOf({ values }: Arguments): ServeOptions['tls'] {
  const cert = values.get('tls-cert');
  const key = values.get('tls-key');
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) throw usage('--tls-cert and --tls-key go together');
  if (cert === '' || key === '') throw usage('--tls-cert and --tls-key are paths of files');
  return { cert, key };
}

function logOf(text: string | undefined): LogFormat | null {
  if (text === undefined) return null;
  if (LOG_FORMATS.has(text)) return text as LogFormat;
  throw usage('--log must be common, combined or json');
}

/** An option that is a number of seconds. */
function milliseconds(args: Arguments, option: string, byDefault: string): number {
  const text = args.values.get(option) ?? byDefault;
  const seconds = text.trim() === '' ? Number.NaN : Number(text);
  if (seconds >= 0 && seconds <= MAX_SECONDS) return seconds * 1000;
  throw usage(`--${option} must be a number of seconds`);
}
