/**
 * The files below a folder of this machine, by node:fs: what a file server is given here.
 *
 * Nothing outside of the folder can be reached, and nothing in it whose name begins with a dot, not by
 * a link either: the path is made free of links first, looked at, opened as it then is, and the opened
 * descriptor asked for its path again, in case it was exchanged in between. Only regular files and
 * directories are opened for good; O_NONBLOCK keeps a named pipe from making us wait. See open(2), proc(5).
 */
import { constants, type Stats } from 'node:fs';
import {
  type FileHandle,
  open,
  opendir,
  readlink,
  realpath,
  stat as statPath,
} from 'node:fs/promises';
import { requireString } from '../net/arguments.ts';
import type { FileEntry, FileSystem, OpenFile } from '../http/file-system.ts';

const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** What open(2) and its like say of a path that leads to nothing that could be shown. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'ENXIO']);

/** The files below `root`: `fileServer(await nodeFiles('public'))`. Fails as realpath(3) does. */
export async function nodeFiles(root: string): Promise<FileSystem> {
  requireString('nodeFiles', 'root', root);
  const top = await realpath(root);
  return { open: (path) => openBelow(top === '/' ? '' : top, path) };
}

/** `top` is free of links, and empty for the root of the whole system. */
async function openBelow(top: string, path: string): Promise<OpenFile | null> {
  let handle: FileHandle;
  let real: string;
  try {
    real = await realpath(`${top}/${path}`);
    if (!isShown(top, real)) return null;
    handle = await open(real, FLAGS);
  } catch (error) {
    return nullIfAbsent(error);
  }
  let stats: Stats | null = null;
  try {
    if ((await readlink(ownPath(handle))) === real) stats = await handle.stat();
    if (stats?.isFile() || stats?.isDirectory()) return new NodeFile(top, handle, stats);
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return null;
}

function nullIfAbsent(error: unknown): null {
  if (ABSENT.has((error as { code: string }).code)) return null;
  throw error;
}

/** Whether a path without links is below `top`, with no dot at the beginning of a name from there on. */
function isShown(top: string, real: string): boolean {
  if (real !== top && !real.startsWith(`${top}/`)) return false;
  return !real.slice(top.length).includes('/.');
}

/** A link to what is open: it leads there whatever has become of the path. */
function ownPath(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`;
}

class NodeFile implements OpenFile {
  readonly isDirectory: boolean;
  readonly size: number;
  readonly mtimeMs: number;
  readonly #top: string;
  readonly #handle: FileHandle;

  constructor(top: string, handle: FileHandle, stats: Stats) {
    this.isDirectory = stats.isDirectory();
    this.size = stats.size;
    this.mtimeMs = stats.mtimeMs;
    this.#top = top;
    this.#handle = handle;
  }

  async read(buf: Uint8Array, offset: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(buf, 0, buf.length, offset);
    return bytesRead;
  }

  async entries(limit: number): Promise<FileEntry[]> {
    const entries: FileEntry[] = [];
    const folder = ownPath(this.#handle);
    for await (const { name } of await opendir(folder)) {
      if (entries.length === limit) break;
      const entry = name.startsWith('.') ? null : await this.#entry(folder, name);
      if (entry !== null) entries.push(entry);
    }
    return entries;
  }

  /** Null for what could not be opened either. */
  async #entry(folder: string, name: string): Promise<FileEntry | null> {
    const path = `${folder}/${name}`;
    try {
      if (!isShown(this.#top, await realpath(path))) return null;
      const stats = await statPath(path);
      const isDirectory = stats.isDirectory();
      if (!isDirectory && !stats.isFile()) return null;
      return { name, isDirectory, size: stats.size, mtimeMs: stats.mtimeMs };
    } catch {
      return null;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
