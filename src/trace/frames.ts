/**
 * Which line of the program is running: the first frame of the stack that is outside netfd and outside the runtime.
 *
 * The stack is read as structured frames (V8's stack trace API, which Bun has too), at most STACK_FRAMES of them. The
 * program's own Error.prepareStackTrace and Error.stackTraceLimit are set aside for that moment and put back as they
 * were. Where there is no such API, or Error is frozen, there is no frame. Frames of an async function that
 * waits for netfd are on the stack as well.
 *
 * netfd's own files are those beside this one. In a bundle they are not to be told from the program's, but by a
 * source map: then what was in node_modules/netfd is netfd.
 */
import { BoundedMap } from './bounded-map.ts';

/** A place in a file: `file` is a URL or a path, line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where a place of a compiled file stands in its source; null: it is the source, or nobody knows. */
export type PositionOf = (file: string, line: number, column: number) => Position | null;

export interface FrameOptions {
  /** Absolute; files in it are named relative to it. Without, every path is absolute. */
  readonly folder?: string;
  /** Source maps. It is asked once for each place; what it throws counts as null. */
  readonly position?: PositionOf;
  /** What netfd's own files begin with, as URLs; the package's if not given. */
  readonly own?: readonly string[];
}

/** Frames that are looked at, from the call upwards: each of them costs. More only if all of the first are netfd's. */
const FIRST_FRAMES = 32;
export const STACK_FRAMES = 64;

/** Places in files whose names are kept. */
export const MAX_PLACES = 4096;

interface CallSite {
  getFileName(): string | null | undefined;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
}

interface Capturing {
  captureStackTrace?: (target: object) => void;
}

const INSTALLED = '/node_modules/netfd/';

/**
 * dist/src/, and src/ of which it is compiled: Deno follows source maps before anybody is asked. Nothing if this
 * file is part of a bundle.
 */
function packageFiles(): readonly string[] {
  const url: string | undefined = import.meta.url;
  if (url === undefined || !/\/trace\/frames\.[jt]s$/.test(url)) return [];
  const compiled = new URL('../', url).href;
  return [compiled, compiled.replace(/\/dist\/src\/$/, '/src/')];
}

function pathOf(file: string): string {
  if (!file.startsWith('file://')) return file;
  try {
    return decodeURIComponent(new URL(file).pathname);
  } catch {
    return file;
  }
}

/** The runtime's own files, and what has no file. */
function isRuntime(file: string): boolean {
  return /^(?:node:|internal\/|ext:|bun:|deno:|native$|<|\[)/.test(file);
}

function callSites(_error: unknown, sites: unknown): unknown {
  return sites;
}

const changeable = Error as unknown as Record<string, unknown>;

function isReplaceable(before: PropertyDescriptor | undefined): boolean {
  if (before === undefined) return Object.isExtensible(Error);
  return before.configurable === true || before.writable === true;
}

/** By assignment where it can be: Bun hears of nothing else. A program's own setter is not called. */
function replace(name: string, before: PropertyDescriptor | undefined, value: unknown): void {
  if (before === undefined || before.writable === true) changeable[name] = value;
  else Object.defineProperty(Error, name, { configurable: true, writable: true, value });
}

function restore(name: string, before: PropertyDescriptor | undefined): void {
  if (before === undefined) delete changeable[name];
  else if (before.writable === true) changeable[name] = before.value;
  else Object.defineProperty(Error, name, before);
}

/** The stack as structured frames; none if this engine has none, or Error may not be changed. */
function stackNow(frames: number): readonly CallSite[] {
  const { captureStackTrace } = Error as unknown as Capturing;
  if (captureStackTrace === undefined) return [];
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
  const prepare = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  if (!isReplaceable(limit) || !isReplaceable(prepare)) return [];
  const target: { stack?: unknown } = {};
  try {
    replace('stackTraceLimit', limit, frames);
    replace('prepareStackTrace', prepare, callSites);
    captureStackTrace.call(Error, target);
    // It is made when it is first looked at.
    const { stack } = target;
    return Array.isArray(stack) ? (stack as CallSite[]) : [];
  } catch {
    return [];
  } finally {
    restore('prepareStackTrace', prepare);
    restore('stackTraceLimit', limit);
  }
}

export class Frames {
  readonly #own: readonly string[];
  readonly #folder: string;
  readonly #position: PositionOf | undefined;
  /** The names of places by "file:line:column"; null: netfd's own. */
  readonly #names: BoundedMap<string, string | null> = new BoundedMap(MAX_PLACES);
  /** Whether a file may be the program's. */
  readonly #files: BoundedMap<string, boolean> = new BoundedMap(MAX_PLACES);

  constructor({ folder = '', position, own = packageFiles() }: FrameOptions = {}) {
    this.#own = own.flatMap((url) => [url, pathOf(url)]);
    this.#folder = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
    this.#position = position;
  }

  /** "server.ts:12:5" of the program's line that runs now; undefined: there is none, as when the loop calls. */
  current(): string | undefined {
    const sites = stackNow(FIRST_FRAMES);
    const first = this.#program(sites);
    if (first !== undefined || sites.length < FIRST_FRAMES) return first;
    return this.#program(stackNow(STACK_FRAMES));
  }

  #program(sites: readonly CallSite[]): string | undefined {
    for (const site of sites) {
      const file = site.getFileName();
      if (typeof file !== 'string' || !this.#mayBeProgram(file)) continue;
      const name = this.#name(file, site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0);
      if (name !== null) return name;
    }
    return undefined;
  }

  #mayBeProgram(file: string): boolean {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const may =
      file !== '' && !isRuntime(file) && !this.#own.some((prefix) => file.startsWith(prefix));
    this.#files.set(file, may);
    return may;
  }

  #name(file: string, line: number, column: number): string | null {
    const key = `${file}:${line}:${column}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      const place = this.#mapped(file, line, column);
      const path = pathOf(place.file);
      name = path.includes(INSTALLED)
        ? null
        : `${this.#relative(path)}:${place.line}:${place.column}`;
      this.#names.set(key, name);
    }
    return name;
  }

  #mapped(file: string, line: number, column: number): Position {
    try {
      return this.#position?.(file, line, column) ?? { file, line, column };
    } catch {
      return { file, line, column };
    }
  }

  #relative(path: string): string {
    const isInside = this.#folder !== '' && path.startsWith(this.#folder);
    return isInside ? path.slice(this.#folder.length) : path;
  }
}
