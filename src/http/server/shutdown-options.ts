/** How a server is shut down: the options of Server.shutdown, and their check. */
import { optionalDuration, optionalSignal, requireOptions } from '../../net/options.ts';
import { refuseUnknown } from '../option-names.ts';

/** How a shutdown goes. Times are in milliseconds. */
export interface ShutdownOptions {
  /** Ends the waiting. What is still there then stays; `close` ends it. */
  readonly signal?: AbortSignal | undefined;
  /** How long it goes on first, with replies that say `Connection: close`, in milliseconds [0]. */
  readonly lameDuck?: number | undefined;
}

const KNOWN: ReadonlySet<string> = new Set<keyof ShutdownOptions>(['signal', 'lameDuck']);

/** TypeError of `method` that names the option. */
export function checkShutdown(
  method: string,
  options: ShutdownOptions,
): { readonly signal: AbortSignal | undefined; readonly lameDuck: number } {
  requireOptions(method, options);
  refuseUnknown(method, options, KNOWN);
  const { signal, lameDuck = 0 } = options;
  optionalSignal(method, signal);
  checkLameDuck(method, lameDuck);
  return { signal, lameDuck };
}

/** TypeError of `method` for what is no time that can be waited. */
export function checkLameDuck(method: string, value: unknown): void {
  optionalDuration(method, 'lameDuck', value);
  if (value === undefined || ((value as number) >= 0 && Number.isFinite(value))) return;
  throw new TypeError(`${method}: option lameDuck must be a number of milliseconds, 0 or more`);
}
