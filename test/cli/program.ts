/**
 * The program netfd as tests run it: the compiled one, as a process of its own, whose lines can be
 * waited for. Whatever a test leaves running is killed when it ends.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The compiled program. */
export const programFile: string = fileURLToPath(
  new URL('../../src/cli/netfd.js', import.meta.url),
);

/** For a line, or an end, that does not come. */
const LIMIT = 60_000;

export interface Ended {
  /** The exit status, or the signal that ended it. */
  readonly status: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Program {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #closed: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  #changed: () => void = () => {};

  /** Starts `netfd ...argv`. */
  constructor(t: TestContext, argv: readonly string[], options: SpawnOptions = {}) {
    this.child = spawn(process.execPath, [programFile, ...argv], options);
    const closed = once(this.child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    this.#closed = closed;
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#changed();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#changed();
    });
    this.child.on('close', () => this.#changed());
    t.after(async () => {
      if (this.child.exitCode === null && this.child.signalCode === null)
        this.child.kill('SIGKILL');
      await closed;
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  /** The first match of `pattern` in what was printed, once it is there. */
  async prints(where: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> {
    const late = setTimeout(() => this.child.kill('SIGKILL'), LIMIT);
    try {
      for (;;) {
        const match = pattern.exec(this[where]);
        if (match !== null) return match;
        if (this.child.exitCode !== null || this.child.signalCode !== null) {
          assert.fail(`ended without ${pattern}: ${JSON.stringify(await this.ended())}`);
        }
        await new Promise<void>((resolve) => (this.#changed = resolve));
      }
    } finally {
      clearTimeout(late);
    }
  }

  async ended(): Promise<Ended> {
    const late = setTimeout(() => this.child.kill('SIGKILL'), LIMIT);
    const [code, signal] = await this.#closed;
    clearTimeout(late);
    return { status: code ?? signal, stdout: this.stdout, stderr: this.stderr };
  }
}

/** Runs it to its end, with nothing on stdin. */
export function netfd(t: TestContext, ...argv: string[]): Promise<Ended> {
  return new Program(t, argv, { stdio: ['ignore', 'pipe', 'pipe'] }).ended();
}

export interface Serving {
  readonly program: Program;
  readonly port: number;
}

/** Starts `netfd serve` at a free port. */
export async function serving(t: TestContext, ...argv: string[]): Promise<Serving> {
  const started = new Program(t, ['serve', '--addr', '127.0.0.1:0', ...argv]);
  const [, port] = await started.prints('stdout', /^netfd serving http:\/\/127\.0\.0\.1:(\d+)\//);
  return { program: started, port: Number(port) };
}

/** A folder that is removed with all that is in it. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'netfd-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
