/**
 * Before the package is packed: everything that `files` and `exports` of package.json promise is there, and
 * what is packed is whole. Each map leads to sources that are in the package too, so that debuggers and
 * editors find them, and no test is in it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonPath } from './build-addon.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Bytes of the packed package. What goes beyond should be looked at before users download it. */
const MAX_PACKED = 2_000_000;

const MAP_COMMENT = /\n\/\/# sourceMappingURL=(\S+)\s*$/;

/** What package.json promises and is not there. */
function missingFiles() {
  const { exports, bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const promised = Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  return [...promised, ...Object.values(bin), addonPath()].filter(
    (path) => !existsSync(path.startsWith('/') ? path : join(ROOT, path)),
  );
}

/**
 * What is wrong with a package of the files `paths`, as lines; `read` gives the text of one. Paths go down
 * from its root, with slashes.
 */
export function packageFaults(paths, read) {
  const inside = new Set(paths);
  const faults = [];
  const need = (from, to) => {
    const path = posix.join(posix.dirname(from), to);
    if (!inside.has(path)) faults.push(`${from}: leads to ${path}, which is not packed`);
  };
  for (const path of paths) {
    if (/\.test\./.test(path)) faults.push(`${path}: a test`);
    if (/\.(js|d\.ts)$/.test(path)) {
      const map = MAP_COMMENT.exec(read(path))?.[1];
      if (map === undefined) faults.push(`${path}: has no map`);
      else need(path, map);
    }
    if (!path.endsWith('.map')) continue;
    const { sources = [], sourceRoot = '' } = JSON.parse(read(path));
    if (sources.length === 0) faults.push(`${path}: names no source`);
    for (const source of sources) need(path, posix.join(sourceRoot, source));
  }
  return faults;
}

/** What would be packed, as npm says it. */
export function packed() {
  const argv = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { status, stdout, stderr } = spawnSync('npm', argv, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`npm ${argv.join(' ')}: ${stderr}`);
  const [{ files, size }] = JSON.parse(stdout);
  return { paths: files.map(({ path }) => path), size };
}

/** What is wrong with the package as it would be packed now. */
export function currentFaults() {
  const { paths, size } = packed();
  const faults = packageFaults(paths, (path) => readFileSync(join(ROOT, path), 'utf8'));
  if (size > MAX_PACKED) faults.push(`${size} bytes packed: more than ${MAX_PACKED}`);
  return faults;
}

function check() {
  const missing = missingFiles();
  if (missing.length > 0) return `netfd: not built, so not to be packed: ${missing.join(', ')}`;
  const faults = currentFaults();
  return faults.length === 0 ? null : `netfd: not to be packed:\n${faults.join('\n')}`;
}

if (realpathSync(process.argv[1] ?? '.') === fileURLToPath(import.meta.url)) {
  const fault = check();
  if (fault !== null) {
    console.error(fault);
    process.exit(1);
  }
}
