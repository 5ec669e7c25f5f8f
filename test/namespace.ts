/**
 * Namespaces of their own for the programs of tests: root makes them as they are, others with a
 * user's.
 */
import { spawnSync } from 'node:child_process';

/** Whether the command ends in success. */
export function works(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/**
 * The first of these options of unshare with which a program can be run; null if there is none.
 */
export function unshared(
  options: readonly string[],
  ...program: string[]
): [string, ...string[]] | null {
  const option = options.find((each) => works('unshare', each, '--', ...program));
  return option === undefined ? null : ['unshare', option, '--'];
}
