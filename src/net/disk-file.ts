/**
 * A file or directory of this machine, open for reading: what a server sends by sendfile(2). Opened, looked
 * at, read and closed by plain calls of the Kernel, which wait for the disk if they have to
 * (docs/decisions/010-files.md).
 *
 * Whoever opened it closes it; whoever is still sending it holds it. The descriptor is closed when nobody
 * has it any more:
 *
 *   openDisk ──► 1 ──hold──► 2 ──release, close──► 0: close(2)
 *
 * What a path may lead to is for the caller to say. After Go's os.File; openat2(2), statx(2), pread(2).
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { System } from '../kernel/system.ts';
import { cString } from '../syscall/c-string.ts';
import { EINTR, ELOOP, ENAMETOOLONG, ENOENT, ENOSYS, ENOTDIR, ENXIO } from '../syscall/errno.ts';
import { EBADF, EISDIR, EPERM } from '../syscall/errno.ts';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  encodeOpenHow,
  O_CLOEXEC,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  RESOLVE_NO_SYMLINKS,
} from '../syscall/fcntl.ts';
import {
  S_IFDIR,
  S_IFMT,
  S_IFREG,
  SIZEOF_STATX,
  STATX_INO,
  STATX_MTIME,
  STATX_SIZE,
  STATX_TYPE,
  STATX_WORDS,
} from '../syscall/stat.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { requireString } from './arguments.ts';

/** Which links are followed: all, none at the end of the path, none on the whole way. */
export type Links = 'all' | 'not the last' | 'none';

/**
 * What came of opening: the file; `absent` if there is nothing, or nothing that has bytes or entries;
 * `link` if there was one that is not to be followed; `unsupported` if this system cannot tell.
 */
export type Opened = DiskFile | 'absent' | 'link' | 'unsupported';

/** O_NONBLOCK: a named pipe without a writer would make us wait. It means nothing for files. */
const FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
const WITHOUT_LINKS = encodeOpenHow(FLAGS, 0, RESOLVE_NO_SYMLINKS);

const MASK = STATX_TYPE | STATX_SIZE | STATX_MTIME | STATX_INO;

/** What statx fills, used by all: read at once. */
const statxBytes = new Uint8Array(SIZEOF_STATX);
const statxWords = new Uint32Array(statxBytes.buffer);
const noPath = new Uint8Array(1);

const ABSENT: ReadonlySet<number> = new Set([-ENOENT, -ENOTDIR, -ENAMETOOLONG, -ENXIO]);

/** Opens what is at `path`, which ends in a NUL byte. SyscallError for what is not {@link Opened}. */
export function openDisk({ kernel }: System, path: Uint8Array, links: Links): Opened {
  let fd: number;
  do fd = openOnce(kernel, path, links);
  while (fd === -EINTR);
  if (fd >= 0) return lookAt(kernel, fd);
  if (fd === -ELOOP) return links === 'all' ? 'absent' : 'link';
  if (ABSENT.has(fd)) return 'absent';
  // Containers that do not know the call say EPERM, which it says of nothing that is asked here.
  if (links === 'none' && (fd === -ENOSYS || fd === -EPERM)) return 'unsupported';
  throw new SyscallError(links === 'none' ? 'openat2' : 'openat', fd);
}

/**
 * Opens the regular file at `path`, at once, wherever links lead: for sendfile, and for http's sendFile and
 * serveContent. SyscallError, EISDIR of a directory, and ENXIO of what is no file at all.
 */
export function openFile({ kernel }: System, path: string): DiskFile {
  requireString('openFile', 'path', path);
  let fd: number;
  do fd = kernel.openat(AT_FDCWD, cString(path), FLAGS, 0);
  while (fd === -EINTR);
  if (fd < 0) throw new SyscallError('openat', fd, { path });
  const file = lookAt(kernel, fd);
  if (typeof file === 'string') throw new SyscallError('openat', -ENXIO, { path });
  if (!file.isDirectory) return file;
  file.close();
  throw new SyscallError('openat', -EISDIR, { path });
}

function openOnce(kernel: Kernel, path: Uint8Array, links: Links): number {
  if (links === 'none') return kernel.openat2(AT_FDCWD, path, WITHOUT_LINKS, WITHOUT_LINKS.length);
  return kernel.openat(AT_FDCWD, path, links === 'all' ? FLAGS : FLAGS | O_NOFOLLOW, 0);
}

function lookAt(kernel: Kernel, fd: number): Opened {
  const result = kernel.statx(fd, noPath, AT_EMPTY_PATH, MASK, statxBytes);
  if (result < 0) {
    kernel.close(fd);
    throw new SyscallError('statx', result);
  }
  const kind = statxWords[STATX_WORDS.mode]! & S_IFMT;
  if (kind === S_IFREG || kind === S_IFDIR) return new DiskFile(kernel, fd, kind === S_IFDIR);
  kernel.close(fd);
  return 'absent';
}

export class DiskFile {
  readonly isDirectory: boolean;
  /** In bytes, when it was opened. */
  readonly size: number;
  /** Of the last modification, when it was opened: milliseconds since 1970, with a fraction. */
  readonly mtimeMs: number;
  /** The number of its inode, exact up to 2**53. */
  readonly ino: number;
  readonly #kernel: Kernel;
  #fd: number;
  #holders = 1;
  #closed = false;

  /** For {@link openDisk}: of `fd`, of which the shared struct statx tells. */
  constructor(kernel: Kernel, fd: number, isDirectory: boolean) {
    const words = statxWords;
    const seconds = long(words[STATX_WORDS.mtime]!, words[STATX_WORDS.mtime + 1]! | 0);
    this.#kernel = kernel;
    this.#fd = fd;
    this.isDirectory = isDirectory;
    this.size = long(words[STATX_WORDS.size]!, words[STATX_WORDS.size + 1]!);
    this.ino = long(words[STATX_WORDS.ino]!, words[STATX_WORDS.ino + 1]!);
    this.mtimeMs = seconds * 1000 + words[STATX_WORDS.mtimeNanoseconds]! / 1e6;
  }

  /** The descriptor; -1 once it is closed. */
  get fd(): number {
    return this.#fd;
  }

  /** Reads at most `buf.length` bytes from `offset` on: how many; 0 at the end. SyscallError. */
  read(buf: Uint8Array, offset: number): number {
    if (this.#fd < 0) throw new SyscallError('pread64', -EBADF);
    for (;;) {
      const count = this.#kernel.pread64(this.#fd, buf, buf.length, offset);
      if (count >= 0) return count;
      if (count !== -EINTR) throw new SyscallError('pread64', count);
    }
  }

  /** Keeps it open until {@link DiskFile.release}, whatever its owner does. */
  hold(): void {
    this.#holders++;
  }

  /** The end of a {@link DiskFile.hold}. */
  release(): void {
    if (--this.#holders > 0 || this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    this.#kernel.close(fd);
  }

  /** The owner's end: the descriptor is closed once nobody sends from it. More than once is harmless. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function long(low: number, high: number): number {
  return high * 0x1_0000_0000 + low;
}
