/**
 * What the file server asks of a place with files. An interface only: http makes no system calls, so
 * whoever joins it to a machine brings the files along; a test brings a few in memory.
 *
 * A path is names joined by "/", "" for the root. None of the names is empty, "." or "..", begins with
 * a dot or has a NUL in it: the file server sees to that. That a link leads nowhere outside of the root
 * is for the implementation to see to.
 */

export interface FileSystem {
  /**
   * Opens the file or directory at `path`; null if there is none, or none that may be shown. Fails with
   * a `code` of EACCES or EPERM if it may not be read, and otherwise in any way.
   */
  open(path: string): Promise<OpenFile | null>;
}

/** A file or directory as it was when it was opened. */
export interface OpenFile {
  readonly isDirectory: boolean;
  /** In bytes. */
  readonly size: number;
  /** Of the last modification: milliseconds since 1970. */
  readonly mtimeMs: number;
  /** Reads at most `buf.length` bytes from `offset` on: how many; 0 at the end of the file. */
  read(buf: Uint8Array, offset: number): Promise<number>;
  /** What is in a directory and may be shown, in any order, at most `limit` of it. */
  entries(limit: number): Promise<FileEntry[]>;
  /** Once, whatever happened before. */
  close(): Promise<void>;
}

export interface FileEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  /** In bytes. */
  readonly size: number;
  /** Of the last modification: milliseconds since 1970. */
  readonly mtimeMs: number;
}
