/**
 * Where a trace comes in, without a change to the program: what `linux` is made of passes through {@link observed}.
 *
 *   globalThis[Symbol.for('netfd.system')]   a function System -> System, put there before netfd is loaded
 *                                            (node --import, as "netfd trace" does)
 *   NETFD_TRACE                              without such a function: calls are recorded at once, and the trace is
 *                                            loaded meanwhile, shows what was recorded and goes on from there
 *
 * Without either the system is what it was, the same functions. A process that a traced one has started is not
 * traced (NETFD_TRACE_OF holds the first one's pid), as with strace without -f.
 */
import type { System } from '../system.ts';
import { Recorder } from '../recorder.ts';

const HOOK: unique symbol = Symbol.for('netfd.system') as never;

type Globals = { readonly [HOOK]?: unknown };

/** Undefined if it is not set, or the program may not know: Deno without --allow-env. */
function variable(name: string): string | undefined {
  try {
    return process.env[name];
  } catch {
    return undefined;
  }
}

function isWanted(): boolean {
  const value = variable('NETFD_TRACE');
  if (value === undefined || value === '' || value === '0') return false;
  const of = variable('NETFD_TRACE_OF');
  return of === undefined || of === '' || of === String(process.pid);
}

/** The program has ended before the trace was there. */
function tellLost(calls: number): void {
  if (calls === 0) return;
  process.stderr.write(
    `netfd: NETFD_TRACE: the program ended before its ${calls} calls could be shown ` +
      '("netfd trace" shows them)\n',
  );
}

function recorded(system: System): System {
  const recorder = new Recorder(system.kernel);
  const lost = (): void => tellLost(recorder.made);
  process.on('exit', lost);
  import('../../node/trace-register.ts')
    .then(({ goOn }) => recorder.goOn(goOn))
    .catch((error: unknown) => {
      recorder.stop();
      process.stderr.write(`netfd: NETFD_TRACE: the trace could not be loaded: ${String(error)}\n`);
    })
    .finally(() => process.off('exit', lost));
  return { ...system, kernel: recorder.kernel };
}

/** `system`, with a trace around its kernel if there is to be one. */
export function observed(system: System): System {
  const hook = (globalThis as Globals)[HOOK];
  if (typeof hook === 'function') return (hook as (system: System) => System)(system);
  return isWanted() ? recorded(system) : system;
}
