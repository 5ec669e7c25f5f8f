/**
 * A file that lines are appended to, in batches: what comes within a few milliseconds is one write(2).
 * Nobody waits for the disk; if it is too slow, lines are dropped and counted. It can be opened anew under
 * its name, so that logrotate and its like may have moved it. See open(2), O_APPEND.
 *
 *   idle ──write──► gathering ──10 ms, 64 KiB, flush──► writing ─► idle, or gathering again
 */
import { type FileHandle, open } from 'node:fs/promises';
import { requireString } from '../net/arguments.ts';
import { optionalFunction, optionalInteger, requireOptions } from '../net/options.ts';
import { namesOf, refuseUnknown } from '../http/option-names.ts';

export interface LogFileOptions {
  /** Of a file that is made [0o640]. */
  readonly mode?: number | undefined;
  /** Bytes that may wait to be written before lines are dropped [4 MiB]. */
  readonly maxBuffered?: number | undefined;
  /** Told when writing or opening anew fails; what could not be written is dropped [nobody]. */
  readonly onError?: ((error: Error) => void) | undefined;
}

const KNOWN: ReadonlySet<string> = namesOf<LogFileOptions>({
  mode: true,
  maxBuffered: true,
  onError: true,
});

/** Milliseconds that a line may wait for others, and bytes that are enough. */
const GATHER_TIME = 10;
const ENOUGH = 64 * 1024;

const MAX_BUFFERED = 4 * 1024 * 1024;

/** Opens, and makes if need be, the file at `path`. Fails as open(2) does. */
export async function openLogFile(path: string, options: LogFileOptions = {}): Promise<LogFile> {
  requireString('openLogFile', 'path', path);
  requireOptions('openLogFile', options);
  refuseUnknown('openLogFile', options, KNOWN);
  const { mode = 0o640, maxBuffered = MAX_BUFFERED, onError } = options;
  optionalInteger('openLogFile', 'mode', mode, 0, 0o777);
  optionalInteger('openLogFile', 'maxBuffered', maxBuffered, 1, Number.MAX_SAFE_INTEGER);
  optionalFunction('openLogFile', 'onError', onError);
  return new LogFile(await open(path, 'a', mode), path, mode, maxBuffered, onError);
}

/** A file that lines are appended to, in batches, without waiting. Made by openLogFile. */
export class LogFile implements AsyncDisposable {
  readonly path: string;
  readonly #mode: number;
  readonly #maxBuffered: number;
  readonly #onError: ((error: Error) => void) | undefined;
  #handle: FileHandle;
  #waiting: string[] = [];
  #length = 0;
  #dropped = 0;
  #cut = false;
  #closed = false;
  /** Settles when all that was asked for before is done; never rejects. */
  #work: Promise<void> = Promise.resolve();
  /** A batch is being gathered, or waits for its turn. */
  #gathering = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    handle: FileHandle,
    path: string,
    mode: number,
    maxBuffered: number,
    onError: ((error: Error) => void) | undefined,
  ) {
    this.#handle = handle;
    this.path = path;
    this.#mode = mode;
    this.#maxBuffered = maxBuffered;
    this.#onError = onError;
  }

  /** What waits to be written, in code units. */
  get writableLength(): number {
    return this.#length;
  }

  /** Writes that were dropped, because too much waited or because the disk refused. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Appends whole lines. False if they are dropped, or the file is closed. */
  write(text: string): boolean {
    if (this.#closed || this.#length + text.length > this.#maxBuffered) {
      this.#dropped++;
      return false;
    }
    this.#waiting.push(text);
    this.#length += text.length;
    if (!this.#gathering) {
      this.#gathering = true;
      this.#timer = setTimeout(() => this.#start(), GATHER_TIME);
    } else if (this.#length >= ENOUGH) {
      this.#start();
    }
    return true;
  }

  /** Nothing more is waited for: what was gathered has its turn. */
  #start(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    void this.#then(() => this.#drain());
  }

  /** Settles when what was written up to now is in the file, or dropped. */
  flush(): Promise<void> {
    this.#start();
    return this.#then(async () => {});
  }

  /**
   * Opens the file of this name anew, for SIGHUP; what is written before the promise has settled may still
   * go into the old one. If it fails the old one stays, and the promise rejects.
   */
  reopen(): Promise<void> {
    let failure: unknown = null;
    this.#start();
    const done = this.#then(async () => {
      if (this.#closed) return;
      try {
        const old = this.#handle;
        this.#handle = await open(this.path, 'a', this.#mode);
        this.#cut = false;
        await old.close();
      } catch (error) {
        failure = error;
      }
    });
    return done.then(() => {
      if (failure !== null) throw failure;
    });
  }

  /** Writes what waits, and closes. */
  close(): Promise<void> {
    if (this.#closed) return this.#work;
    this.#closed = true;
    this.#start();
    return this.#then(() => this.#handle.close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Does `job` after all others. */
  #then(job: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(job).catch((error: unknown) => this.#tell(error as Error));
    return this.#work;
  }

  /** Writes what waits. What comes meanwhile is for the next time. */
  async #drain(): Promise<void> {
    this.#gathering = false;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#length = 0;
    // What follows half a line must not look as if it belonged to it.
    const bytes = Buffer.from((this.#cut ? '\n' : '') + batch.join(''));
    let written = 0;
    try {
      while (written < bytes.length) {
        written += (await this.#handle.write(bytes, written)).bytesWritten;
      }
      this.#cut = false;
    } catch (error) {
      if (written > 0) this.#cut = bytes[written - 1] !== NEWLINE;
      this.#dropped += batch.length;
      this.#tell(error as Error);
    }
  }

  #tell(error: Error): void {
    try {
      this.#onError?.(error);
    } catch {
      // There is nobody else to tell.
    }
  }
}

const NEWLINE = 10;
