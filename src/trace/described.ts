/** What the sinks that write no lines tell of a call, each in its own shape. */
import { errnoName } from '../syscall/errno.ts';
import type { Call } from './call.ts';
import type { Style } from './style.ts';
import { callText, resultText } from './text.ts';

export interface Described {
  /** "3, NULL, NULL, 0": the arguments as strace prints them. */
  readonly args: string;
  /** "5", "-1 EAGAIN (Resource temporarily unavailable)", as strace prints it. */
  readonly outcome: string;
  /** "EAGAIN"; undefined: no error. */
  readonly error: string | undefined;
  /** The descriptor that it was called with, or else the one that it made; undefined: none. */
  readonly fd: number | undefined;
}

/** Calls that give a descriptor and are given none. */
const MAKING: ReadonlySet<string> = new Set([
  'socket',
  'eventfd2',
  'epoll_create',
  'epoll_create1',
  'openat',
  'openat2',
]);

/** Calls whose first argument is a number and no descriptor. */
const COUNTING: ReadonlySet<string> = new Set(['socketpair', 'select', 'pselect6']);

function descriptorOf({ name, args, result }: Call): number | undefined {
  if (MAKING.has(name)) return result < 0 ? undefined : result;
  if (COUNTING.has(name)) return undefined;
  // A directory is one too, but for AT_FDCWD, which has no number of its own.
  return typeof args[0] === 'number' && args[0] >= 0 ? args[0] : undefined;
}

export function described(call: Call, style: Style): Described {
  const { name, result } = call;
  return {
    args: callText(call, style).slice(name.length + 1, -1),
    outcome: resultText(call, style),
    error: result < 0 ? errnoName(-result) : undefined,
    fd: descriptorOf(call),
  };
}
