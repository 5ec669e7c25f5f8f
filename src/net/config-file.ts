/**
 * The files that say how names are looked up: /etc/hosts, /etc/resolv.conf, /etc/nsswitch.conf. As in Go
 * (net/hosts.go, net/dnsclient_unix.go) what was read is good for five seconds, and for five more as
 * often as the file has the same time and size. One table for each file and System.
 */
import type { Kernel } from '../kernel/kernel.ts';
import { readTextFile } from '../kernel/read-file.ts';
import type { System } from '../kernel/system.ts';
import { cString } from '../syscall/c-string.ts';
import { AT_FDCWD } from '../syscall/fcntl.ts';
import { decodeStatx, SIZEOF_STATX, STATX_MTIME, STATX_SIZE } from '../syscall/stat.ts';

const FRESH_FOR = 5000;

interface Table<T> {
  readonly value: T;
  /** Time and size of the file; null if they cannot be asked for. */
  readonly version: string | null;
  readonly freshUntil: number;
}

export class ConfigFile<T> {
  readonly #path: string;
  readonly #parse: (text: string) => T;
  readonly #isKept: (value: T) => boolean;
  readonly #tables = new WeakMap<System, Table<T>>();

  /**
   * `parse` gets the empty text if there is no such file. A value of which `isKept` is not true is not
   * good for any time: the file is looked at whenever it is asked for.
   */
  constructor(path: string, parse: (text: string) => T, isKept: (value: T) => boolean) {
    this.#path = path;
    this.#parse = parse;
    this.#isKept = isKept;
  }

  read(system: System): T {
    const now = system.clock.monotonic();
    const known = this.#tables.get(system);
    if (known !== undefined && now < known.freshUntil && this.#isKept(known.value)) {
      return known.value;
    }
    const version = fileVersion(system.kernel, this.#path);
    const freshUntil = now + FRESH_FOR;
    if (known !== undefined && version !== null && version === known.version) {
      this.#tables.set(system, { ...known, freshUntil });
      return known.value;
    }
    const text = readTextFile(system.kernel, this.#path);
    // It is there and cannot be read just now: perhaps there is no descriptor left.
    if (text === null && version !== null) return known?.value ?? this.#parse('');
    const value = this.#parse(text ?? '');
    this.#tables.set(system, { value, version, freshUntil });
    return value;
  }
}

/** Whether there is a file at `path`. */
export function fileExists(kernel: Kernel, path: string): boolean {
  return fileVersion(kernel, path) !== null;
}

function fileVersion(kernel: Kernel, path: string): string | null {
  const buf = new Uint8Array(SIZEOF_STATX);
  if (kernel.statx(AT_FDCWD, cString(path), 0, STATX_MTIME | STATX_SIZE, buf) < 0) return null;
  const { mtimeMs, size } = decodeStatx(buf);
  return `${mtimeMs} ${size}`;
}
