/** Sockets as files, and what is made of files: file(), fileConn, fileListener. Go's calls are in test/strace. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { suite, test } from 'node:test';
import {
  dial,
  ErrClosed,
  fileConn,
  fileListener,
  linux,
  listen,
  OpError,
  type SocketFile,
  Stack,
  type TCPConn,
  TCPListener,
  type UnixConn,
} from '../../src/index.ts';
import { EMFILE, ENOSPC } from '../../src/syscall/errno.ts';
import {
  F_GETFD,
  F_GETFL,
  F_SETFL,
  FD_CLOEXEC,
  O_CLOEXEC,
  O_NONBLOCK,
} from '../../src/syscall/fcntl.ts';
import { EPOLL_CTL_ADD } from '../../src/syscall/epoll.ts';
import { AF_NETLINK, SOCK_RAW } from '../../src/syscall/socket.ts';
import { abstractName, socketCreators, unixPath } from './creators.ts';
import { noIPv6, openDescriptors } from './machine.ts';
import { Program } from './programs/program.ts';
import { failure, thrown } from './settling.ts';
import { readFull, readToEnd, roundTrip, withPair } from './traffic.ts';
import { real, wrapped } from './wrapped-system.ts';

const { kernel } = linux;

for (const creator of socketCreators(new Stack(linux))) {
  const skip = creator.name === 'tcp6' && noIPv6;
  suite(`files: ${creator.name}`, { skip }, () => {
    test('a connection on a copy is as good as the first', async () => {
      await withPair(creator, async (one, other) => {
        const conn = one as TCPConn;
        const file = conn.file();
        assert.equal(
          file.name,
          `${conn.network}:${String(conn.localAddr)}->${String(conn.remoteAddr)}`,
        );
        assert.notEqual(file.fd, conn.fd.sysfd);
        assert.equal(kernel.fcntl(file.fd, F_GETFD, 0), FD_CLOEXEC);
        await using copy = fileConn(file);
        assert.equal(String(copy.localAddr), String(conn.localAddr));
        assert.equal(String(copy.remoteAddr), String(conn.remoteAddr));
        assert.equal(copy.constructor.name, conn.constructor.name);
        file.close();
        conn.close();
        await roundTrip(copy, other);
        copy.close();
        assert.equal((await readToEnd(other)).length, 0);
      });
    });

    test('a listener on a copy accepts when the first is closed', async () => {
      const listener = (await creator.listen!()) as TCPListener;
      const name = creator.name === 'unix' ? String(listener.addr) : null;
      using file = listener.file();
      assert.equal(file.name, `${listener.network}:${String(listener.addr)}->`);
      const copy = fileListener(file.fd);
      assert.equal(String(copy.addr), String(listener.addr));
      // The one that has made a socket's file removes it; the copies never do.
      if (name !== null) assert.ok('setUnlinkOnClose' in listener && existsSync(name));
      const dialling = creator.dial(listener);
      const [conn, peer] = await Promise.all([copy.accept(), dialling]);
      await roundTrip(conn, peer);
      copy.close();
      if (name !== null) assert.ok(existsSync(name));
      listener.close();
      if (name !== null) assert.ok(!existsSync(name));
      conn.close();
      peer.close();
    });
  });
}

test('unixpacket: a copy keeps the borders of messages', async () => {
  const listener = await listen('unixpacket', abstractName());
  const file = listener.file();
  listener.close();
  await using copy = fileListener(file);
  file.close();
  assert.equal(copy.network, 'unixpacket');
  const [peer, conn] = await Promise.all([
    dial('unixpacket', String(copy.addr)) as Promise<UnixConn>,
    copy.accept(),
  ]);
  using connFile = conn.file();
  await using second = fileConn(connFile);
  assert.equal(second.network, 'unixpacket');
  await peer.write('one');
  await peer.write('two');
  const buf = new Uint8Array(16);
  assert.equal(await second.read(buf), 3);
  assert.equal(await conn.read(buf), 3);
  for (const each of [peer, conn]) each.close();
});

test('what was made blocking elsewhere does not block', async () => {
  await using listener = await listen('tcp', '127.0.0.1:0');
  using file = listener.file();
  const flags = kernel.fcntl(file.fd, F_GETFL, 0);
  kernel.fcntl(file.fd, F_SETFL, flags & ~O_NONBLOCK);
  await using copy = fileListener({ fd: file.fd });
  assert.equal(kernel.fcntl(file.fd, F_GETFL, 0), flags);
  assert.equal((copy as TCPListener).tryAccept(), undefined);
});

suite('the file itself', () => {
  async function withFile(use: (file: SocketFile, listener: TCPListener) => void): Promise<void> {
    await using listener = await listen('tcp', '127.0.0.1:0');
    use(listener.file(), listener);
  }

  test('is closed once', () =>
    withFile((file) => {
      const { fd } = file;
      assert.ok(!file.closed);
      file.close();
      assert.ok(file.closed && file.fd === -1);
      assert.ok(kernel.fcntl(fd, F_GETFD, 0) < 0);
      const error = thrown(() => file.close());
      assert.ok(error instanceof OpError && error.cause === ErrClosed);
      assert.equal(error.message, `close file+net ${file.name}: ${ErrClosed.message}`);
      file[Symbol.dispose]();
    }));

  test('can be given away', () =>
    withFile((file) => {
      const fd = file.detach();
      assert.ok(file.closed);
      assert.equal(thrown(() => file.detach()).cause, ErrClosed);
      assert.equal(kernel.close(fd), 0);
    }));
});

suite('what cannot be', () => {
  const ends = new Int32Array(2);

  /** Gives `use` a new descriptor, and closes it; no other is left. */
  async function leavesNothing(fd: number, use: () => unknown): Promise<void> {
    assert.ok(fd >= 0);
    const before = openDescriptors();
    await use();
    assert.equal(openDescriptors(), before);
    assert.equal(kernel.close(fd), 0);
  }

  const refused: Readonly<Record<string, [make: () => number, cause: string]>> = {
    'a socket of another family': [
      () => kernel.socket(AF_NETLINK, SOCK_RAW | O_CLOEXEC, 0),
      'protocol not supported',
    ],
    'no socket': [
      () => {
        assert.equal(kernel.pipe2(ends, O_CLOEXEC), 0);
        kernel.close(ends[1]!);
        return ends[0]!;
      },
      'getsockopt: socket operation on non-socket',
    ],
  };

  for (const [what, [make, cause]] of Object.entries(refused)) {
    test(what, async () => {
      const fd = make();
      await leavesNothing(fd, () => {
        for (const from of [fileConn, fileListener]) {
          const error = thrown(() => from(fd));
          assert.equal(error.message, `file file+net fd ${fd}: ${cause}`);
        }
      });
    });
  }

  test('no descriptor', () => {
    const error = thrown(() => fileConn(2 ** 31 - 1));
    assert.equal(error.message, 'file file+net fd 2147483647: fcntl: bad file descriptor');
    assert.equal(error.code, 'EBADF');
    for (const value of [null, undefined, 'three', 1.5, NaN, -2, 2 ** 31, {}, { fd: '3' }]) {
      const mistake = thrown(() => fileListener(value as never));
      assert.ok(mistake instanceof TypeError);
      assert.match(mistake.message, /^fileListener: file must be a descriptor or an object/);
    }
  });

  test('a poller that refuses, or no descriptor to be had: nothing is left behind', async () => {
    await using listener = await listen('tcp', '127.0.0.1:0');
    const file = listener.file();
    let fail = false;
    const stack = new Stack(
      wrapped({
        epoll_ctl: (epfd, op, fd, event) =>
          fail && op === EPOLL_CTL_ADD ? -ENOSPC : real.epoll_ctl(epfd, op, fd, event),
        fcntl: (fd, command, argument) =>
          command === F_SETFL ? -EMFILE : real.fcntl(fd, command, argument),
      }),
    );
    stack.fileListener(file).close(); // opens the poller
    fail = true;
    const fd = file.detach();
    await leavesNothing(fd, () => {
      assert.equal((thrown(() => stack.fileListener(fd)) as OpError).code, 'ENOSPC');
      assert.equal((thrown(() => stack.fileConn(fd)) as OpError).code, 'ENOSPC');
      real.fcntl(fd, F_SETFL, real.fcntl(fd, F_GETFL, 0) & ~O_NONBLOCK);
      const error = thrown(() => stack.fileListener(fd)) as OpError;
      assert.equal(error.syscall, 'fcntl');
      real.fcntl(fd, F_SETFL, real.fcntl(fd, F_GETFL, 0) | O_NONBLOCK);
    });
  });

  test('a connection that does not listen: the first accept says so', async () => {
    await using listener = await listen('unix', unixPath());
    await using conn = await dial('unix', String(listener.addr));
    using file = conn.file();
    await using copy = fileListener(file);
    assert.equal((await failure(copy.accept())).code, 'EINVAL');
  });
});

test('a child gets a listening socket through stdio, and accepts', async () => {
  const listener = await listen('tcp', '127.0.0.1:0');
  const file = listener.file();
  // Its number is not 3, so that it is the place in stdio that counts.
  assert.ok(file.fd > 3);
  const program = new Program('passed', ['fd', '3'], { descriptors: [file.fd] });
  file.close();
  listener.close();
  const told = await program.next<{ addr: string; nonBlocking: boolean }>();
  assert.deepEqual(told, { addr: String(listener.addr), nonBlocking: true });
  await using conn = await dial('tcp', told.addr);
  assert.equal((await readFull(conn, 12)).toString(), 'from a child');
  assert.equal((await program.ended).status, 0);
});
