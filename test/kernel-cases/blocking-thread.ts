/**
 * A thread of this process that makes one call of a Subject. What it has to tell goes through shared
 * memory, so that it is known at once.
 *
 * Whether it is blocked is what the kernel says of it: it sleeps, in the call. A thread that is about to be
 * woken does not sleep any more, so a thread that still sleeps was not woken. Source: proc(5).
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Call, Thread } from './machine.ts';
import type { ProcessAddon } from './process.ts';

/** What the thread is to do. */
export interface Task {
  readonly arm: string;
  readonly call: Call;
  readonly args: readonly unknown[];
  /** Milliseconds to wait before. */
  readonly delay: number;
}

/** What thread and case share: words, and bytes behind them. */
export const STATE = 0;
export const THREAD = 1;
export const RESULT = 2;
export const PLACE = 3;
export const LENGTH = 4;
export const WORDS = 5;

export const CALLING = 1;
export const RETURNED = 2;

/** More bytes than any of the cases' threads reads. */
const ROOM = 4096;

/** In milliseconds; far more than it takes, for a machine that has much else to do. */
const PATIENCE = 60_000;

export class BlockingThread implements Thread {
  readonly #addon: ProcessAddon;
  readonly #worker: Worker;
  readonly #exit: Promise<unknown>;
  readonly #delay: number;
  readonly #shared = new SharedArrayBuffer(4 * WORDS + ROOM);
  readonly #words = new Int32Array(this.#shared, 0, WORDS);
  /** The number of the system call that it is blocked in. */
  #call = '';

  constructor(addon: ProcessAddon, returned: Int32Array, task: Task) {
    this.#addon = addon;
    this.#delay = task.delay;
    this.#worker = new Worker(new URL('thread-program.js', import.meta.url), {
      workerData: { ...task, shared: this.#shared, returned, addon: addon.path },
    });
    this.#exit = once(this.#worker, 'exit');
  }

  get place(): number {
    return Atomics.load(this.#words, PLACE);
  }

  get result(): number {
    return Atomics.load(this.#words, RESULT);
  }

  get data(): Uint8Array {
    return new Uint8Array(this.#shared, 4 * WORDS, this.#words[LENGTH]);
  }

  /** Resolves when it has begun to wait: in the call, or with a delay, before it. */
  async blocked(): Promise<void> {
    await this.#until(() => Atomics.load(this.#words, STATE) >= CALLING);
    if (this.#delay > 0) return;
    await this.#until(() => this.place > 0 || this.#sleepsIn() !== '');
    this.#call = this.#sleepsIn();
  }

  /** Resolves when it has returned, or still sleeps in the call. */
  async settled(): Promise<void> {
    await this.#until(() => this.place > 0 || this.#sleepsIn() === this.#call);
  }

  /** Ends the call and the thread; false if that was not possible. */
  async end(): Promise<boolean> {
    const exited = this.#exit.then(() => true);
    for (let waited = 0; waited < PATIENCE; waited += 20) {
      if (this.place === 0) this.#addon.interruptThread(this.#words[THREAD]!);
      if (await Promise.race([exited, setTimeout(20, false)])) return true;
    }
    return false;
  }

  /** The number of the system call that it sleeps in; "" if it runs, has ended, or waits for a thread. */
  #sleepsIn(): string {
    const task = `/proc/self/task/${this.#words[THREAD]}`;
    try {
      const state = readFileSync(`${task}/stat`, 'latin1').split(') ').at(-1)![0];
      const call = readFileSync(`${task}/syscall`, 'latin1').split(' ', 1)[0]!.trim();
      return state === 'S' && call !== 'running' && call !== FUTEX ? call : '';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ESRCH') return '';
      throw error;
    }
  }

  async #until(holds: () => boolean): Promise<void> {
    for (let waited = 0; waited < PATIENCE; waited++) {
      if (holds()) return;
      await setTimeout(1);
    }
    throw new Error('a thread neither returned nor blocked');
  }
}

/** futex(2): where threads wait for each other. */
const FUTEX = process.arch === 'x64' ? '202' : '98';
