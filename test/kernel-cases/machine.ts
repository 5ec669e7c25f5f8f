/**
 * What a case needs of the machine besides the calls: files, other users, limits, signals, threads, the
 * commands of ip(8). LinuxMachine is the real one; a simulated kernel has one of its own.
 */
import type { Subject } from './subject.ts';

/** A call that another thread makes. It was blocked in it when it was handed over. */
export interface Thread {
  /** The place in the order in which the case's threads have returned, from 1; 0: not yet. */
  readonly place: number;
  /** What the call returned. */
  readonly result: number;
  /** The bytes that it read, if it reads. */
  readonly data: Uint8Array;
}

/** The calls of a {@link Subject} that a thread can make: their arguments are numbers and bytes. */
export type Call = Exclude<keyof Subject, 'bypassed'>;

export interface Machine {
  readonly pid: number;
  /** A setting of the kernel, "net.ipv4.ip_local_port_range": sets it, if there is a value, and gives it. */
  sysctl(name: string, value?: string): string;
  /** ip(8), on the case's own network. Throws if it fails. */
  ip(command: string): void;
  /** The calls from now on are made in another network, with nothing but a loopback that is down. */
  leaveNetwork(): void;

  /** A descriptor that the cases take for granted: "devnull", "opath", "closed", "file", "dir", "pipe". */
  open(name: string): number | undefined;
  /** RLIMIT_NOFILE. */
  limitDescriptors(count: number): void;
  /** The effective user, as of seteuid(2); 0 is root again. */
  become(user: number): void;
  /** Real and effective user. */
  renounce(user: number): void;

  sleep(milliseconds: number): Promise<void>;
  /** Milliseconds since some point in time, with fractions. */
  now(): number;
  /** Whether SIGALRM is on its way, so that a call that waits need not wait for long. */
  readonly alarmed: boolean;
  /** SIGALRM after that time; `restart`: with SA_RESTART. */
  alarm(milliseconds: number, restart: boolean): void;
  /** No more SIGALRM. */
  silence(): void;
  /** How often that signal came, since the case began. */
  signals(name: 'SIGPIPE' | 'SIGIO'): number;

  /** Resolves when the thread is blocked in the call; with `delay`, before it begins to wait so long. */
  thread(call: Call, args: readonly unknown[], delay?: number): Promise<Thread>;
  /** Resolves when every thread has returned or is still blocked in its call. */
  settled(): Promise<void>;

  readonly files: Files;
}

/** The folder of the case, which is the current one, and what other calls say of a descriptor. */
export interface Files {
  read(path: string): string;
  /** st_mode; null if there is no such file. */
  mode(path: string): number | null;
  unlink(path: string): void;
  rename(from: string, to: string): void;
  link(from: string, to: string): void;
  symlink(target: string, path: string): void;
  chmod(path: string, mode: number): void;
  stat(fd: number): { mode: number; nlink: number; size: number; uid: number; ino: number };
  readlink(path: string): string;
  /** What lseek, open, … of that descriptor returns; -errno if it fails. */
  attempt(what: 'lseek' | 'open' | 'ftruncate' | 'pread' | 'fsync', fd: number): number;
}
