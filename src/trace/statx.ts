/**
 * statx(2) as strace(1) prints it: flags, mask, and the beginning of struct statx, which it abbreviates
 * unless it is told to be verbose.
 */
import * as fcntl from '../syscall/fcntl.ts';
import * as stat from '../syscall/stat.ts';
import { SIZEOF_STATX } from '../syscall/stat.ts';
import { flagsOf, moreFlagsOf, type Names, namesOf } from './names.ts';
import { modeText } from './open-flags.ts';
import type { Column } from './signature.ts';
import { wideFlagsOf } from './wide-names.ts';

/** Of unlinkat and statx. */
export const AT_FLAGS: Names = namesOf(fcntl, 'AT_???', [
  'AT_SYMLINK_NOFOLLOW',
  'AT_REMOVEDIR',
  'AT_SYMLINK_FOLLOW',
  'AT_NO_AUTOMOUNT',
  'AT_EMPTY_PATH',
  'AT_RECURSIVE',
]);

const SYNC: Names = namesOf(fcntl, 'AT_STATX_???', [
  'AT_STATX_SYNC_AS_STAT',
  'AT_STATX_FORCE_SYNC',
  'AT_STATX_DONT_SYNC',
]);

const MASK: Names = namesOf(stat, 'STATX_???', [
  'STATX_ALL',
  'STATX_BASIC_STATS',
  'STATX_TYPE',
  'STATX_MODE',
  'STATX_NLINK',
  'STATX_UID',
  'STATX_GID',
  'STATX_ATIME',
  'STATX_MTIME',
  'STATX_CTIME',
  'STATX_INO',
  'STATX_SIZE',
  'STATX_BLOCKS',
  'STATX_BTIME',
  'STATX_MNT_ID',
  'STATX_DIOALIGN',
]);

const ATTRIBUTES: Names = namesOf(stat, 'STATX_ATTR_???', [
  'STATX_ATTR_COMPRESSED',
  'STATX_ATTR_IMMUTABLE',
  'STATX_ATTR_APPEND',
  'STATX_ATTR_NODUMP',
  'STATX_ATTR_ENCRYPTED',
  'STATX_ATTR_AUTOMOUNT',
  'STATX_ATTR_MOUNT_ROOT',
  'STATX_ATTR_VERITY',
  'STATX_ATTR_DAX',
]);

const KINDS: Names = namesOf(stat, 'S_IF???', [
  'S_IFSOCK',
  'S_IFLNK',
  'S_IFREG',
  'S_IFBLK',
  'S_IFDIR',
  'S_IFCHR',
  'S_IFIFO',
]);

const SPECIAL: Names = namesOf(stat, '', ['S_ISUID', 'S_ISGID', 'S_ISVTX']);

/** "S_IFDIR|S_ISVTX|0777". */
function fileMode(mode: number): string {
  const kind = mode & stat.S_IFMT;
  const known = KINDS.rows.find(([value]) => value === kind)?.[1];
  if (kind !== 0 && known === undefined) return modeText(mode);
  const special = mode & 0o7000;
  const parts = known === undefined ? [] : [known];
  if (special !== 0) parts.push(flagsOf(special, SPECIAL));
  return [...parts, modeText(mode & 0o777)].join('|');
}

/** How much it may cost comes first, then the flags. */
export const statxFlags: Column<number> = {
  print(value) {
    const sync = flagsOf(value & fcntl.AT_STATX_SYNC_TYPE, SYNC);
    const rest = value & ~fcntl.AT_STATX_SYNC_TYPE;
    return rest === 0 ? sync : `${sync}|${moreFlagsOf(rest, AT_FLAGS)}`;
  },
};

export const statxMask: Column<number> = { print: (value) => flagsOf(value, MASK) };

export const statxBuffer: Column<Uint8Array> = {
  print(value, call, style) {
    if (call.result < 0 || value.length < SIZEOF_STATX) return style.addresses.of(value);
    const view = new DataView(value.buffer, value.byteOffset, SIZEOF_STATX);
    const parts = [
      `stx_mask=${flagsOf(view.getUint32(0, true), MASK)}`,
      `stx_attributes=${wideFlagsOf(view.getBigUint64(8, true), ATTRIBUTES)}`,
      `stx_mode=${fileMode(view.getUint16(28, true))}`,
      `stx_size=${view.getBigUint64(40, true)}`,
    ];
    return `{${parts.join(', ')}, ...}`;
  },
};
