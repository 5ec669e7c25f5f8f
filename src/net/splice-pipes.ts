/**
 * The pipes that splice(2) carries bytes through, a set of them for each System. A pipe is taken when there
 * is something to carry and given back as soon as it is empty, so connections that are silent have none; a
 * pipe with something left in it is never given back, only closed. See pipe(7), F_SETPIPE_SZ of fcntl(2).
 */
import type { Timer } from '../kernel/clock.ts';
import { perSystem } from '../kernel/per-system.ts';
import type { System } from '../kernel/system.ts';
import { F_SETPIPE_SZ, O_CLOEXEC, O_NONBLOCK } from '../syscall/fcntl.ts';

/** What fits into a pipe: as much as a program without privileges may have (fs.pipe-max-size). */
const PIPE_SIZE = 1024 * 1024;

/** How many empty pipes are kept, and for how many milliseconds after one was used last. */
export const MAX_IDLE_PIPES = 16;
export const PIPE_IDLE_TIME = 5000;

/** An empty pipe, non-blocking at both ends. */
export interface SplicePipe {
  readonly readEnd: number;
  readonly writeEnd: number;
}

export class SplicePipes {
  readonly #system: System;
  readonly #idle: SplicePipe[] = [];
  readonly #ends: Int32Array = new Int32Array(2);
  #usedAt = 0;
  #timer: Timer | null = null;

  constructor(system: System) {
    this.#system = system;
  }

  /** How many are kept. */
  get idle(): number {
    return this.#idle.length;
  }

  /** An empty pipe; null if none can be made, for want of descriptors. */
  take(): SplicePipe | null {
    const kept = this.#idle.pop();
    if (kept !== undefined) return kept;
    const { kernel } = this.#system;
    if (kernel.pipe2(this.#ends, O_NONBLOCK | O_CLOEXEC) < 0) return null;
    const [readEnd = -1, writeEnd = -1] = this.#ends;
    // A user who has many pipes may not make them larger: a small one works too.
    kernel.fcntl(readEnd, F_SETPIPE_SZ, PIPE_SIZE);
    return { readEnd, writeEnd };
  }

  /** Takes back a pipe that is empty again. */
  give(pipe: SplicePipe): void {
    if (this.#idle.length >= MAX_IDLE_PIPES) return this.close(pipe);
    this.#idle.push(pipe);
    const { clock } = this.#system;
    this.#usedAt = clock.monotonic();
    if (this.#timer === null) this.#closeIdleAt(this.#usedAt + PIPE_IDLE_TIME);
  }

  /** Closes a pipe that was taken; what is in it is gone. */
  close({ readEnd, writeEnd }: SplicePipe): void {
    const { kernel } = this.#system;
    kernel.close(readEnd);
    kernel.close(writeEnd);
  }

  /** One timer at a time: if it comes early, it sets itself again. */
  #closeIdleAt(when: number): void {
    const { clock } = this.#system;
    this.#timer = clock.at(when, () => {
      this.#timer = null;
      const due = this.#usedAt + PIPE_IDLE_TIME;
      if (due > clock.monotonic()) return this.#closeIdleAt(due);
      for (const pipe of this.#idle.splice(0)) this.close(pipe);
    });
  }
}

/** Those of a System: always the same ones. */
export const splicePipesOf: (system: System) => SplicePipes = perSystem(
  (system) => new SplicePipes(system),
);
