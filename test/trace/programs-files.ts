/** Golden programs: files, their flags and modes, struct open_how, struct statx, offsets. */
import { cString } from '../../src/syscall/c-string.ts';
import * as fcntl from '../../src/syscall/fcntl.ts';
import {
  AT_FDCWD,
  O_CREAT,
  O_DIRECTORY,
  O_PATH,
  O_RDWR,
  O_TMPFILE,
  encodeOpenHow,
} from '../../src/syscall/fcntl.ts';
import { SIZEOF_STATX, STATX_ALL } from '../../src/syscall/stat.ts';
import type { Program, Subject } from './program.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const ROOT = cString('/');
const NOWHERE = cString('/nowhere/at/all');

/** A file without a name that holds `text`. */
function unnamed({ kernel }: Subject, text: string): number {
  const file = kernel.openat(AT_FDCWD, cString('/tmp'), O_TMPFILE | O_RDWR, 0o600);
  const content = bytes(text);
  kernel.write(file, content, content.length);
  return file;
}

function offset(value: bigint): Uint8Array {
  return new Uint8Array(BigInt64Array.of(value).buffer);
}

export const files: Readonly<Record<string, Program>> = {
  'open flags, each alone and all together'({ kernel }) {
    for (let bit = 0; bit < 32; bit += 1) kernel.openat(-5, NOWHERE, (1 << bit) | 0, 0o644);
    for (let access = 0; access < 4; access += 1) kernel.openat(-5, NOWHERE, access, 0);
    const together = [
      -1,
      O_CREAT | fcntl.O_EXCL | fcntl.O_CLOEXEC | fcntl.O_WRONLY,
      fcntl.O_DSYNC | fcntl.O_SYNC,
      O_DIRECTORY | fcntl.O_NOFOLLOW,
      O_TMPFILE,
      O_TMPFILE & ~O_DIRECTORY,
      O_TMPFILE | fcntl.O_EXCL | O_RDWR,
      O_PATH | fcntl.O_LARGEFILE | 0x4000_0000,
      0x4000_0000 | 3,
      0x8,
    ];
    for (const flags of together) kernel.openat(-5, NOWHERE, flags, 0o17777);
  },

  'open flags, two at a time'({ kernel }) {
    for (let bit = 6; bit < 24; bit += 1) {
      for (let other = bit + 1; other < 24; other += 1) {
        kernel.openat(-5, NOWHERE, (1 << bit) | (1 << other), 0o644);
      }
    }
  },

  'modes of files that are made'({ kernel }) {
    for (const mode of [0, 1, 7, 0o10, 0o644, 0o1777, 0o7777, 0o100644, -1, 0x7fff_ffff]) {
      kernel.openat(AT_FDCWD, NOWHERE, O_CREAT, mode);
    }
    const made = cString('/tmp/netfd-trace-made');
    kernel.close(kernel.openat(AT_FDCWD, made, O_CREAT | fcntl.O_WRONLY, 0o600));
    kernel.openat(AT_FDCWD, made, O_CREAT | fcntl.O_EXCL, 0o600);
    kernel.openat(AT_FDCWD, made, O_DIRECTORY, 0);
    kernel.unlinkat(AT_FDCWD, made, 0);
  },

  'paths of any bytes, of any length'({ kernel }) {
    const paths = [
      '',
      'relative',
      '/a"b\\c\n\t\r\v\f\u00071\u00078x\u001b',
      '/münchen/日本',
      `/${'long'.repeat(60)}`,
      `/${'d/'.repeat(2040)}`,
      `/${'d/'.repeat(2047)}`,
      `/${'d/'.repeat(2046)}\u0001`,
      `/${'d/'.repeat(2047)}x`,
      `/${'d/'.repeat(2100)}`,
    ];
    for (const path of paths) kernel.openat(AT_FDCWD, cString(path), 0, 0);
    kernel.openat(AT_FDCWD, Uint8Array.of(0x2f, 0xff, 0x80, 0x31, 0), 0, 0);
    kernel.unlinkat(AT_FDCWD, Uint8Array.of(0x2f, 1, 0, 0x31, 0), 0);
  },

  'directories and flags of unlinkat'({ kernel }) {
    for (const directory of [AT_FDCWD, -1, 0, 4096, -101, -0x8000_0000]) {
      kernel.unlinkat(directory, cString('nowhere/x'), 0);
    }
    for (const flags of [0x200, 0x300, 1, 0x201, -1, 0x7fff_f000, 0x800, 0xffff]) {
      kernel.unlinkat(AT_FDCWD, NOWHERE, flags);
    }
    for (let bit = 0; bit < 32; bit += 1) kernel.unlinkat(AT_FDCWD, NOWHERE, 1 << bit);
  },

  'openat2 and struct open_how'({ kernel }) {
    const size = fcntl.SIZEOF_OPEN_HOW;
    const hows = [
      encodeOpenHow(0, 0, 0),
      encodeOpenHow(fcntl.O_CLOEXEC, 0, fcntl.RESOLVE_BENEATH),
      encodeOpenHow(O_CREAT | O_RDWR, 0o644, 0x3f),
      encodeOpenHow(O_CREAT, 0, 0x40),
      encodeOpenHow(O_DIRECTORY, 0o7, 0x41),
      encodeOpenHow(O_TMPFILE, 0o700, fcntl.RESOLVE_IN_ROOT | fcntl.RESOLVE_CACHED),
      encodeOpenHow(0x4000_0000, 0o700, 0xffff_ffff),
    ];
    for (const how of hows) kernel.openat2(AT_FDCWD, NOWHERE, how, size);
    const wide = encodeOpenHow(0, 0, 0);
    for (const at of [4, 12, 20]) wide[at] = 1;
    kernel.openat2(AT_FDCWD, NOWHERE, wide, size);
    wide.fill(0xff);
    kernel.openat2(AT_FDCWD, NOWHERE, wide, size);
    for (const length of [0, 8, 16, 23]) kernel.openat2(AT_FDCWD, NOWHERE, wide, length);
    const long = new Uint8Array(48);
    for (const length of [24, 25, 32, 48]) kernel.openat2(AT_FDCWD, NOWHERE, long, length);
    long[30] = 1;
    long[47] = 9;
    for (const length of [24, 25, 31, 32, 48]) kernel.openat2(AT_FDCWD, NOWHERE, long, length);
    for (const length of [56, 57, 100, 4096, 4097, 5000]) {
      kernel.openat2(AT_FDCWD, NOWHERE, new Uint8Array(length), length);
      const filled = new Uint8Array(length).fill(0x41, 24);
      kernel.openat2(AT_FDCWD, NOWHERE, filled, length);
    }
    const root = kernel.openat2(AT_FDCWD, ROOT, encodeOpenHow(O_PATH, 0, 0), size);
    kernel.openat2(root, cString('tmp'), encodeOpenHow(O_PATH, 0, 0), size);
    kernel.close(root + 1);
    kernel.close(root);
  },

  'statx of files of each kind'(subject) {
    const { kernel } = subject;
    const empty = cString('');
    const buf = new Uint8Array(SIZEOF_STATX);
    for (const path of ['/', '/dev/null', '/tmp', '/proc/self', '/bin/sh', '/bin/su', '/nowhere']) {
      kernel.statx(AT_FDCWD, cString(path), fcntl.AT_SYMLINK_NOFOLLOW, STATX_ALL, buf);
    }
    kernel.statx(AT_FDCWD, cString('/dev/tty'), 0, 0x7ff, buf);
    const file = unnamed(subject, 'x'.repeat(5000));
    for (const mask of [0, 1, 2, 3, 0x200, 0x7ff, 0x800, 0x1000, 0x2000, 0xfff, 0x3fff, -1]) {
      kernel.statx(file, empty, fcntl.AT_EMPTY_PATH, mask, buf);
    }
    for (let bit = 0; bit < 32; bit += 1) {
      kernel.statx(file, empty, fcntl.AT_EMPTY_PATH, 1 << bit, buf);
    }
    kernel.close(file);
    const pipe = new Int32Array(2);
    kernel.pipe2(pipe, 0);
    kernel.statx(pipe[0]!, empty, fcntl.AT_EMPTY_PATH, 0xfff, buf);
    kernel.close(pipe[0]!);
    kernel.close(pipe[1]!);
    const socket = kernel.socket(1, 1, 0);
    kernel.statx(socket, empty, fcntl.AT_EMPTY_PATH, 0xfff, buf);
    kernel.close(socket);
    const event = kernel.eventfd2(0, 0);
    kernel.statx(event, empty, fcntl.AT_EMPTY_PATH, 0xfff, buf);
    kernel.close(event);
  },

  'flags of statx'({ kernel }) {
    const buf = new Uint8Array(SIZEOF_STATX);
    for (const flags of [0x2000, 0x4000, 0x6000, 0x2100, 0x4900, -1, 0x1a00, 0x8100, 0x6001]) {
      kernel.statx(-7, NOWHERE, flags, 0, buf);
    }
    for (let bit = 0; bit < 32; bit += 1) kernel.statx(-7, NOWHERE, 1 << bit, 0x7ff, buf);
  },

  'pread64 at any offset'(subject) {
    const { kernel } = subject;
    const file = unnamed(subject, 'The quick brown fox jumps over the lazy dog.\n');
    const buf = new Uint8Array(100);
    kernel.pread64(file, buf, 100, 4);
    kernel.pread64(file, buf, 5, 40);
    kernel.pread64(file, buf, 100, 45);
    kernel.pread64(file, buf, 0, 2 ** 40);
    kernel.pread64(file, buf, 1, 2 ** 53 - 1);
    kernel.pread64(-1, buf, 32, 0);
    kernel.pread64(file, buf, 32, 0);
    kernel.pread64(file, buf, 33, 0);
    kernel.close(file);
  },

  'readlinkat: what links hold'({ kernel }) {
    const buf = new Uint8Array(300);
    const self = kernel.openat(AT_FDCWD, cString('/proc/self'), fcntl.O_DIRECTORY, 0);
    kernel.readlinkat(self, cString('ns/user'), buf, 4);
    kernel.readlinkat(self, cString('ns/user'), buf, 300);
    kernel.readlinkat(self, cString('exe'), buf, 300);
    kernel.readlinkat(AT_FDCWD, cString('/etc/hostname'), buf, 300);
    kernel.readlinkat(AT_FDCWD, cString('/etc/nobody'), buf, 5);
    kernel.readlinkat(self, cString(''), buf, 5);
    kernel.readlinkat(self, cString('exe'), buf, 0);
    kernel.readlinkat(-5, cString('exe'), buf, 32);
    kernel.close(self);
  },

  'sendfile and splice, with offsets and without'(subject) {
    const { kernel } = subject;
    const file = unnamed(subject, 'y'.repeat(100));
    const pipe = new Int32Array(2);
    kernel.pipe2(pipe, fcntl.O_NONBLOCK);
    const [from, to] = [pipe[0]!, pipe[1]!];
    kernel.sendfile(to, file, offset(0n), 10);
    kernel.sendfile(to, file, offset(95n), 10);
    kernel.sendfile(to, file, offset(100n), 10);
    kernel.sendfile(to, file, offset(3n), 0);
    kernel.sendfile(to, file, null, 10);
    kernel.sendfile(to, file, offset(-1n), 10);
    kernel.sendfile(to, file, offset(2n ** 62n), 10);
    kernel.sendfile(-1, file, offset(0n), 10);
    kernel.sendfile(to, file, offset(0n), 2 ** 40);
    kernel.splice(file, offset(7n), to, null, 20, 0);
    kernel.splice(from, null, file, offset(5n), 20, 1);
    kernel.splice(from, null, file, null, 20, 0xf);
    kernel.splice(from, offset(1n), file, null, 20, 0x10);
    kernel.splice(from, null, file, offset(-9n), 20, 0x1f);
    kernel.splice(-1, offset(6n), -2, offset(-6n), 0, 0x80);
    kernel.splice(-1, offset(6n), -2, offset(-6n), 8, -1);
    kernel.splice(file, offset(100n), to, null, 20, 2);
    kernel.splice(file, null, to, null, 20, 6);
    for (const fd of [file, from, to]) kernel.close(fd);
  },
};
