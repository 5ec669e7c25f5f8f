/** The functions of process.c, and how they are compiled: by the test, once, into a folder of its own. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface ProcessAddon {
  /** Where it was loaded from, for other threads. */
  readonly path: string;
  unshareNetwork(): number;
  setUsers(real: number, effective: number, saved: number): number;
  limitDescriptors(count: number): number;
  countSignal(signal: number): number;
  signalCount(signal: number): number;
  alarmEvery(milliseconds: number, restart: number): number;
  interruptThread(thread: number): number;
  threadId(): number;
  seek(fd: number, offset: number, whence: number): number;
  run(command: string): number;
}

const load: NodeJS.Require = createRequire(import.meta.url);

/** Compiles process.c, which stands in the repository below `root`; gives the path of the addon. */
export function compileProcessAddon(root: string, folder: string): string {
  const { include_dir: headers } = load('node-api-headers') as { include_dir: string };
  const addon = join(folder, 'process.node');
  const source = join(root, 'test', 'kernel-cases', 'process.c');
  const options = ['-std=gnu17', '-O1', '-fPIC', '-shared', '-Wall', '-Wextra', '-Werror'];
  execFileSync('cc', [...options, '-DNAPI_VERSION=8', '-I', headers, '-o', addon, source], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return addon;
}

export function loadProcessAddon(path: string): ProcessAddon {
  return { ...(load(path) as ProcessAddon), path };
}
