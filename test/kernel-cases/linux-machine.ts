/**
 * The machine that the cases find on Linux: this process, in a network and a folder of the case's own. One
 * machine a case; `close` gives back all that it took, so that one process can replay many.
 */
import * as fs from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { BlockingThread } from './blocking-thread.ts';
import type { Call, Files, Machine, Thread } from './machine.ts';
import type { ProcessAddon } from './process.ts';

const { SIGPIPE, SIGIO } = constants.signals;

/** The settings of a network with which the cases were recorded; distributions have others. */
const SETTINGS: Readonly<Record<string, string>> = {
  'net.core.somaxconn': '4096',
  'net.ipv4.ip_local_port_range': '32768 60999',
  'net.ipv4.ip_unprivileged_port_start': '1024',
  'net.ipv4.tcp_fin_timeout': '60',
  'net.ipv4.tcp_rmem': '4096 131072 33554432',
  'net.ipv4.tcp_sack': '1',
  'net.ipv4.tcp_syn_retries': '6',
  'net.ipv4.tcp_timestamps': '1',
  'net.ipv4.tcp_tw_reuse': '2',
  'net.ipv4.tcp_window_scaling': '1',
  'net.ipv4.tcp_wmem': '4096 16384 4194304',
  'net.unix.max_dgram_qlen': '10',
};

export class LinuxMachine implements Machine {
  readonly pid: number = process.pid;
  readonly files: Files;
  readonly #addon: ProcessAddon;
  readonly #arm: string;
  readonly #before: ReadonlySet<number>;
  readonly #folder: string;
  readonly #returned = new Int32Array(new SharedArrayBuffer(4));
  readonly #threads: BlockingThread[] = [];
  readonly #descriptors: number;
  #alarmed = false;

