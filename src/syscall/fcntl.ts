/**
 * The vocabulary of open(2) and fcntl(2): commands, descriptor flags, file flags, flags of the *at
 * calls.
 *
 * Data only, and the kernel's values rather than the C library's: glibc says O_LARGEFILE is 0 where
 * every file is large. The values are those of x86-64; arm64 swaps four of the O_ flags, marked
 * below. Source: <asm-generic/fcntl.h>, <linux/fcntl.h>.
 */

// Commands of fcntl(2): <asm-generic/fcntl.h>.
export const F_DUPFD = 0;
export const F_GETFD = 1;
export const F_SETFD = 2;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const F_GETLK = 5;
export const F_SETLK = 6;
export const F_SETLKW = 7;
export const F_SETOWN = 8;
export const F_GETOWN = 9;
export const F_SETSIG = 10;
export const F_GETSIG = 11;
export const F_SETOWN_EX = 15;
export const F_GETOWN_EX = 16;
export const F_OFD_GETLK = 36;
export const F_OFD_SETLK = 37;
export const F_OFD_SETLKW = 38;

// Commands of fcntl(2) that only Linux has: <linux/fcntl.h>.
export const F_SETLEASE = 1024;
export const F_GETLEASE = 1025;
export const F_NOTIFY = 1026;
export const F_CANCELLK = 1029;
export const F_DUPFD_CLOEXEC = 1030;
export const F_SETPIPE_SZ = 1031;
export const F_GETPIPE_SZ = 1032;
export const F_ADD_SEALS = 1033;
export const F_GET_SEALS = 1034;

// The one descriptor flag, of F_GETFD and F_SETFD: <asm-generic/fcntl.h>.
export const FD_CLOEXEC = 1;

// Kinds of lock, for struct flock: <asm-generic/fcntl.h>.
export const F_RDLCK = 0;
export const F_WRLCK = 1;
export const F_UNLCK = 2;
export const F_EXLCK = 4;
export const F_SHLCK = 8;

// Seals of F_ADD_SEALS: <linux/fcntl.h>.
export const F_SEAL_SEAL = 0x1;
export const F_SEAL_SHRINK = 0x2;
export const F_SEAL_GROW = 0x4;
export const F_SEAL_WRITE = 0x8;
export const F_SEAL_FUTURE_WRITE = 0x10;

// What F_NOTIFY tells of a directory: <linux/fcntl.h>.
export const DN_ACCESS = 0x1;
export const DN_MODIFY = 0x2;
export const DN_CREATE = 0x4;
export const DN_DELETE = 0x8;
export const DN_RENAME = 0x10;
export const DN_ATTRIB = 0x20;
export const DN_MULTISHOT = 0x80000000;

// Flags of open(2): <asm-generic/fcntl.h>.
export const O_RDONLY = 0o0;
export const O_WRONLY = 0o1;
export const O_RDWR = 0o2;
export const O_ACCMODE = 0o3;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NOCTTY = 0o400;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
export const O_NDELAY = 0o4000;
export const O_DSYNC = 0o10000;
export const O_ASYNC = 0o20000;
export const O_NOATIME = 0o1000000;
export const O_CLOEXEC = 0o2000000;
export const O_SYNC = 0o4010000;
export const O_PATH = 0o10000000;
export const O_TMPFILE = 0o20200000;

// Flags of open(2) that arm64 numbers differently (O_DIRECTORY 0o40000, O_NOFOLLOW 0o100000,
// O_DIRECT 0o200000, O_LARGEFILE 0o400000; O_TMPFILE contains O_DIRECTORY): <asm-generic/fcntl.h>.
export const O_DIRECT = 0o40000;
export const O_LARGEFILE = 0o100000;
export const O_DIRECTORY = 0o200000;
export const O_NOFOLLOW = 0o400000;

// The directory argument that means the working directory: <linux/fcntl.h>.
export const AT_FDCWD = -100;

// What openat2(2) does not go through on its way, `resolve` of struct open_how: <linux/openat2.h>.
export const RESOLVE_NO_XDEV = 0x1;
export const RESOLVE_NO_MAGICLINKS = 0x2;
export const RESOLVE_NO_SYMLINKS = 0x4;
export const RESOLVE_BENEATH = 0x8;
export const RESOLVE_IN_ROOT = 0x10;
export const RESOLVE_CACHED = 0x20;

/** The length of struct open_how: `flags`, `mode` and `resolve`, of 64 bits each. */
export const SIZEOF_OPEN_HOW = 24;

/** A struct open_how. `flags` as of open(2), `mode` for a file that is made, `resolve`: RESOLVE_*. */
export function encodeOpenHow(flags: number, mode: number, resolve: number): Uint8Array {
  const words = Uint32Array.of(flags, 0, mode, 0, resolve, 0);
  return new Uint8Array(words.buffer);
}

// Flags of openat(2)'s relatives: <linux/fcntl.h>.
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_EACCESS = 0x200;
export const AT_REMOVEDIR = 0x200;
export const AT_SYMLINK_FOLLOW = 0x400;
export const AT_NO_AUTOMOUNT = 0x800;
export const AT_EMPTY_PATH = 0x1000;
export const AT_STATX_SYNC_TYPE = 0x6000;
export const AT_STATX_SYNC_AS_STAT = 0x0;
export const AT_STATX_FORCE_SYNC = 0x2000;
export const AT_STATX_DONT_SYNC = 0x4000;
export const AT_RECURSIVE = 0x8000;
