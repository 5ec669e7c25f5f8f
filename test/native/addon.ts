/**
 * The addon itself, below interface Kernel: untyped, since what it must do with wrong arguments is what
 * these tests are about.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { KeptCalls } from '../../src/kernel/linux/kept-buffers.ts';

export type Call = (...args: unknown[]) => number;

export interface Addon {
  readonly calls: Readonly<Record<string, Call>>;
  keptCalls(): KeptCalls;
  park(epfd: unknown, ready: unknown, threaded: unknown): object;
  parkRef(handle: unknown): void;
  parkUnref(handle: unknown): void;
  parkClose(handle: unknown): void;
  parkLedger(handle: unknown, ledger: unknown): void;
}

export const addonFile: string = fileURLToPath(
  new URL(`../../../prebuilds/linux-${process.arch}/netfd.node`, import.meta.url),
);

export const addon: Addon = createRequire(import.meta.url)(addonFile) as Addon;

/** The call of that name; throws if there is none. */
export function callOf(name: string): Call {
  const call = addon.calls[name];
  if (call === undefined) throw new Error(`the addon has no call ${name}`);
  return call;
}
