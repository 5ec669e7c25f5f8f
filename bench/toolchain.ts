/**
 * What this machine has to build and run the servers with: compilers, runtimes, wrk, and two CPUs
 * to keep server and load apart. A tool that is missing is null here and a "not installed" row
 * later. Also where things lie: sources in bench/ of the package, compiled servers in the folder
 * of this file.
 */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program and what it says of its version. */
export interface Tool {
  readonly path: string;
  readonly version: string;
}

export interface Toolchain {
  readonly node: Tool;
  readonly newestNode: Tool | null;
  readonly bun: Tool | null;
  readonly deno: Tool | null;
  readonly go: Tool | null;
  readonly nginx: Tool | null;
  readonly cc: Tool | null;
  readonly wrk: Tool | null;
  /** Where server and load run, or null if they cannot be pinned. */
  readonly cpus: {
    readonly taskset: string;
    readonly server: number;
    readonly load: number;
  } | null;
}

function packageRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const { name } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string };
      if (name === 'netfd') return folder;
    }
    if (folder === dirname(folder)) throw new Error(`${from} is not inside the package netfd`);
  }
}

/** The folder of this file's compiled form, where the compiled servers lie too. */
export const compiledFolder: string = dirname(fileURLToPath(import.meta.url));
export const root: string = packageRoot(compiledFolder);
export const sourceFolder: string = join(root, 'bench');

/** Where a program is, or null. */
export function which(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/usr/local/go/bin');
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return null;
}

/** Asks a program for its version: the first thing like 1.2 in what it prints. */
async function toolAt(path: string | null | undefined, flag: string): Promise<Tool | null> {
  if (path === null || path === undefined) return null;
  const output = await run(path, [flag]).catch((error: unknown) => error);
  const { stdout = '', stderr = '' } = output as { stdout?: string; stderr?: string };
  // cc's first line may name its packager in brackets; the version itself ends the line.
  const line = `${stdout}\n${stderr}`.trim().replace(/\([^)]*\)/g, '');
  const version = /\d+\.\d+[\w.]*/.exec(line)?.[0];
  return version === undefined ? null : { path, version };
}

function pinning(): Toolchain['cpus'] {
  const taskset = which('taskset');
  const status = readFileSync('/proc/self/status', 'utf8');
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '0';
  const cpus = list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  const [server, load] = cpus;
  if (taskset === null || server === undefined || load === undefined) return null;
  return { taskset, server, load };
}

interface RuntimePaths {
  readonly node?: string;
  readonly bun?: string;
  readonly deno?: string;
}

/** Looks for everything; installs the other runtimes if they are not there yet. */
export async function findToolchain(): Promise<Toolchain> {
  const file = join(root, 'tools', 'install-runtimes.mjs');
  const installer = (await import(pathToFileURL(file).href)) as {
    runtimes(): Promise<RuntimePaths>;
  };
  const runtimes = await installer.runtimes();
  return {
    node: { path: process.execPath, version: process.versions.node },
    newestNode: await toolAt(runtimes.node, '--version'),
    bun: await toolAt(runtimes.bun, '--version'),
    deno: await toolAt(runtimes.deno, '--version'),
    go: await toolAt(which('go'), 'version'),
    nginx: await toolAt(which('nginx'), '-v'),
    cc: await toolAt(which('cc'), '--version'),
    wrk: await toolAt(which('wrk'), '-v'),
    cpus: pinning(),
  };
}

/** The command line that runs a program on one of the two CPUs. */
export function pinned(
  toolchain: Toolchain,
  role: 'server' | 'load',
  command: readonly string[],
): readonly string[] {
  const { cpus } = toolchain;
  return cpus === null ? command : [cpus.taskset, '-c', String(cpus[role]), ...command];
}
