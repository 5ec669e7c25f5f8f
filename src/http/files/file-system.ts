/**
 * What the file server asks of a place with files. An interface only: http makes no system calls, so
 * whoever joins it to a machine brings the files along; a test brings a few in memory. What can be had at
 * once is given at once, and what takes its time as a promise.
 *
 * A path is names joined by "/", "" for the root. None of the names is empty, "." or "..", has a slash or a
 * NUL in it, or begins with a dot where that is not shown: the file server sees to that. That a link leads
 * nowhere outside of the root is for the implementation to see to.
 */
import type { DotFiles } from './dot-files.ts';

/** A place with files, as {@link fileServer} asks for them; nodeFiles makes one of a directory. */
export interface FileSystem {
  /**
   * Opens the file or directory at `path`; null if there is none, or none that may be shown. Fails with
   * a `code` of EACCES or EPERM if it may not be read, and otherwise in any way. `dotFiles` (default false)
   * says which names with a dot at the beginning a link may lead to, and a directory lists.
   */
  open(path: string, dotFiles?: DotFiles): OpenFile | null | Promise<OpenFile | null>;
}

/** Something to be sent, of which any part can be read. */
export interface Content {
  /** In bytes. */
  readonly size: number;
  /** Reads at most `buf.length` bytes from `offset` on: how many; 0 at the end. */
  read(buf: Uint8Array, offset: number): number | Promise<number>;
}

/** A file or directory as it was when it was opened. A DiskFile is one, and goes by sendfile. */
export interface OpenFile extends Content {
  readonly isDirectory: boolean;
  /** Of the last modification: milliseconds since 1970. */
  readonly mtimeMs: number;
  /** What is in it and may be shown, in any order, at most `limit` of it. There if it is a directory. */
  entries?(limit: number): FileEntry[] | Promise<FileEntry[]>;
  /** Once, whatever happened before. */
  close(): void | Promise<void>;
}

/** What a directory has in it, as a listing shows it. */
export interface FileEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  /** In bytes. */
  readonly size: number;
  /** Of the last modification: milliseconds since 1970. */
  readonly mtimeMs: number;
}
