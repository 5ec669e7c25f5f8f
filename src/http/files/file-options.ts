/** The options of a file server: their meaning, their defaults, and the check of what is passed. */
import { optionalBoolean, requireOptions } from '../../net/options.ts';
import type { DotFiles } from './dot-files.ts';
import type { OpenFile } from './file-system.ts';
import type { Handler, HandlerFunc } from '../handler.ts';
import { asHandler } from '../handler-func.ts';
import { namesOf, refuseUnknown } from '../option-names.ts';

/** The codings of files that were compressed beforehand, and the ends of their names. */
export const CODINGS = { br: '.br', zstd: '.zst', gzip: '.gz' } as const;

export type FileCoding = keyof typeof CODINGS;

/** How one file is replied with. */
export interface ServeFileOptions {
  /** What a directory is served as, if it has such a file: the first that is there ['index.html']. */
  readonly index?: string | readonly string[] | false | undefined;
  /** Whether a directory without one is listed [true]; else it is 404. */
  readonly listings?: boolean | undefined;
  /** Whether names that begin with a dot are looked for: none, all, or these [false]. Else they are 404. */
  readonly dotFiles?: DotFiles | undefined;
  /**
   * The field ETag [true: of the time of modification and the size, see message/entity-tag.ts]; false for none, or a
   * function that gives it, `"v1"` or `W/"v1"` with the quotes, or null for none.
   */
  readonly etag?: boolean | ((file: OpenFile, path: string) => string | null) | undefined;
  /** The field Cache-Control of files [none]: the value, or a function that gives it or null. */
  readonly cacheControl?: string | ((path: string) => string | null) | undefined;
  /** Media types by the end of a name without the dot, besides and before those that are known. */
  readonly types?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether "app.js.br" or "app.js.gz" are sent in the place of "app.js", if they are there and the client
   * takes them [false]; or which of them, the best one first: true is ['br', 'gzip'].
   */
  readonly precompressed?: boolean | readonly FileCoding[] | undefined;
}

/** How a file server finds files and what it says of them. */
export interface FileServerOptions extends ServeFileOptions {
  /**
   * The file that is served, with 200, in the place of one that is not there, if its name has no dot: the
   * "index.html" of an application that has its own routes [none].
   */
  readonly fallback?: string | undefined;
  /** What is replied if there is nothing: a file, with 404, or a handler [404 as text]. */
  readonly notFound?: string | Handler | HandlerFunc | undefined;
}

const KNOWN: ReadonlySet<string> = namesOf<FileServerOptions>({
  index: true,
  listings: true,
  dotFiles: true,
  etag: true,
  cacheControl: true,
  types: true,
  precompressed: true,
  fallback: true,
  notFound: true,
});

export interface CheckedFileOptions {
  readonly index: readonly string[];
  readonly listings: boolean;
  readonly dotFiles: DotFiles;
  readonly etag: boolean | ((file: OpenFile, path: string) => string | null);
  readonly cacheControl: string | ((path: string) => string | null) | null;
  readonly types: ReadonlyMap<string, string>;
  readonly precompressed: readonly FileCoding[];
  readonly fallback: string | null;
  readonly notFound: string | Handler | null;
}

/** The options of `method`. TypeError that names the option. */
export function checkFileOptions(method: string, options: FileServerOptions): CheckedFileOptions {
  requireOptions(method, options);
  refuseUnknown(method, options, KNOWN);
  const { etag, cacheControl, fallback, listings } = options;
  optionalBoolean(method, 'listings', listings);
  requireKind(method, 'etag', etag, 'boolean', 'true, false');
  requireKind(method, 'cacheControl', cacheControl, 'string', 'a string');
  if (fallback !== undefined) requirePath(method, 'fallback', fallback);
  return {
    index: indexOf(method, options.index),
    listings: listings ?? true,
    dotFiles: dotFilesOf(method, options.dotFiles),
    etag: etag ?? true,
    cacheControl: cacheControl ?? null,
    types: typesOf(method, options.types),
    precompressed: codingsOf(method, options.precompressed),
    fallback: fallback ?? null,
    notFound: notFoundOf(method, options.notFound),
  };
}

/** Whether `path` consists of names that may be looked for, joined by slashes. */
export function isPath(path: unknown): path is string {
  if (typeof path !== 'string' || path.includes('\0')) return false;
  return path.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
}

/** Undefined, of a type, or a function. */
function requireKind(
  method: string,
  option: string,
  value: unknown,
  kind: 'boolean' | 'string',
  called: string,
): void {
  if (value === undefined || typeof value === kind || typeof value === 'function') return;
  throw new TypeError(`${method}: option ${option} must be ${called} or a function`);
}

function requirePath(method: string, option: string, value: unknown): void {
  if (isPath(value)) return;
  throw new TypeError(`${method}: option ${option} must be a path without "..", as "a/b.html"`);
}

function indexOf(method: string, value: unknown): readonly string[] {
  if (value === undefined) return ['index.html'];
  if (value === false) return [];
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (names.every((name) => isPath(name) && !name.includes('/'))) return names as string[];
  throw new TypeError(`${method}: option index must be a file's name, a list of them, or false`);
}

function dotFilesOf(method: string, value: unknown): DotFiles {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  if (Array.isArray(value) && value.every((name) => isPath(name) && /^\.[^/]*$/.test(name))) {
    return value as string[];
  }
  throw new TypeError(
    `${method}: option dotFiles must be true, false, or a list of names that begin with a dot`,
  );
}

function typesOf(method: string, value: unknown): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  if (value === undefined) return types;
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [['', 0]];
  for (const [extension, type] of entries) {
    if (!/^[^./]+$/.test(extension as string) || typeof type !== 'string' || !isType(type)) {
      throw new TypeError(
        `${method}: option types must have media types by extension, as { md: 'text/markdown' }`,
      );
    }
    types.set((extension as string).toLowerCase(), type);
  }
  return types;
}

function isType(type: string): boolean {
  return /^[\w!#$&^+.-]+\/[\w!#$&^+.-]+(?:[ \t]*;[ -~]*)?$/.test(type);
}

function codingsOf(method: string, value: unknown): readonly FileCoding[] {
  if (value === undefined || value === false) return [];
  if (value === true) return ['br', 'gzip'];
  if (Array.isArray(value) && value.every((name) => Object.hasOwn(CODINGS, name as string))) {
    return value as FileCoding[];
  }
  const known = Object.keys(CODINGS).join(', ');
  throw new TypeError(`${method}: option precompressed must be true, false, or a list of ${known}`);
}

function notFoundOf(method: string, value: unknown): string | Handler | null {
  if (value === undefined) return null;
  if (isPath(value)) return value;
  const { serveHTTP } = (value ?? {}) as Partial<Handler>;
  if (typeof value === 'function' || typeof serveHTTP === 'function') {
    return asHandler(method, value as Handler | HandlerFunc);
  }
  throw new TypeError(`${method}: option notFound must be a path without "..", or a handler`);
}
