/**
 * The entry: `npm run bench -- http`. Measures servers against a C floor in interleaved rounds,
 * prints one table a workload and keeps the results. How to read them: bench/README.md.
 */
import { idleResultsOf, idleTableOf } from './idle-results.ts';
import { measureIdle } from './idle-run.ts';
import { drawFlame } from './flame.ts';
import { latencyResultsOf, latencyTableOf } from './latency-results.ts';
import { measureLatency } from './latency-run.ts';
import { loadOf } from './load-run.ts';
import type { Options, Workload, WorkloadName } from './options.ts';
import { DEFAULT_CONNECTIONS, optionsOf, settingsFor, usage, UsageError } from './options.ts';
import { writeReadme } from './readme.ts';
import type { Circumstances } from './results.ts';
import { circumstances, resultsFile, resultsOf, writeResults } from './results.ts';
import { measure } from './rounds.ts';
import type { Server } from './servers.ts';
import { makeFiles } from './served-files.ts';
import { serversOf } from './servers.ts';
import { tableOf } from './table.ts';
import type { Toolchain } from './toolchain.ts';
import { findToolchain } from './toolchain.ts';

function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}

function chosen(workload: Workload, tools: Toolchain, { only }: Options): Server[] {
  const all = serversOf(workload, tools);
  const unknown = only?.filter((id) => !all.some((server) => server.id === id)) ?? [];
  if (unknown.length > 0) {
    const ids = all.map(({ id }) => id).join(', ');
    throw new UsageError(`${workload} has no ${unknown.join(', ')}; it has ${ids}`);
  }
  return all.filter(({ id }) => id === 'floor' || only === null || only.includes(id));
}

/** Runs one workload; true if every server that is installed gave valid numbers. */
async function runWorkload(
  workload: WorkloadName,
  tools: Toolchain,
  options: Options,
): Promise<boolean> {
  const servers = chosen(workload, tools, options);
  makeFiles();
  const load = await loadOf(workload, tools);
  if (typeof load === 'string') {
    console.error(`${workload}: ${load}`);
    return false;
  }
  const measured = await measure({ workload, servers, load, tools, options, progress });
  progress('');
  const results = await resultsOf(workload, measured, options, tools);
  console.log(tableOf(results));
  return keep(workload, results, options.only === null, options);
}

async function runIdle(tools: Toolchain, options: Options): Promise<boolean> {
  const measured = await measureIdle(chosen('idle', tools, options), tools, options, progress);
  progress('');
  const { connections, only } = options;
  const results = idleResultsOf(measured, connections, await circumstances(tools));
  console.log(idleTableOf(results));
  return keep('idle', results, only === null && connections === DEFAULT_CONNECTIONS, options);
}

async function runLatency(tools: Toolchain, options: Options): Promise<boolean> {
  const servers = chosen('latency', tools, options);
  const measured = await measureLatency(servers, tools, options, progress);
  progress('');
  const results = latencyResultsOf(measured, await circumstances(tools));
  console.log(latencyTableOf(results));
  return keep('latency', results, options.only === null, options);
}

function runOne(workload: Workload, tools: Toolchain, options: Options): Promise<boolean> {
  if (workload === 'idle') return runIdle(tools, options);
  if (workload === 'latency') return runLatency(tools, options);
  return runWorkload(workload, tools, options);
}

/** Writes the results; true if every server that is installed gave valid numbers. */
async function keep(
  workload: Workload,
  results: Circumstances & { readonly servers: readonly { readonly status: string }[] },
  whole: boolean,
  options: Options,
): Promise<boolean> {
  const valid = results.servers.every(
    ({ status }) => status === 'ok' || status === 'not installed',
  );
  const file = options.json ?? (valid && whole ? resultsFile(workload) : null);
  if (file !== null) await writeResults(file, results);
  return valid;
}

async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  let valid = true;
  if (options.flame !== null) {
    await drawFlame(
      options.flame,
      await findToolchain(),
      settingsFor(options.workloads[0] ?? 'http', options),
    );
  } else if (options.workloads.length > 0) {
    const tools = await findToolchain();
    for (const workload of options.workloads) {
      valid = (await runOne(workload, tools, settingsFor(workload, options))) && valid;
    }
  }
  if (options.readme) await writeReadme();
  return valid ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const mistake = error instanceof UsageError;
  console.error(mistake ? `${error.message}\n\n${usage}` : error);
  process.exitCode = mistake ? 2 : 1;
}
