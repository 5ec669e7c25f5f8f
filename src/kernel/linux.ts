/**
 * Linux as a System: the addon's functions are the Kernel, so a call costs what it costs. The only file
 * that loads native code.
 *
 * The addon stands in the package, built beforehand; there is no install script. How an epoll
 * descriptor joins the event loop differs by runtime and is decided here: uv_poll on Node, a thread on
 * Bun and Deno (see native/park.h).
 */
import { createRequire } from 'node:module';
import type { Clock, Timer } from './clock.ts';
import type { Kernel } from './kernel.ts';
import { keptAccept, type KeptCalls, keptTransfers } from './linux/kept-buffers.ts';
import { names } from './linux/name-service.ts';
import { observed } from './linux/observed.ts';
import type { Parking, System } from './system.ts';

interface Addon {
  readonly calls: Kernel;
  blockSigpipe(): number;
  keptCalls(): KeptCalls;
  park(epfd: number, ready: () => boolean, threaded: boolean): object;
  parkRef(handle: object): void;
  parkUnref(handle: object): void;
  parkClose(handle: object): void;
  parkLedger(handle: object, ledger: Uint32Array): void;
}

function loadAddon(): Addon {
  const { platform, arch } = process;
  if (platform !== 'linux') {
    throw new Error(`netfd makes Linux system calls; this is ${platform}`);
  }
  const load = createRequire(import.meta.url);
  try {
    // Written out, so that bundlers see which files belong to the program.
    if (arch === 'x64') return load('../../../prebuilds/linux-x64/netfd.node') as Addon;
    if (arch === 'arm64') return load('../../../prebuilds/linux-arm64/netfd.node') as Addon;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
    throw new Error(
      `netfd: the addon for linux-${arch} could not be loaded (${why}); ` +
        'in a clone of the repository "npm run build" makes it',
      { cause },
    );
  }
  throw new Error(`netfd has no addon for linux-${arch}, only for x64 and arm64`);
}

const addon: Addon = loadAddon();

const threaded: boolean = process.versions['bun'] !== undefined || 'deno' in process.versions;

// Node gives its children no blocked signals; Deno would, and Bun is not known not to.
if (!threaded) addon.blockSigpipe();

/** On Node alone is it known that a typed array has its memory in one place. */
function makeKernel({ calls }: Addon): Kernel {
  if (threaded) return calls;
  const kept = addon.keptCalls();
  return { ...calls, ...keptTransfers(kept, calls), accept4: keptAccept(kept, calls) };
}

/** Descriptors that a ledger has room for; more than nearly every limit. */
const NOTED_DESCRIPTORS = 2 ** 20;

function ledgerOf(handle: object): Uint32Array {
  const ledger = new Uint32Array(NOTED_DESCRIPTORS / 32);
  addon.parkLedger(handle, ledger);
  return ledger;
}

function park(epfd: number, ready: () => boolean): Parking {
  const handle = addon.park(epfd, ready, threaded);
  return {
    // On Node alone, as above: the addon reads it when there is no JavaScript any more.
    ...(threaded ? {} : { ledger: ledgerOf(handle) }),
    ref: () => addon.parkRef(handle),
    unref: () => addon.parkUnref(handle),
    close: () => addon.parkClose(handle),
  };
}

/** The longest time that setTimeout takes; longer ones are reached in several. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

class LinuxTimer implements Timer {
  readonly #when: number;
  readonly #callback: () => void;
  readonly #ref: boolean;
  #timeout: NodeJS.Timeout;

  constructor(when: number, callback: () => void, ref: boolean) {
    this.#when = when;
    this.#callback = callback;
    this.#ref = ref;
    this.#timeout = this.#start();
  }

  #start(): NodeJS.Timeout {
    const left = Math.ceil(this.#when - performance.now());
    const timeout = setTimeout(() => this.#fire(), Math.min(Math.max(left, 0), LONGEST_TIMEOUT));
    if (!this.#ref) timeout.unref();
    return timeout;
  }

  #fire(): void {
    // A timeout may come a little early, or be one of several.
    if (performance.now() < this.#when) this.#timeout = this.#start();
    else this.#callback();
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }
}

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  at: (when, callback, ref = false) => new LinuxTimer(when, callback, ref),
};

/** The machine that this process runs on. */
export const linux: System = observed({
  name: 'linux',
  kernel: makeKernel(addon),
  clock,
  park,
  names,
  warn: (message) => process.emitWarning(message, 'NetfdWarning'),
});
