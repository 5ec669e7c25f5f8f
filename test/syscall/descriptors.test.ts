/** netfd/syscall on the real kernel: descriptors of any kind, files, and the bytes that go through them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_REMOVEDIR,
  close,
  dup,
  dup3,
  eventfd2,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_GETLK,
  F_SETFL,
  fcntl,
  FD_CLOEXEC,
  ioctl,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  open,
  openat,
  openat2,
  pipe2,
  pread,
  read,
  readv,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
  sendfile,
  splice,
  readlink,
  readlinkat,
  statx,
  unlink,
  unlinkat,
  write,
  writev,
  FIONREAD,
  FIONBIO,
  FIOCLEX,
  IFF_LOOPBACK,
  SIOCOUTQ,
  SIOCGIFFLAGS,
  SPLICE_F_NONBLOCK,
} from '../../src/syscall.ts';
import { closing, descriptors, failure, tcpPair, text, unixPair } from './sockets.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'netfd-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

/** An open file with ten digits in it. */
function digits(t: TestContext): number {
  const path = join(folder(t), 'digits');
  writeFileSync(path, '0123456789');
  return closing(t, open(path, O_RDONLY | O_CLOEXEC))[0];
}

suite('read and write', () => {
  test('bytes and text', (t) => {
    const [a, b] = unixPair(t);
    assert.equal(write(a, Uint8Array.of(1, 2, 3)), 3);
    assert.equal(write(a, 'é'), 2);
    const buf = new Uint8Array(8);
    assert.equal(read(b, buf.subarray(2, 4)), 2);
    assert.equal(read(b, buf, 1), 1);
    assert.deepEqual([...buf], [3, 0, 1, 2, 0, 0, 0, 0]);
    assert.equal(read(b, buf), 2);
    assert.equal(read(b, null), 0);
    close(a);
    assert.equal(read(b, buf), 0);
  });

  test('readv and writev: several buffers, text among them', (t) => {
    const [a, b] = unixPair(t);
    assert.equal(writev(a, ['ab', Uint8Array.of(99), '']), 3);
    const parts = [new Uint8Array(1), new Uint8Array(8)] as const;
    assert.equal(readv(b, parts), 3);
    assert.equal(text(parts[0]) + text(parts[1], 2), 'abc');
    const many = Array.from({ length: 1025 }, () => 'x');
    assert.throws(() => writev(a, many), failure('writev', 'EINVAL', { fd: a }));
  });

  test('a pipe that nobody reads is EPIPE, and kills nobody', (t) => {
    const [reader, writer] = closing(t, ...pipe2(O_CLOEXEC));
    close(reader);
    assert.throws(() => write(writer, 'x'), failure('write', 'EPIPE', { fd: writer }));
    assert.throws(() => writev(writer, ['x']), failure('writev', 'EPIPE', { fd: writer }));
  });
});

suite('sendfile', () => {
  test('from a place in the file, which comes back as where it ended', (t) => {
    const file = digits(t);
    const [a, b] = unixPair(t);
    assert.deepEqual(sendfile(a, file, 4, 3), { size: 3, offset: 7 });
    assert.deepEqual(sendfile(a, file, 9n, 100), { size: 1, offset: 10 });
    assert.deepEqual(sendfile(a, file, 10, 1), { size: 0, offset: 10 });
    assert.deepEqual(sendfile(a, file, null, 2), { size: 2, offset: null });
    const buf = new Uint8Array(16);
    assert.equal(text(buf, read(b, buf)), '456901');
  });

  test('a place before the file is the kernel’s to refuse', (t) => {
    const file = digits(t);
    const [a] = unixPair(t);
    const details = { out_fd: a, in_fd: file };
    assert.throws(() => sendfile(a, file, -1, 1), failure('sendfile', 'EINVAL', details));
    assert.throws(() => sendfile(a, file, 2n ** 63n, 1), {
      name: 'RangeError',
      message: 'sendfile: offset must be a 64-bit integer',
    });
  });
});

