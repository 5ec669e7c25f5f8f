/** The ways in which the cases' calls are made on Linux. */
import { linux } from '../../src/kernel/linux.ts';
import * as syscall from '../../src/syscall.ts';
import { KernelSubject } from './kernel-subject.ts';
import type { Subject } from './subject.ts';
import { SyscallSubject } from './syscall-subject.ts';

const arms: Readonly<Record<string, () => Subject>> = {
  kernel: () => new KernelSubject(linux.kernel),
  syscall: () => new SyscallSubject(syscall, new KernelSubject(linux.kernel)),
};

/** Their names: "kernel" is interface Kernel, "syscall" netfd/syscall. */
export const armNames: readonly string[] = Object.keys(arms);

export function subjectOf(arm: string): Subject {
  const make = arms[arm];
  if (make === undefined) throw new Error(`there is no arm ${arm}, only ${armNames.join(', ')}`);
  return make();
}
