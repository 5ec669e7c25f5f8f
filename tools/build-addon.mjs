/**
 * Builds the addon with the system's C compiler: one command, no libc linked, no install script.
 * The result is prebuilds/linux-ARCH/netfd.node.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const ARCHITECTURES = ['x64', 'arm64'];

/**
 * -z nodelete: a worker that is terminated makes the runtime unload the addon, and the event loop may
 * still have to call back into it (uv_close answers later); the code must not be unmapped by then.
 * -z lazy: some runtimes lack functions that are not called there.
 */
const FLAGS = [
  '-std=c17 -O2 -fPIC -shared -fvisibility=hidden -DNAPI_VERSION=8',
  '-Wall -Wextra -Werror -Wno-unused-command-line-argument',
  '-ffreestanding -fno-builtin -fno-stack-protector -fno-tree-loop-distribute-patterns',
  '-nostdlib -nostartfiles -Wl,-z,lazy -Wl,-z,nodelete -Wl,--build-id=none -s',
].flatMap((line) => line.split(' '));

function fail(message) {
  console.error(`netfd: ${message}`);
  process.exit(1);
}

export function findCompiler() {
  for (const compiler of [process.env.CC, 'cc', 'gcc', 'clang']) {
    if (compiler && spawnSync(compiler, ['--version']).status === 0) return compiler;
  }
  return fail(
    'no C compiler found (tried $CC, cc, gcc, clang). Install one, on Debian: apt-get install gcc libc6-dev',
  );
}

/** The folder and file of the addon for this machine. */
export function addonName() {
  return join(`linux-${process.arch}`, 'netfd.node');
}

/** The path of the addon for this machine. */
export function addonPath() {
  return join(ROOT, 'prebuilds', addonName());
}

/** Compiles the addon to `target` with these flags. */
export function compileAddon(compiler, flags, target) {
  const { include_dir: headers } = createRequire(import.meta.url)('node-api-headers');
  const native = join(ROOT, 'native');
  const sources = readdirSync(native)
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(native, name));
  mkdirSync(dirname(target), { recursive: true });
  const fresh = `${target}.${process.pid}`; // renamed at the end: a running process keeps the old file
  try {
    execFileSync(compiler, [...flags, '-I', headers, '-o', fresh, ...sources], {
      stdio: 'inherit',
    });
  } catch {
    fail('the addon did not compile; see above');
  }
  renameSync(fresh, target);
}

export function buildAddon() {
  if (process.platform !== 'linux') {
    fail(`the addon makes Linux system calls and cannot be built on ${process.platform}`);
  }
  if (!ARCHITECTURES.includes(process.arch)) {
    fail(`the addon knows x64 and arm64, not ${process.arch}`);
  }
  compileAddon(findCompiler(), FLAGS, addonPath());
}

if (realpathSync(process.argv[1] ?? '.') === fileURLToPath(import.meta.url)) {
  buildAddon();
  if (!existsSync(addonPath())) fail('the compiler wrote no addon');
}
