/**
 * The vocabulary of statx(2): kinds of file, permission bits, the mask, and the struct it fills.
 *
 * The permission bits of S_I* serve open(2) too. Source: <linux/stat.h>, inode(7).
 */

// The kind of a file, in the bits S_IFMT of its mode: <linux/stat.h>.
export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o60000;
export const S_IFDIR = 0o40000;
export const S_IFCHR = 0o20000;
export const S_IFIFO = 0o10000;

// Permissions: <linux/stat.h>.
export const S_ISUID = 0o4000;
export const S_ISGID = 0o2000;
export const S_ISVTX = 0o1000;
export const S_IRWXU = 0o700;
export const S_IRUSR = 0o400;
export const S_IWUSR = 0o200;
export const S_IXUSR = 0o100;
export const S_IRWXG = 0o70;
export const S_IRGRP = 0o40;
export const S_IWGRP = 0o20;
export const S_IXGRP = 0o10;
export const S_IRWXO = 0o7;
export const S_IROTH = 0o4;
export const S_IWOTH = 0o2;
export const S_IXOTH = 0o1;

// What statx(2) is asked for: <linux/stat.h>.
export const STATX_TYPE = 0x1;
export const STATX_MODE = 0x2;
export const STATX_NLINK = 0x4;
export const STATX_UID = 0x8;
export const STATX_GID = 0x10;
export const STATX_ATIME = 0x20;
export const STATX_MTIME = 0x40;
export const STATX_CTIME = 0x80;
export const STATX_INO = 0x100;
/** The mask bit for a file's length. Not the length of the struct: that is {@link SIZEOF_STATX}. */
export const STATX_SIZE = 0x200;
export const STATX_BLOCKS = 0x400;
export const STATX_BASIC_STATS = 0x7ff;
export const STATX_BTIME = 0x800;
export const STATX_MNT_ID = 0x1000;
export const STATX_DIOALIGN = 0x2000;
export const STATX_ALL = 0xfff;

// What a file is beside its kind, stx_attributes: <linux/stat.h>.
export const STATX_ATTR_COMPRESSED = 0x4;
export const STATX_ATTR_IMMUTABLE = 0x10;
export const STATX_ATTR_APPEND = 0x20;
export const STATX_ATTR_NODUMP = 0x40;
export const STATX_ATTR_ENCRYPTED = 0x800;
export const STATX_ATTR_AUTOMOUNT = 0x1000;
export const STATX_ATTR_MOUNT_ROOT = 0x2000;
export const STATX_ATTR_VERITY = 0x100000;
export const STATX_ATTR_DAX = 0x200000;

/** The length of struct statx: <linux/stat.h>. */
export const SIZEOF_STATX = 256;

/** Where members of a struct statx begin, in words of 32 bits; the first word has the low half. */
export const STATX_WORDS = {
  /** In the lower 16 bits. */
  mode: 7,
  ino: 8,
  size: 10,
  mtime: 28,
  mtimeNanoseconds: 30,
} as const;

/** The fields of struct statx that are used here. */
export interface Statx {
  /** Kind and permissions. */
  readonly mode: number;
  /** Length in bytes; exact up to 2**53. */
  readonly size: number;
  /** Last modification: milliseconds since 1970, with a fraction. */
  readonly mtimeMs: number;
  readonly uid: number;
  readonly gid: number;
  readonly ino: bigint;
  readonly nlink: number;
}

/** Decodes a struct statx. RangeError if `buf` is shorter than {@link SIZEOF_STATX}. */
export function decodeStatx(buf: Uint8Array): Statx {
  if (buf.length < SIZEOF_STATX) {
    throw new RangeError(`decodeStatx: buf has ${buf.length} bytes, struct statx ${SIZEOF_STATX}`);
  }
  const view = new DataView(buf.buffer, buf.byteOffset, SIZEOF_STATX);
  return {
    nlink: view.getUint32(16, true),
    uid: view.getUint32(20, true),
    gid: view.getUint32(24, true),
    mode: view.getUint16(28, true),
    ino: view.getBigUint64(32, true),
    size: Number(view.getBigUint64(40, true)),
    mtimeMs: Number(view.getBigInt64(112, true)) * 1000 + view.getUint32(120, true) / 1e6,
  };
}