test('splice: through a pipe, from a file and to a socket', (t) => {
  const [reader, writer] = closing(t, ...pipe2(O_CLOEXEC | O_NONBLOCK));
  const [a, b] = unixPair(t);
  const file = digits(t);
  assert.deepEqual(splice(file, 2, writer, null, 5), { size: 5, off_in: 7, off_out: null });
  assert.deepEqual(splice(reader, null, a, null, 100), { size: 5, off_in: null, off_out: null });
  const buf = new Uint8Array(16);
  assert.equal(text(buf, read(b, buf)), '23456');
  const empty = (): object => splice(reader, null, a, null, 1, SPLICE_F_NONBLOCK);
  assert.throws(empty, failure('splice', 'EAGAIN', { fd_in: reader, fd_out: a }));
  assert.throws(() => splice(a, null, b, null, 1), failure('splice', 'EINVAL'));
  assert.throws(() => splice(a, null, writer, 0, 1), failure('splice', 'ESPIPE'));
});

suite('descriptors', () => {
  test('dup shares the file, not FD_CLOEXEC', (t) => {
    const [counter] = closing(t, eventfd2(3, O_CLOEXEC | O_NONBLOCK));
    const [copy] = closing(t, dup(counter));
    assert.deepEqual([fcntl(counter, F_GETFD), fcntl(copy, F_GETFD)], [FD_CLOEXEC, 0]);
    assert.equal(dup3(counter, copy, O_CLOEXEC), copy);
    assert.equal(fcntl(copy, F_GETFD), FD_CLOEXEC);
    const value = new Uint8Array(8);
    assert.equal(read(copy, value), 8);
    assert.deepEqual([...value], [3, 0, 0, 0, 0, 0, 0, 0]);
    assert.throws(() => dup3(copy, copy), failure('dup3', 'EINVAL', { fd: copy, newfd: copy }));
    assert.throws(() => read(counter, value), failure('read', 'EAGAIN', { timeout: true }));
  });

  test('fcntl gives what the command gives', (t) => {
    const [a] = unixPair(t);
    const flags = fcntl(a, F_GETFL);
    assert.equal(fcntl(a, F_SETFL, flags | O_NONBLOCK), 0);
    assert.equal(fcntl(a, F_GETFL), flags | O_NONBLOCK);
    const [high] = closing(t, fcntl(a, F_DUPFD_CLOEXEC, 500));
    assert.ok(high >= 500);
    assert.throws(() => fcntl(a, F_GETLK), { name: 'RangeError', message: /^fcntl: cmd/ });
  });

  test('close, and what is done with a closed one', (t) => {
    const [a, b] = unixPair(t);
    close(a);
    assert.throws(() => close(a), { ...failure('close', 'EBADF', { fd: a, errno: -9 }) });
    assert.throws(() => write(a, 'x'), failure('write', 'EBADF', { fd: a }));
    assert.equal(read(b, new Uint8Array(1)), 0);
  });

  test('ioctl: an int out, an int in, none, and a struct', (t) => {
    const [a, b] = tcpPair(t);
    write(a, 'hello');
    assert.equal(ioctl(b, FIONREAD), 5);
    assert.equal(ioctl(b, SIOCOUTQ), 0);
    assert.equal(ioctl(b, FIONBIO, 1), 0);
    assert.equal(fcntl(b, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    const [copy] = closing(t, dup(b));
    assert.equal(ioctl(copy, FIOCLEX), 0);
    assert.equal(fcntl(copy, F_GETFD), FD_CLOEXEC);
    const ifreq = new Uint8Array(40);
    ifreq.set([0x6c, 0x6f]); // "lo"
    assert.equal(ioctl(a, SIOCGIFFLAGS, ifreq), 0);
    assert.equal(ifreq[16]! & IFF_LOOPBACK, IFF_LOOPBACK);
    const count = new Uint8Array(4);
    assert.equal(ioctl(b, FIONREAD, count), 0);
    assert.equal(count[0], 5);
  });
});

suite('files', () => {
  test('open, openat, statx, unlink', (t) => {
    const path = folder(t);
    const [dir] = closing(t, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    const [file] = closing(t, openat(dir, 'fïle', flags, 0o600));
    write(file, 'some text');
    const { mode, size } = statx(dir, 'fïle');
    assert.deepEqual([mode & S_IFMT, mode & 0o777, size], [S_IFREG, 0o600, 9]);
    assert.equal(statx(file, '', AT_EMPTY_PATH).size, 9);
    const again = failure('openat', 'EEXIST', { dirfd: dir, path: 'fïle', flags });
    assert.throws(() => openat(dir, 'fïle', flags, 0o600), again);
    unlink(join(path, 'fïle'));
    const gone = { path: join(path, 'fïle') };
    assert.throws(() => unlink(gone.path), failure('unlink', 'ENOENT', gone));
    assert.throws(() => open(gone.path, O_RDONLY), failure('open', 'ENOENT', gone));
    assert.throws(() => statx(dir, 'fïle'), failure('statx', 'ENOENT', { path: 'fïle' }));
    assert.throws(() => unlinkat(AT_FDCWD, '/proc/self', AT_REMOVEDIR), { syscall: 'unlinkat' });
  });

  test('readlink, readlinkat', (t) => {
    const path = folder(t);
    const [dir] = closing(t, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const held = `wo auch ïmmer/${'x'.repeat(300)}`;
    symlinkSync(held, join(path, 'link'));
    assert.equal(readlink(join(path, 'link')), held);
    assert.equal(readlinkat(dir, 'link'), held);
    assert.equal(readlink(`/proc/self/fd/${dir}`), path);
    assert.throws(() => readlink(path), failure('readlink', 'EINVAL', { path }));
    const gone = failure('readlinkat', 'ENOENT', { dirfd: dir, path: 'no' });
    assert.throws(() => readlinkat(dir, 'no'), gone);
  });

  test('openat2: not by a link, not out of the directory', (t) => {
    const path = folder(t);
    const [dir] = closing(t, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const flags = O_RDWR | O_CREAT | O_CLOEXEC;
    const resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    const [file] = closing(t, openat2(dir, 'a', { flags, mode: 0o600, resolve }));
    assert.equal(statx(file, '', AT_EMPTY_PATH).mode & 0o777, 0o600);
    symlinkSync('a', join(path, 'link'));
    const how = { flags: O_RDONLY | O_CLOEXEC, resolve };
    const looped = failure('openat2', 'ELOOP', { dirfd: dir, path: 'link', ...how });
    assert.throws(() => openat2(dir, 'link', how), looped);
    closing(t, openat2(dir, 'link', { flags: O_RDONLY | O_CLOEXEC }));
    assert.throws(() => openat2(dir, '../a', how), { code: 'EXDEV' });
    assert.throws(() => openat2(dir, 'a', { flags: -1 }), {
      name: 'RangeError',
      message: 'openat2: how.flags must be an integer in 0..4294967295',
    });
  });

  test('pread: from any offset, and the own one stays', (t) => {
    const path = join(folder(t), 'a');
    writeFileSync(path, 'some text');
    const [file] = closing(t, open(path, O_RDONLY | O_CLOEXEC));
    const buf = new Uint8Array(4);
    assert.equal(pread(file, buf, 4, 5), 4);
    assert.equal(text(buf), 'text');
    assert.equal(pread(file, buf, 4, 9), 0);
    assert.equal(read(file, buf), 4);
    assert.equal(text(buf), 'some');
    assert.throws(() => pread(-1, buf, 4, 0), { syscall: 'pread', code: 'EBADF' });
  });

  test('a socket is one', (t) => {
    const [a] = unixPair(t);
    assert.equal(statx(a, '', AT_EMPTY_PATH).mode & S_IFMT, S_IFSOCK);
  });

  test('a path that is too long, and one that is none', () => {
    const before = descriptors();
    const long = 'x'.repeat(5000);
    assert.throws(() => open(long, O_RDONLY), failure('open', 'ENAMETOOLONG', { path: long }));
    for (const path of ['a\0b', 5, null, undefined, new Uint8Array(3)]) {
      assert.throws(() => open(path as string, O_RDONLY), {
        name: 'TypeError',
        message: 'open: path must be a string without a NUL character',
      });
    }
    assert.equal(descriptors(), before);
  });
});
