/**
 * Builds the addon and the TypeScript, each when it is stale, and removes outputs whose source is gone.
 *
 *   node tools/build.mjs     builds what has changed; with --force everything
 *
 * What the TypeScript was built from is written down in dist/.sources. The compiler's own record
 * cannot serve for that: `tsc --noEmit` writes it as well.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
  realpathSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonPath, buildAddon } from './build-addon.mjs';
import { withLock } from './lock.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist');
const SOURCES = join(DIST, '.sources');
const BUILD_INFO = join(DIST, '.tsbuildinfo');

/** What a build depends on besides the sources. */
const SETTINGS = ['tsconfig.json', 'package.json', 'node_modules/.package-lock.json'];

/** All files below a folder, as paths from the root; none if it does not exist. */
function filesBelow(folder) {
  let entries;
  try {
    entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function folders() {
  return JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')).include;
}

function typescriptFiles() {
  return folders()
    .flatMap(filesBelow)
    .filter((path) => path.endsWith('.ts'));
}

function outputOf(source) {
  return join(DIST, source.replace(/\.ts$/, '.js'));
}

/** A text that changes when a source is added, removed or written. */
function sourcesNow() {
  const files = [...SETTINGS, ...typescriptFiles()];
  return files.map((path) => `${path} ${modified(join(ROOT, path))}\n`).join('');
}

function sourcesBuilt() {
  return existsSync(SOURCES) ? readFileSync(SOURCES, 'utf8') : '';
}

export function addonIsStale() {
  const built = modified(addonPath());
  return [...filesBelow('native'), 'tools/build-addon.mjs'].some(
    (path) => modified(join(ROOT, path)) > built,
  );
}

export function typescriptIsStale() {
  return sourcesNow() !== sourcesBuilt();
}

/** Runs `work` while no other process installs or builds here. */
export function alone(work) {
  return withLock(join(DIST, '.lock'), work);
}

function removeOrphans() {
  for (const path of folders().flatMap((folder) => filesBelow(`dist/${folder}`))) {
    const source = relative('dist', path).replace(/(\.js|\.d\.ts)(\.map)?$/, '.ts');
    if (!source.endsWith('.ts') || existsSync(join(ROOT, source))) continue;
    rmSync(join(ROOT, path));
    removeEmptyFolders(dirname(join(ROOT, path)));
  }
}

function removeEmptyFolders(folder) {
  if (readdirSync(folder).length > 0) return;
  rmdirSync(folder);
  removeEmptyFolders(dirname(folder));
}

function compile() {
  const sources = sourcesNow(); // what is written while the compiler runs is for the next time
  // An output that was deleted is written again only if the compiler does not remember it.
  if (!typescriptFiles().every((source) => existsSync(outputOf(source)))) {
    rmSync(BUILD_INFO, { force: true });
  }
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '--project', ROOT], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    console.error('netfd: the TypeScript did not compile; see above');
    process.exit(1);
  }
  removeOrphans();
  writeFileSync(SOURCES, sources);
}

/** Builds what is stale, or all. Ends the process with status 1 if that fails. */
export function build(force = false) {
  if (force) rmSync(BUILD_INFO, { force: true });
  if (force || addonIsStale()) buildAddon();
  if (force || typescriptIsStale()) compile();
}

if (realpathSync(process.argv[1] ?? '.') === fileURLToPath(import.meta.url)) {
  alone(() => build(process.argv.includes('--force')));
}
