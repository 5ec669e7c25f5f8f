/**
 * Where the CPU time of a request goes: netfd under the load of a workload, looked at by perf a
 * thousand times a second. Draws a flame graph, and prints the shares of kernel, JavaScript, addon and
 * engine.
 *
 * V8 tells perf the names of what it has compiled (--perf-basic-prof), in a file in /tmp, which is
 * removed afterwards.
 */
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkServer } from './check.ts';
import { cpuBetween, cpuSnapshot } from './cpu-time.ts';
import { flameGraph } from './flame-graph.ts';
import { loadOf } from './load-run.ts';
import { UsageError, type Options } from './options.ts';
import { sharesOf, stacksIn } from './profile.ts';
import { makeFiles } from './served-files.ts';
import { freePort, startServer } from './server-process.ts';
import { serversOf } from './servers.ts';
import { aligned } from './table.ts';
import { pinned, root, type Toolchain, which } from './toolchain.ts';

const run = promisify(execFile);

/** Samples a second; no divisor of what timers do. */
const FREQUENCY = 997;
const MAX_OUTPUT = 1024 ** 3;

const NAMED = ['--perf-basic-prof', '--interpreted-frames-native-stack'];

/** Profiles the server with `pid` while `load` lasts; what perf script says. */
async function profile(perf: string, pid: number, seconds: number, load: () => Promise<unknown>) {
  const folder = join(root, 'dist', 'bench', 'flame');
  await mkdir(folder, { recursive: true });
  const data = join(folder, 'perf.data');
  const record = ['record', '-q', '-F', String(FREQUENCY), '-g', '-e', 'cpu-clock'];
  const target = ['-p', String(pid), '-o', data, '--', 'sleep', String(seconds)];
  await Promise.all([run(perf, [...record, ...target]), load()]);
  const { stdout } = await run(perf, ['script', '-i', data, '-F', 'comm,ip,sym,dso'], {
    maxBuffer: MAX_OUTPUT,
  });
  await rm(data);
  return stdout;
}

/** Writes the drawing to `file`, and prints what the shares are. UsageError without perf or wrk. */
export async function drawFlame(file: string, tools: Toolchain, options: Options): Promise<void> {
  const perf = which('perf');
  const [workload = 'http'] = options.workloads;
  const server = serversOf(workload, tools).find(({ id }) => id === 'netfd');
  if (workload === 'idle' || workload === 'latency' || typeof server?.command !== 'function') {
    throw new UsageError(`--flame: there is nothing to draw of ${workload}`);
  }
  makeFiles();
  const load = await loadOf(workload, tools);
  if (perf === null) throw new UsageError('--flame needs perf (Debian: linux-perf)');
  if (typeof load === 'string') throw new UsageError(`--flame: ${load}`);
  const { duration, warmup } = options;
  const port = await freePort();
  const [node = '', ...script] = await server.command(port);
  const command = [node, ...NAMED, ...script];
  const running = await startServer(pinned(tools, 'server', command), port, {});
  const { pid } = running;
  try {
    await checkServer(workload, port);
    await load(port, Math.max(warmup, 1));
    let ops = 0;
    let micros = 0;
    const text = await profile(perf, pid, duration, async () => {
      const before = cpuSnapshot(pid);
      ({ ops } = await load(port, duration));
      micros = (cpuBetween(before, cpuSnapshot(pid)).seconds / ops) * 1e6;
    });
    const stacks = stacksIn(text);
    const title = `${workload}, ${server.label}`;
    await writeFile(file, flameGraph(stacks, title));
    const shares = sharesOf(stacks).map(({ place, share }) => [
      place,
      `${(share * 100).toFixed(1)} %`,
      (share * micros).toFixed(2),
    ]);
    console.log(`${title}, ${micros.toFixed(2)} µs of CPU time each\n`);
    console.log(`${aligned([['place', 'share', 'µs'], ...shares]).join('\n')}\n`);
  } finally {
    await running.stop();
    await rm(`/tmp/perf-${pid}.map`, { force: true });
  }
}
