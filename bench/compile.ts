/**
 * Builds the servers and load generators in C and Go when they are first needed, and again when a
 * source is newer. Binaries go to dist/bench/bin.
 */
import { execFile } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Tool } from './toolchain.ts';
import { root, sourceFolder } from './toolchain.ts';

const binFolder = join(root, 'dist', 'bench', 'bin');

async function modified(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.mtimeMs,
    () => 0,
  );
}

/** Compiles when a source is newer than the binary; gives the binary's path. */
async function built(
  name: string,
  sources: readonly string[],
  command: (output: string, source: string) => readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const output = join(binFolder, name);
  const files = sources.map((source) => join(sourceFolder, source));
  const newest = Math.max(...(await Promise.all(files.map(modified))));
  if ((await modified(output)) > newest) return output;
  await mkdir(binFolder, { recursive: true });
  const [program = '', ...args] = command(output, files[0] ?? '');
  await promisify(execFile)(program, args, { env: { ...process.env, ...env } });
  return output;
}

/** Builds bench/<source> with the C compiler. `headers` are watched for changes only. */
export function builtC(cc: Tool, source: string, headers: readonly string[]): Promise<string> {
  const name = source.replace('/', '-').replace(/\.c$/, '');
  const flags = ['-O2', '-std=gnu17', '-Wall', '-Wextra'];
  return built(name, [source, ...headers], (output, file) => [
    cc.path,
    ...flags,
    '-o',
    output,
    file,
  ]);
}

/** Builds bench/<source> with Go, without the network: there are no modules to fetch. */
export function builtGo(go: Tool, source: string): Promise<string> {
  const name = source.replace('/', '-').replace(/\.go$/, '');
  const env = { GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
  return built(name, [source], (output, file) => [go.path, 'build', '-o', output, file], env);
}
