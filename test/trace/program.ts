/** A golden program: calls on a kernel, all of them synchronous, so that strace sees nothing in between. */
import type { Kernel } from '../../src/kernel/kernel.ts';
import { Calls } from '../../src/calls/calls.ts';

export interface Subject {
  readonly kernel: Kernel;
  /** The calls for people, on the same kernel; see `refused` for those that fail. */
  readonly calls: Calls;
}

export type Program = (subject: Subject) => void;

/** For calls that are there to fail. */
export function refused(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
  }
}

export function subjectOf(kernel: Kernel): Subject {
  return { kernel, calls: new Calls(kernel) };
}
