/**
 * What a descriptor is, as strace(1) prints it behind its number: with -y where it leads, "</etc/hosts>",
 * "<socket:[123]>", "<pipe:[1]>"; with -yy also the ends of a socket and the numbers of a device,
 * "<TCP:[127.0.0.1:80->127.0.0.1:5000]>", "</dev/null<char 1:3>>".
 *
 * The kernel around which the trace is is asked, at the moment of printing. A file whose name is gone has "(deleted)"
 * behind it. Without /proc nothing is printed.
 */
import type { Kernel } from '../kernel/kernel.ts';
import { cString } from '../syscall/c-string.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from '../syscall/fcntl.ts';
import { S_IFBLK, S_IFCHR, S_IFMT, SIZEOF_STATX, STATX_BASIC_STATS } from '../syscall/stat.ts';
import { quotedLink } from './quoted.ts';
import { SocketText } from './socket-text.ts';
import type { TraceSettings } from './settings.ts';

/** As much as strace reads of a link. */
const PATH_MAX = 4096;

const encoder = new TextEncoder();
const DELETED = encoder.encode(' (deleted)');
const SOCKET = 'socket:[';

/** In a struct statx: <linux/stat.h>. */
const MODE = 28;
const INODE = 32;
const RDEV_MAJOR = 128;
const RDEV_MINOR = 132;
const DEV_MAJOR = 136;
const DEV_MINOR = 140;

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  const at = bytes.length - end.length;
  return at > 0 && end.every((byte, i) => bytes[at + i] === byte);
}

/** The inode in "socket:[123]"; null if it is anything else. */
function socketInode(link: Uint8Array): bigint | null {
  const text = String.fromCharCode(...link.subarray(0, 40));
  const digits = text.startsWith(SOCKET) ? /^\d+/.exec(text.slice(SOCKET.length)) : null;
  return digits === null ? null : BigInt(digits[0]);
}

function device(stat: DataView): string {
  const kind = stat.getUint16(MODE, true) & S_IFMT;
  if (kind !== S_IFCHR && kind !== S_IFBLK) return '';
  const numbers = `${stat.getUint32(RDEV_MAJOR, true)}:${stat.getUint32(RDEV_MINOR, true)}`;
  return `<${kind === S_IFCHR ? 'char' : 'block'} ${numbers}>`;
}

function sameFile(a: DataView, b: DataView): boolean {
  return (
    a.getBigUint64(INODE, true) === b.getBigUint64(INODE, true) &&
    a.getUint32(DEV_MAJOR, true) === b.getUint32(DEV_MAJOR, true) &&
    a.getUint32(DEV_MINOR, true) === b.getUint32(DEV_MINOR, true)
  );
}

export class DescriptorText {
  readonly #kernel: Kernel;
  readonly #sockets: SocketText | null;
  readonly #hex: TraceSettings['hex'];
  readonly #link: Uint8Array = new Uint8Array(PATH_MAX);

  constructor(kernel: Kernel, { descriptors, hex }: Pick<TraceSettings, 'descriptors' | 'hex'>) {
    this.#kernel = kernel;
    this.#hex = hex;
    this.#sockets = descriptors === 'all' ? new SocketText(kernel, hex) : null;
  }

  /** "<…>", or nothing if there is no such descriptor. AT_FDCWD is the working directory. */
  of(fd: number): string {
    if (fd < 0 && fd !== AT_FDCWD) return '';
    const name = fd === AT_FDCWD ? 'cwd' : `fd/${fd}`;
    const path = cString(`/proc/self/${name}`);
    const length = this.#kernel.readlinkat(AT_FDCWD, path, this.#link, PATH_MAX);
    if (length <= 0) return '';
    const link = this.#link.slice(0, length);
    const inode = this.#sockets === null ? null : socketInode(link);
    const socket = inode === null ? null : this.#sockets!.of(fd, inode);
    return socket === null ? this.#file(fd, link) : `<${socket}>`;
  }

  #file(fd: number, link: Uint8Array): string {
    const isDeleted = endsWith(link, DELETED) && !this.#isNamed(fd, link);
    const path = isDeleted ? link.subarray(0, link.length - DELETED.length) : link;
    const text = quotedLink(path, this.#hex);
    const isPath = path[0] === 0x2f && this.#sockets !== null;
    const stat = isPath ? this.#stat(fd, cString(''), AT_EMPTY_PATH) : null;
    return `<${text}${stat === null ? '' : device(stat)}>${isDeleted ? '(deleted)' : ''}`;
  }

  /** That a file is named like this, with the word that the kernel puts behind the names of those that are gone. */
  #isNamed(fd: number, link: Uint8Array): boolean {
    const path = new Uint8Array(link.length + 1);
    path.set(link);
    const named = this.#stat(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
    const open = named === null ? null : this.#stat(fd, cString(''), AT_EMPTY_PATH);
    return named !== null && open !== null && sameFile(named, open);
  }

  #stat(fd: number, path: Uint8Array, flags: number): DataView | null {
    const buf = new Uint8Array(SIZEOF_STATX);
    const result = this.#kernel.statx(fd, path, flags, STATX_BASIC_STATS, buf);
    return result < 0 ? null : new DataView(buf.buffer);
  }
}