  /** A machine whose threads make their calls as that arm does. */
  constructor(addon: ProcessAddon, arm: string) {
    this.#addon = addon;
    this.#arm = arm;
    this.#before = openDescriptors();
    this.#descriptors = addon.limitDescriptors(1024);
    this.leaveNetwork();
    this.ip('link set lo up');
    for (const [name, value] of Object.entries(SETTINGS)) this.sysctl(name, value);
    for (const signal of [SIGPIPE, SIGIO]) addon.countSignal(signal);
    this.#folder = fs.mkdtempSync(join(tmpdir(), 'netfd-case-'));
    fs.chmodSync(this.#folder, 0o755);
    process.chdir(this.#folder);
    prepareFolder();
    fillGaps();
    this.files = filesWith(addon);
  }

  /** False if a thread could not be ended: then this process cannot be used any more. */
  async close(): Promise<boolean> {
    this.silence();
    this.#addon.setUsers(0, 0, 0);
    this.#addon.limitDescriptors(this.#descriptors);
    const ended = await Promise.all(this.#threads.map((thread) => thread.end()));
    for (const fd of openDescriptors()) {
      if (!this.#before.has(fd)) fs.closeSync(fd);
    }
    process.chdir('/');
    fs.rmSync(this.#folder, { recursive: true });
    return !ended.includes(false);
  }

  sysctl(name: string, value?: string): string {
    const path = join('/proc/sys', name.replaceAll('.', '/'));
    if (value !== undefined) fs.writeFileSync(path, value);
    return fs.readFileSync(path, 'latin1').trim();
  }

  ip(command: string): void {
    const status = this.#addon.run(`ip ${command} </dev/null >/dev/null`);
    if (status !== 0) throw new Error(`ip ${command}: status ${status}`);
  }

  leaveNetwork(): void {
    succeed('unshare', this.#addon.unshareNetwork());
  }

  open(name: string): number | undefined {
    switch (name) {
      case 'devnull':
        return fs.openSync('/dev/null', 'r+');
      case 'opath':
        return fs.openSync('/', 0o10000000);
      case 'closed': {
        const fd = fs.openSync('/dev/null', 'r');
        fs.closeSync(fd);
        return fd + 100;
      }
      case 'file':
        fs.writeFileSync('file', '0123456789');
        return fs.openSync('file', 'r+');
      case 'dir':
        return fs.openSync('.', 'r');
      default:
        return undefined;
    }
  }

  limitDescriptors(count: number): void {
    succeed('setrlimit', this.#addon.limitDescriptors(count));
  }

  become(user: number): void {
    succeed('setresuid', this.#addon.setUsers(-1, user, -1));
  }

  renounce(user: number): void {
    // The saved user stays, for the way back; without the effective one it gives no privilege.
    succeed('setresuid', this.#addon.setUsers(user, user, -1));
  }

  async sleep(milliseconds: number): Promise<void> {
    await setTimeout(milliseconds);
  }

  now(): number {
    return performance.now();
  }

  get alarmed(): boolean {
    return this.#alarmed;
  }

  alarm(milliseconds: number, restart: boolean): void {
    succeed('timer_settime', this.#addon.alarmEvery(milliseconds, Number(restart)));
    this.#alarmed = true;
  }

  silence(): void {
    this.#addon.alarmEvery(0, 0);
    this.#alarmed = false;
  }

  signals(name: 'SIGPIPE' | 'SIGIO'): number {
    return this.#addon.signalCount(constants.signals[name]);
  }

  async thread(call: Call, args: readonly unknown[], delay = 0): Promise<Thread> {
    const task = { arm: this.#arm, call, args, delay };
    const thread = new BlockingThread(this.#addon, this.#returned, task);
    this.#threads.push(thread);
    await thread.blocked();
    return thread;
  }

  async settled(): Promise<void> {
    for (const thread of this.#threads) await thread.settled();
  }
}

function succeed(call: string, result: number): void {
  if (result < 0) throw new Error(`${call} failed: errno ${-result}`);
}

function openDescriptors(): Set<number> {
  const names = fs.readdirSync('/proc/self/fd');
  // The descriptor of the folder was listed too, and is closed again.
  const isOpen = (name: string): boolean => {
    return fs.lstatSync(`/proc/self/fd/${name}`, { throwIfNoEntry: false }) !== undefined;
  };
  return new Set(names.filter(isOpen).map(Number));
}

/** More descriptors than a case needs. */
const ENOUGH = 40;

/** The cases count on descriptors one after the other: the lowest ones that are free are in a row. */
function fillGaps(): void {
  const open = openDescriptors();
  const isRow = (first: number): boolean => {
    return !Array.from({ length: ENOUGH }, (_, i) => first + i).some((fd) => open.has(fd));
  };
  let fd = fs.openSync('/dev/null', 'r');
  while (!isRow(fd)) fd = fs.openSync('/dev/null', 'r');
  fs.closeSync(fd);
}

/** What the cases about names find there: a file, folders, one of them not theirs, and a link to itself. */
function prepareFolder(): void {
  fs.writeFileSync('plain', '');
  fs.mkdirSync('d');
  fs.mkdirSync('ro', 0o755);
  fs.symlinkSync('loop', 'loop');
}

function filesWith(addon: ProcessAddon): Files {
  const attempts = {
    lseek: (fd: number) => addon.seek(fd, 0, 0),
    open: (fd: number) => fs.openSync(`/proc/self/fd/${fd}`, 'r+'),
    ftruncate: (fd: number) => fs.ftruncateSync(fd, 0),
    pread: (fd: number) => fs.readSync(fd, new Uint8Array(1), 0, 1, 0),
    fsync: (fd: number) => fs.fsyncSync(fd),
  };
  return {
    read: (path) => fs.readFileSync(path, 'latin1'),
    mode: (path) => fs.lstatSync(path, { throwIfNoEntry: false })?.mode ?? null,
    unlink: fs.unlinkSync,
    rename: fs.renameSync,
    link: fs.linkSync,
    symlink: fs.symlinkSync,
    chmod: fs.chmodSync,
    stat: (fd) => fs.fstatSync(fd),
    readlink: (path) => fs.readlinkSync(path),
    attempt(what, fd) {
      try {
        return Number(attempts[what](fd) ?? 0);
      } catch (error) {
        return (error as { errno: number }).errno;
      }
    },
  };
}
