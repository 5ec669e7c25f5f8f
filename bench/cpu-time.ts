/**
 * The CPU time, user and system, that a process and its children have used.
 *
 * /proc/PID/task/TID/schedstat counts nanoseconds, but a thread takes its count along when it
 * ends. /proc/PID/stat keeps the time of ended threads, in ticks of 10 ms. So both are read:
 * nanoseconds are used unless they fall short of the ticks by more than the ticks can be wrong.
 * See proc(5).
 *
 * Also what the rest of the machine did meanwhile, since nothing here is measured in a quiet
 * room.
 */
import { readFileSync, readdirSync } from 'node:fs';

const TICK_SECONDS = 0.01; // USER_HZ is 100 on every architecture Node runs on
/** Two readings of utime and stime, each cut down to a tick. */
const TICKS_UNSURE = 4;

export interface CpuSnapshot {
  /** Nanoseconds a thread, by "pid/tid"; empty where the kernel has no schedstat. */
  readonly threads: ReadonlyMap<string, number>;
  /** Ticks a process, by pid. */
  readonly processes: ReadonlyMap<number, number>;
}

export interface CpuUse {
  readonly seconds: number;
  readonly source: 'schedstat' | 'stat';
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it has ended between the listing and the reading
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** The fields of /proc/PID/stat behind the command name, from state (field 3) on. */
function statFields(pid: number): string[] {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function withDescendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of list('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(Number(name))[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const all = [pid];
  for (let i = 0; i < all.length; i++) all.push(...(children.get(all[i] ?? 0) ?? []));
  return all;
}

/** Reads the counters now. */
export function cpuSnapshot(pid: number): CpuSnapshot {
  const threads = new Map<string, number>();
  const processes = new Map<number, number>();
  for (const process of withDescendants(pid)) {
    const fields = statFields(process);
    processes.set(process, Number(fields[11]) + Number(fields[12])); // utime, stime
    for (const tid of list(`/proc/${process}/task`)) {
      const nanoseconds = /^\d+/.exec(read(`/proc/${process}/task/${tid}/schedstat`))?.[0];
      if (nanoseconds !== undefined) threads.set(`${process}/${tid}`, Number(nanoseconds));
    }
  }
  return { threads, processes };
}

function grown<K>(before: ReadonlyMap<K, number>, after: ReadonlyMap<K, number>): number {
  let sum = 0;
  for (const [key, value] of after) sum += value - (before.get(key) ?? 0);
  return sum;
}

/** What was used between two snapshots. */
export function cpuBetween(before: CpuSnapshot, after: CpuSnapshot): CpuUse {
  const exact = grown(before.threads, after.threads) / 1e9;
  const coarse = grown(before.processes, after.processes) * TICK_SECONDS;
  const lost = exact < coarse - TICKS_UNSURE * TICK_SECONDS;
  return lost ? { seconds: coarse, source: 'stat' } : { seconds: exact, source: 'schedstat' };
}

/** Seconds of CPU since boot: all CPUs; this process with its ended children; stolen. */
export interface MachineSnapshot {
  readonly all: number;
  readonly own: number;
  readonly stolen: number;
}

/** Reads the machine's counters now. */
export function machineSnapshot(): MachineSnapshot {
  const line = read('/proc/stat').split('\n', 1)[0] ?? '';
  // cpu, an empty field, then: user nice system idle iowait irq softirq steal
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] = line
    .split(' ')
    .slice(2)
    .map(Number);
  const own = statFields(process.pid).slice(11, 15); // utime, stime, cutime, cstime
  return {
    all: (user + nice + system + irq + softirq) * TICK_SECONDS,
    own: own.reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_SECONDS,
    stolen: stolen * TICK_SECONDS,
  };
}

/** What others used between two snapshots: neither the server nor this process and its load. */
export function othersBetween(
  before: MachineSnapshot,
  after: MachineSnapshot,
  server: CpuUse,
): { readonly others: number; readonly stolen: number } {
  const mine = after.own - before.own + server.seconds;
  return {
    others: Math.max(0, after.all - before.all - mine),
    stolen: after.stolen - before.stolen,
  };
}
