/** From a Kernel's number to an exception: the one place where the calls throw what the kernel said. */
import { SyscallError } from '../syscall/syscall-error.ts';

/** The arguments that matter, which become properties of the SyscallError. */
export type Details = Readonly<Record<string, unknown>>;

/** `result`, unless it is an error: then a SyscallError of the call, with these properties. */
export function checked(syscall: string, result: number, details: Details): number {
  if (result < 0) throw new SyscallError(syscall, result, details);
  return result;
}
