/**
 * The files below a folder of this machine: what a file server is given here. They are opened by the Kernel,
 * at once; node:fs tells where links lead and what is in a directory.
 *
 * Nothing outside of the folder can be reached, and nothing whose name begins with a dot unless that is
 * shown, not by a link either:
 *
 *   open without links ─┬─ there ─► the file
 *                       ├─ a link ─► where does it lead? below the folder ─► open that without links
 *                       └─ a system before openat2(2) ─► where does it lead? open it, and ask the descriptor
 *
 * The folder itself is found once. In no case is a path looked at, and then opened with what may have become
 * of it meanwhile. See openat2(2), realpath(3), proc(5).
 */
import { readlinkSync, realpathSync } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import { requireString } from '../net/arguments.ts';
import { type DiskFile, type Opened, openDisk } from '../net/disk-file.ts';
import { requireOptions } from '../net/options.ts';
import type { Stack } from '../net/stack.ts';
import { type DotFiles, isShown } from '../http/files/dot-files.ts';
import type { FileEntry, FileSystem, OpenFile } from '../http/files/file-system.ts';
import { namesOf, refuseUnknown } from '../http/option-names.ts';

export interface NodeFilesOptions {
  /**
   * Which links are followed [inside]: `inside` those that lead to what could be asked for without them, `all`
   * wherever they lead, `none` none.
   */
  readonly links?: 'inside' | 'all' | 'none' | undefined;
}

const KNOWN: ReadonlySet<string> = namesOf<NodeFilesOptions>({
  links: true,
});

/** What realpath(3) and its like say of a path that leads to nothing that could be shown. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'ENXIO']);

/** Paths whose bytes are kept; when there are more, all are forgotten. Longer ones are not kept. */
const MAX_PATHS = 1024;
const MAX_KEPT_PATH = 256;

const encoder = new TextEncoder();

/** The files below `root`, which is found now: `fileServer(await nodeFiles('public'))`. Fails as realpath(3). */
export async function nodeFiles(
  stack: Stack,
  root: string,
  options: NodeFilesOptions = {},
): Promise<FileSystem> {
  requireString('nodeFiles', 'root', root);
  requireOptions('nodeFiles', options);
  refuseUnknown('nodeFiles', options, KNOWN);
  const { links = 'inside' } = options;
  if (links !== 'inside' && links !== 'all' && links !== 'none') {
    throw new TypeError('nodeFiles: option links must be "inside", "all" or "none"');
  }
  const top = await realpath(root);
  if (!(await stat(top)).isDirectory()) {
    const code = 'ENOTDIR';
    const message = `nodeFiles: root must be a directory, which ${root} is not`;
    throw Object.assign(new Error(message), { code, path: root });
  }
  return new NodeFiles(stack, top === '/' ? '' : top, links);
}

class NodeFiles implements FileSystem {
  readonly #stack: Stack;
  /** Free of links, and empty for the root of the whole system. */
  readonly #top: string;
  readonly #links: 'inside' | 'all' | 'none';
  readonly #paths = new Map<string, Uint8Array>();

  constructor(stack: Stack, top: string, links: 'inside' | 'all' | 'none') {
    this.#stack = stack;
    this.#top = top;
    this.#links = links;
  }

  open(path: string, dotFiles: DotFiles = false): OpenFile | null {
    const opened = this.#open(path, dotFiles);
    if (typeof opened === 'string') return null;
    return opened.isDirectory ? new Directory(this, opened, dotFiles) : opened;
  }

