/**
 * The addon under AddressSanitizer: built once more with it and with UndefinedBehaviorSanitizer, and the
 * tests that reach it run so. What the kernel writes is not seen by them (test/native/fuzz.test.ts has
 * guards for that), but whatever the C code itself reads and writes is.
 *
 *   node tools/test-asan.mjs               the tests of the addon
 *   node tools/test-asan.mjs --all         every test (slow)
 *   node tools/test-asan.mjs --only net/   as of tools/test.mjs
 *
 * The build stands in a temporary folder, with a copy of the compiled tests, so that nobody loads it by mistake.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonName, compileAddon, findCompiler } from './build-addon.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const COPY = mkdtempSync(join(tmpdir(), 'netfd-asan-'));
process.on('exit', () => rmSync(COPY, { recursive: true, force: true }));

const FLAGS = [
  '-std=c17 -O1 -g -fPIC -shared -fvisibility=hidden -DNAPI_VERSION=8 -fno-omit-frame-pointer',
  '-fsanitize=address,undefined -fno-sanitize-recover=undefined -Wl,-z,lazy -Wl,-z,nodelete',
].flatMap((line) => line.split(' '));

/** The tests whose every call goes through the addon. */
const TESTS = ['test/native/', 'src/syscall/', 'test/calls/', 'src/calls/'];

/** Where gcc has its libraries; they must be there before the program that loads the addon. */
function library(compiler, name) {
  const path = execFileSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
  return existsSync(path) ? path : null;
}

function skip(reason) {
  console.log(`skipped  ${reason}`);
  console.log('0 passed, 0 failed, 1 skipped');
  process.exit(0);
}

const compiler = findCompiler();
const preload = library(compiler, 'libasan.so');
if (preload === null) skip(`${compiler} has no libasan.so`);

// Some tests become another user, who has to find it.
chmodSync(COPY, 0o755);
cpSync(join(ROOT, 'dist'), join(COPY, 'dist'), { recursive: true });
const built = new Set(['dist', 'prebuilds', '.git']);
for (const name of readdirSync(ROOT)) {
  if (!built.has(name)) symlinkSync(join(ROOT, name), join(COPY, name));
}
compileAddon(compiler, FLAGS, join(COPY, 'prebuilds', addonName()));

const args = process.argv.slice(2);
const only = args.includes('--only')
  ? args
  : args.includes('--all')
    ? []
    : TESTS.flatMap((path) => ['--only', path]);
const { status } = spawnSync(
  process.execPath,
  ['--preserve-symlinks-main', '--preserve-symlinks', join(COPY, 'tools', 'test.mjs'), ...only],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      NETFD_SANITIZED: '1',
      LD_PRELOAD: preload,
      // Node's own leaks are none of our business, and its stack tricks are not understood.
      ASAN_OPTIONS: 'detect_leaks=0:detect_stack_use_after_return=0:abort_on_error=1',
      UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
    },
  },
);
process.exitCode = status ?? 1;
