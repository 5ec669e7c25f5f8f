/**
 * Processes that replay cases: a few of them take the cases from one queue. A case that does not end in
 * time, or that takes its process with it, is a case that has failed; the next one gets a new process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Verdict } from './cases.ts';

/** Most of the time the cases wait, so there are more processes than processors. */
const PROCESSES = 4;

/** More than any case takes, on a machine that has much else to do. */
const TIME_LIMIT = 60_000;

interface Task {
  readonly arm: string;
  readonly id: string;
  readonly done: (verdict: Verdict) => void;
}

export class Replayers {
  readonly #addon: string;
  readonly #queue: Task[] = [];
  readonly #children: Set<ChildProcess> = new Set();
  #running = 0;

  constructor(addon: string) {
    this.#addon = addon;
  }

  /** What comes of that case in that arm. */
  async replay(arm: string, id: string): Promise<Verdict> {
    return new Promise((resolve) => {
      this.#queue.push({ arm, id, done: resolve });
      if (this.#running < PROCESSES) void this.#work();
    });
  }

  /** Ends the processes. */
  close(): void {
    this.#queue.length = 0;
    for (const child of this.#children) child.kill('SIGKILL');
  }

  /** Takes tasks until there are none. */
  async #work(): Promise<void> {
    this.#running++;
    // Others that are asked for in the same turn are there when the first begins.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#serve();
    this.#running--;
  }

  /** Gives tasks to one process, as long as it lives. */
  async #serve(): Promise<void> {
    const program = fileURLToPath(new URL('program.js', import.meta.url));
    const child = spawn(process.execPath, [program, this.#addon], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // What a process that was killed leaves behind goes when the addon's folder goes.
      env: { ...process.env, TMPDIR: dirname(this.#addon) },
    });
    this.#children.add(child);
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    child.stdin.on('error', () => undefined);
    const ended = once(child, 'close');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    for (let task = this.#queue.shift(); task !== undefined; task = this.#queue.shift()) {
      const limit = setTimeout(() => child.kill('SIGKILL'), TIME_LIMIT);
      child.stdin.write(`${task.arm} ${task.id}\n`);
      const line = await lines.next();
      clearTimeout(limit);
      if (line.done === true) {
        const [code, signal] = (await ended) as [number | null, string | null];
        task.done(lost(task, `the process ended (${signal ?? code})\n${errors}`));
        break;
      }
      const verdict = JSON.parse(line.value) as Verdict;
      task.done(verdict);
      if (!verdict.clean) break;
    }
    child.stdin.end();
    await ended;
    this.#children.delete(child);
  }
}

function lost({ arm, id }: Task, got: string): Verdict {
  const failure = { step: -1, text: 'the case', wanted: 'an end', got };
  return { arm, id, failure, bypassed: [], clean: false, milliseconds: 0 };
}
