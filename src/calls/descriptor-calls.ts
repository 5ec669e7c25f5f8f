/**
 * Calls on descriptors of any kind, and those that open and name files: close(2), dup(2), fcntl(2),
 * ioctl(2), pipe2(2), eventfd(2), open(2), unlink(2), readlink(2), statx(2). The beginning of {@link Calls}.
 */
import type { Kernel } from '../kernel/kernel.ts';
import { AT_FDCWD, encodeOpenHow } from '../syscall/fcntl.ts';
import {
  FIOASYNC,
  FIOGETOWN,
  FIONBIO,
  FIONREAD,
  FIOSETOWN,
  SIOCATMARK,
  SIOCGPGRP,
  SIOCOUTQ,
  SIOCOUTQNSD,
  SIOCSPGRP,
} from '../syscall/ioctl.ts';
import { decodeStatx, SIZEOF_STATX, type Statx, STATX_BASIC_STATS } from '../syscall/stat.ts';
import {
  TUNGETFEATURES,
  TUNGETSNDBUF,
  TUNGETVNETHDRSZ,
  TUNSETSNDBUF,
  TUNSETVNETHDRSZ,
} from '../syscall/tun.ts';
import { integer, pathOf, word } from './arguments.ts';
import { checked } from './failure.ts';

/** struct open_how of openat2(2). */
export interface OpenHow {
  /** As those of open(2). */
  readonly flags: number;
  /** What O_CREAT and O_TMPFILE give a new file. It must be 0, the default, without them. */
  readonly mode?: number;
  /** The sum of what is refused: RESOLVE_*. */
  readonly resolve?: number;
}

/** A link holds less: <linux/limits.h>. */
const PATH_MAX = 4096;

/** Requests of ioctl(2) that give an int. */
const INT_OUT: ReadonlySet<number> = new Set([
  FIONREAD,
  FIOGETOWN,
  SIOCATMARK,
  SIOCGPGRP,
  SIOCOUTQ,
  SIOCOUTQNSD,
  TUNGETFEATURES,
  TUNGETSNDBUF,
  TUNGETVNETHDRSZ,
]);

/** Requests of ioctl(2) that take a pointer to an int. */
const INT_IN: ReadonlySet<number> = new Set([
  FIOASYNC,
  FIONBIO,
  FIOSETOWN,
  SIOCSPGRP,
  TUNSETSNDBUF,
  TUNSETVNETHDRSZ,
]);

export class DescriptorCalls {
  /** What the calls are made on: Linux, or whatever else implements it. */
  readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** close(2). Whatever it throws but EBADF, the descriptor is gone: never close it a second time. */
  close(fd: number): void {
    checked('close', this.kernel.close(fd), { fd });
  }

  /** dup(2): a second descriptor of the same open file, without FD_CLOEXEC. Yours to close. */
  dup(oldfd: number): number {
    return checked('dup', this.kernel.dup(oldfd), { fd: oldfd });
  }

  /** dup3(2): makes `newfd` that descriptor and closes what it was, silently. `flags`: O_CLOEXEC. */
  dup3(oldfd: number, newfd: number, flags: number = 0): number {
    return checked('dup3', this.kernel.dup3(oldfd, newfd, flags), { fd: oldfd, newfd });
  }

  /**
   * fcntl(2): F_GETFL, F_SETFL, F_DUPFD_CLOEXEC and all other commands whose argument is a number. Gives
   * what the command gives. RangeError for commands that take a struct, which are those of locks.
   */
  fcntl(fd: number, cmd: number, arg: number = 0): number {
    return checked('fcntl', this.kernel.fcntl(fd, cmd, arg), { fd, cmd, arg });
  }

  /**
   * ioctl(2). `ioctl(fd, FIONREAD)` gives the int that the request asks for, `ioctl(fd, FIONBIO, 1)` sets
   * one. A struct is a buffer of the caller, read and written by the kernel; what is given then is the
   * call's own result. RangeError for a request that is not known, or whose struct holds addresses.
   */
  ioctl(fd: number, request: number, arg?: number | Uint8Array): number {
    const asks = arg === undefined && INT_OUT.has(request >>> 0);
    const takes = typeof arg === 'number' && INT_IN.has(request >>> 0);
    const int = new Int32Array(1);
    if (takes) int[0] = word('ioctl', 'arg', arg);
    const passed = asks || takes ? new Uint8Array(int.buffer) : (arg ?? 0);
    const result = checked('ioctl', this.kernel.ioctl(fd, request, passed), { fd, request });
    return asks ? int[0]! : result;
  }

