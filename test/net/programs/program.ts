/**
 * How tests run a program of this folder in a process of its own and speak with it: the program prints
 * a JSON value a line, the test awaits the lines. A child that does not come to its end is killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Long enough for a busy machine; no test waits for it unless it fails. */
const LIMIT = 60_000;

export interface RunOptions {
  /** Arguments of node itself. */
  readonly node?: readonly string[];
  /** A command of the shell before the program is started: "ulimit -n 50". */
  readonly before?: string;
  /** A command that runs node: "unshare -n --", as words. */
  readonly under?: readonly string[];
  /** Descriptors that it gets as 3, 4, …. */
  readonly descriptors?: readonly number[];
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until it is killed. */
  readonly limit?: number;
}

export interface Outcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** A program that runs. */
export class Program {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<Outcome>;
  #stderr = '';

  constructor(name: string, args: readonly string[] = [], options: RunOptions = {}) {
    const path = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
    const command = [process.execPath, ...(options.node ?? []), path, ...args];
    this.#child = spawn(
      '/bin/sh',
      ['-c', `${options.before ?? ':'} && exec "$@"`, 'sh', ...(options.under ?? []), ...command],
      {
        stdio: ['pipe', 'pipe', 'pipe', ...(options.descriptors ?? [])],
        env: { ...process.env, ...options.env },
        timeout: options.limit ?? LIMIT,
        killSignal: 'SIGKILL',
      },
    );
    const { stdout, stderr } = this.#child;
    stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.#lines = createInterface({ input: stdout! })[Symbol.asyncIterator]();
    this.#ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (status, signal) =>
        resolve({ status, signal, stderr: this.#stderr }),
      );
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The next thing that it prints; undefined if it prints no more. */
  async nextOrEnd(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    return done === true ? undefined : JSON.parse(value as string);
  }

  /** The next thing that it prints. Throws if it ends before. */
  async next<T>(): Promise<T> {
    const value = await this.nextOrEnd();
    if (value !== undefined) return value as T;
    const { status, signal, stderr } = await this.#ended;
    throw new Error(`the program ended with ${status ?? signal}:\n${stderr}`);
  }

  /** Lets it go on where it waits for a line. */
  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** No more lines come. */
  endInput(): void {
    this.#child.stdin?.end();
  }

  /** What it came to. */
  get ended(): Promise<Outcome> {
    return this.#ended;
  }
}
