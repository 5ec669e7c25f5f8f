/**
 * Where the text of a trace goes: standard error, or a file. Written by node:fs, so that tracing makes none
 * of the calls that it shows.
 *
 * Standard error gets each text at once, as it may stand among what the program prints. A file gets what has come in a
 * turn of the event loop at its end, or when much has; so a signal that ends the program while it waits loses nothing, and
 * one that ends it while it works the calls of that turn.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';

/** UTF-16 units that wait for the end of the turn at most. */
const ENOUGH = 64 * 1024;

/** Milliseconds between two attempts to write into a pipe that is full. */
const PIPE_PAUSE = 1;

const STDERR = 2;

export interface OutputOptions {
  /** A file that is there already is added to, not made empty. */
  readonly append?: boolean;
}

/** Opens the file at `path`, or standard error if it is null. Fails as open(2) does. */
export function openTraceOutput(
  path: string | null,
  { append = false }: OutputOptions = {},
): TraceOutput {
  if (path === null) return new TraceOutput(STDERR, true);
  const { O_WRONLY, O_CREAT, O_APPEND, O_TRUNC } = constants;
  // Threads write into the same file: with O_APPEND what one writes is not overwritten.
  const flags = O_WRONLY | O_CREAT | O_APPEND | (append ? 0 : O_TRUNC);
  return new TraceOutput(openSync(path, flags, 0o666), false);
}

export class TraceOutput {
  readonly #fd: number;
  #atOnce: boolean;
  #text = '';
  #waiting: NodeJS.Immediate | null = null;
  /** Nobody reads it any more, or the disk is full: the program goes on without. */
  #broken = false;

  constructor(fd: number, atOnce: boolean) {
    this.#fd = fd;
    this.#atOnce = atOnce;
  }

  /** Whole lines. Never throws. */
  readonly write = (text: string): void => {
    if (this.#broken) return;
    this.#text += text;
    if (this.#atOnce || this.#text.length >= ENOUGH) this.flush();
    else this.#waiting ??= setImmediate(() => this.flush());
  };

  /** Writes what waits. */
  flush(): void {
    if (this.#waiting !== null) clearImmediate(this.#waiting);
    this.#waiting = null;
    const bytes = Buffer.from(this.#text);
    this.#text = '';
    for (let at = 0; at < bytes.length && !this.#broken;) at += this.#some(bytes, at);
  }

  /** Nothing comes after this turn: from now on each text is written at once. */
  last(): void {
    this.#atOnce = true;
    this.flush();
  }

  close(): void {
    this.last();
    this.#broken = true;
    if (this.#fd !== STDERR) closeSync(this.#fd);
  }

  /** How many bytes from `at` on could be written. */
  #some(bytes: Uint8Array, at: number): number {
    try {
      return writeSync(this.#fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_PAUSE);
      } else {
        this.#broken = true;
      }
      return 0;
    }
  }
}
