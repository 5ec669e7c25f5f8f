/**
 * Makes a fresh clone ready: installs the development dependencies when package-lock.json is newer than
 * they are, and builds when a source has changed. Silent and quick when there is nothing to do; safe
 * to run several times at once.
 */
import { spawnSync } from 'node:child_process';
import { statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonIsStale, alone, build, typescriptIsStale } from './build.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const LOCK_FILE = join(ROOT, 'package-lock.json');
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');
const OLDEST_NODE = [20, 19];
const MOST_ERROR_LINES = 20;

function fail(message) {
  console.error(`netfd: ${message}`);
  process.exit(1);
}

function checkMachine() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = OLDEST_NODE;
  if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
    fail(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}`);
  }
  if (process.platform !== 'linux') {
    fail(`netfd makes Linux system calls; this is ${process.platform}`);
  }
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function installIsStale() {
  return modified(INSTALLED) < modified(LOCK_FILE);
}

/**
 * The versions of package-lock.json, which stays as it is. Not by `npm ci`: that refuses a lock file
 * without the optional packages of other systems, and this one has only those of Linux.
 */
function install() {
  console.error('netfd: installing the development dependencies');
  const flags = ['--no-save', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'];
  const { status, error, stderr } = spawnSync('npm', ['install', ...flags, '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (error) fail(`npm could not be started: ${error.message}`);
  if (status !== 0) {
    console.error(stderr.split('\n').slice(0, MOST_ERROR_LINES).join('\n'));
    fail(`npm install failed with status ${status}; see above`);
  }
  utimesSync(INSTALLED, new Date(), new Date());
}

function buildIsStale() {
  return addonIsStale() || typescriptIsStale();
}

checkMachine();
if (installIsStale() || buildIsStale()) {
  alone(() => {
    // Asked again: whoever held the lock before has perhaps done it all.
    if (installIsStale()) install();
    if (!buildIsStale()) return;
    console.error('netfd: building');
    build();
  });
}