  #open(path: string, dotFiles: DotFiles): Opened {
    const { system } = this.#stack;
    const bytes = this.#bytesOf(path);
    if (bytes === null || (MAY_HIDE.test(path) && !areShown(path, dotFiles))) return 'absent';
    const opened = openDisk(system, bytes, this.#links === 'all' ? 'all' : 'none');
    if (opened !== 'link' && opened !== 'unsupported') return opened;
    const real = this.realPath(`${this.#top}/${path}`, dotFiles);
    if (real === null) return 'absent';
    const isPlain = real === (path === '' ? this.#top || '/' : `${this.#top}/${path}`);
    if (this.#links === 'none' && !isPlain) return 'absent';
    if (opened === 'link') return openDisk(system, cString(real), 'none');
    const again = openDisk(system, cString(real), 'not the last');
    if (typeof again === 'string' || readlinkSync(ownPath(again)) === real) return again;
    again.close(); // exchanged in between
    return 'absent';
  }

  /** Where a path leads, if that may be shown. */
  realPath(path: string, dotFiles: DotFiles): string | null {
    let real: string;
    try {
      real = realpathSync.native(path);
    } catch (error) {
      if (ABSENT.has((error as { code: string }).code)) return null;
      throw error;
    }
    return this.shows(real, dotFiles) ? real : null;
  }

  /** Whether a path without links may be shown. */
  shows(real: string, dotFiles: DotFiles): boolean {
    if (this.#links === 'all') return true;
    if (real !== this.#top && !real.startsWith(`${this.#top}/`)) return false;
    return real === this.#top || areShown(real.slice(this.#top.length + 1), dotFiles);
  }

  /** Null for what is no path below the folder. */
  #bytesOf(path: string): Uint8Array | null {
    let bytes = this.#paths.get(path);
    if (bytes !== undefined) return bytes;
    if (path.includes('\0') || (path !== '' && !areShown(path, true))) return null;
    bytes = cString(`${this.#top}/${path}`);
    if (path.length > MAX_KEPT_PATH) return bytes;
    if (this.#paths.size >= MAX_PATHS) this.#paths.clear();
    this.#paths.set(path, bytes);
    return bytes;
  }
}

/** Paths in which a name begins with a dot. */
const MAY_HIDE = /(?:^|\/)\./;

/** Whether all names of a path are names, and may be shown. */
function areShown(path: string, dotFiles: DotFiles): boolean {
  return path.split('/').every((name) => isShown(name, dotFiles));
}

class Directory implements OpenFile {
  readonly isDirectory = true;
  readonly #files: NodeFiles;
  readonly #disk: DiskFile;
  readonly #dotFiles: DotFiles;

  constructor(files: NodeFiles, disk: DiskFile, dotFiles: DotFiles) {
    this.#files = files;
    this.#disk = disk;
    this.#dotFiles = dotFiles;
  }

  get size(): number {
    return this.#disk.size;
  }

  get mtimeMs(): number {
    return this.#disk.mtimeMs;
  }

  read(): number {
    return 0;
  }

  async entries(limit: number): Promise<FileEntry[]> {
    const entries: FileEntry[] = [];
    const folder = ownPath(this.#disk);
    for await (const { name } of await opendir(folder)) {
      if (entries.length === limit) break;
      const entry = isShown(name, this.#dotFiles) ? await this.#entry(folder, name) : null;
      if (entry !== null) entries.push(entry);
    }
    return entries;
  }

  /** Null for what could not be opened either. */
  async #entry(folder: string, name: string): Promise<FileEntry | null> {
    const path = `${folder}/${name}`;
    try {
      if (!this.#files.shows(await realpath(path), this.#dotFiles)) return null;
      const stats = await stat(path);
      const isDirectory = stats.isDirectory();
      if (!isDirectory && !stats.isFile()) return null;
      return { name, isDirectory, size: stats.size, mtimeMs: stats.mtimeMs };
    } catch {
      return null;
    }
  }

  close(): void {
    this.#disk.close();
  }
}

/** A link to what is open: it leads there whatever has become of the path. */
function ownPath({ fd }: DiskFile): string {
  return `/proc/self/fd/${fd}`;
}

/** As the kernel takes it. There is no NUL in it. */
function cString(path: string): Uint8Array {
  return encoder.encode(`${path}\0`);
}