  /** pipe2(2): [the end to read from, the end to write to]. `flags`: O_CLOEXEC, O_NONBLOCK, O_DIRECT. */
  pipe2(flags: number = 0): [number, number] {
    const ends = new Int32Array(2);
    checked('pipe2', this.kernel.pipe2(ends, flags), { flags });
    return [ends[0]!, ends[1]!];
  }

  /** eventfd2(2), C's eventfd: a descriptor of a 64-bit counter. `flags`: EFD_CLOEXEC, EFD_NONBLOCK, …. */
  eventfd2(initval: number = 0, flags: number = 0): number {
    return checked('eventfd2', this.kernel.eventfd2(initval, flags), { initval, flags });
  }

  /** open(2): {@link openat} from the working directory. */
  open(path: string, flags: number, mode: number = 0): number {
    const bytes = pathOf('open', path);
    const fd = this.kernel.openat(AT_FDCWD, bytes, flags, mode);
    return checked('open', fd, { path, flags });
  }

  /**
   * openat(2): a descriptor of the file `path`, which begins at the directory `dirfd` unless it begins
   * with "/". `mode` is what O_CREAT and O_TMPFILE give a new file, less the umask.
   */
  openat(dirfd: number, path: string, flags: number, mode: number = 0): number {
    const fd = this.kernel.openat(dirfd, pathOf('openat', path), flags, mode);
    return checked('openat', fd, { dirfd, path, flags });
  }

  /**
   * openat2(2): {@link openat} that refuses what `how.resolve` names, such as every link on the way
   * (RESOLVE_NO_SYMLINKS: ELOOP) or what is not below `dirfd` (RESOLVE_BENEATH: EXDEV). Linux 5.6.
   */
  openat2(dirfd: number, path: string, how: OpenHow): number {
    const { flags, mode = 0, resolve = 0 } = how ?? {};
    for (const [name, value] of Object.entries({ flags, mode, resolve })) {
      integer('openat2', `how.${name}`, value, 0, 0xffffffff);
    }
    const bytes = encodeOpenHow(flags, mode, resolve);
    const fd = this.kernel.openat2(dirfd, pathOf('openat2', path), bytes, bytes.length);
    return checked('openat2', fd, { dirfd, path, flags, resolve });
  }

  /** unlink(2): removes a name, of a file or of a unix socket. */
  unlink(path: string): void {
    const result = this.kernel.unlinkat(AT_FDCWD, pathOf('unlink', path), 0);
    checked('unlink', result, { path });
  }

  /** unlinkat(2): {@link unlink} from the directory `dirfd`. `flags`: AT_REMOVEDIR. */
  unlinkat(dirfd: number, path: string, flags: number = 0): void {
    const result = this.kernel.unlinkat(dirfd, pathOf('unlinkat', path), flags);
    checked('unlinkat', result, { dirfd, path, flags });
  }

  /** readlink(2): what the link `path` holds. */
  readlink(path: string): string {
    return this.#link('readlink', AT_FDCWD, pathOf('readlink', path), { path });
  }

  /**
   * readlinkat(2): {@link readlink} from the directory `dirfd`. With an empty path, of the descriptor
   * `dirfd` itself, which was opened with O_PATH and O_NOFOLLOW.
   */
  readlinkat(dirfd: number, path: string): string {
    return this.#link('readlinkat', dirfd, pathOf('readlinkat', path), { dirfd, path });
  }

  #link(
    call: string,
    dirfd: number,
    path: Uint8Array,
    details: Readonly<Record<string, unknown>>,
  ): string {
    const buf = new Uint8Array(PATH_MAX);
    const length = checked(call, this.kernel.readlinkat(dirfd, path, buf, PATH_MAX), details);
    return new TextDecoder().decode(buf.subarray(0, length));
  }

  /**
   * statx(2): what kind of file it is, its owner, length and times. With AT_EMPTY_PATH in `flags` and an
   * empty path, of the descriptor `dirfd` itself. `mask` says what is asked for; the rest may be 0.
   */
  statx(dirfd: number, path: string, flags: number = 0, mask: number = STATX_BASIC_STATS): Statx {
    const buf = new Uint8Array(SIZEOF_STATX);
    const result = this.kernel.statx(dirfd, pathOf('statx', path), flags, mask, buf);
    checked('statx', result, { dirfd, path, flags });
    return decodeStatx(buf);
  }
}
