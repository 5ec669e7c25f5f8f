/**
 * Calls that fail for no reason of the program's: interrupted, aborted, cut short, out of descriptors.
 * Except for the last they are brought about by a Kernel in front of the kernel.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { dial, listen, Stack } from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import {
  EAGAIN,
  ECONNABORTED,
  EINTR,
  EMFILE,
  ENFILE,
  ENOMEM,
  ENOSPC,
} from '../../src/syscall/errno.ts';
import { EPOLL_CTL_ADD } from '../../src/syscall/epoll.ts';
import { abstractName } from './creators.ts';
import { openDescriptors } from './machine.ts';
import { Program } from './programs/program.ts';
import { failure, stillWaiting } from './settling.ts';
import { RandomBytes, readFull, readToEnd, roundTrip } from './traffic.ts';
import { Instead, real, wrapped } from './wrapped-system.ts';

suite('calls that are made again', () => {
  test('accept4: interrupted, and connections that are gone already', async () => {
    const faults = new Instead(-EINTR, -ECONNABORTED, -ECONNABORTED, -EINTR);
    const accept4: Kernel['accept4'] = (...args) => faults.or(() => real.accept4(...args));
    const listener = await new Stack(wrapped({ accept4 })).listen('tcp', '127.0.0.1:0');
    const [client, server] = await Promise.all([
      dial('tcp', String(listener.addr)),
      listener.accept(),
    ]);
    assert.ok(faults.usedUp);
    await roundTrip(client, server);
    for (const conn of [client, server, listener]) conn.close();
  });

  test('read and write: interrupted, before and after waiting', async () => {
    const reads = new Instead(-EINTR, -EINTR, -EAGAIN, -EINTR);
    const writes = new Instead(-EINTR, -EINTR, -EINTR);
    const stack = new Stack(
      wrapped({
        read: (...args) => reads.or(() => real.read(...args)),
        write: (...args) => writes.or(() => real.write(...args)),
      }),
    );
    const listener = await listen('unix', abstractName());
    const [client, server] = await Promise.all([
      stack.dial('unix', String(listener.addr)),
      listener.accept(),
    ]);
    listener.close();
    const reading = readFull(client, 5);
    assert.ok(await stillWaiting(reading));
    await server.write('hello');
    assert.equal((await reading).toString(), 'hello');
    assert.equal(await client.write('back'), 4);
    assert.ok(reads.usedUp && writes.usedUp);
    assert.equal((await readFull(server, 4)).toString(), 'back');
    client.close();
    server.close();
  });

  test('tryRead and tryWrite are interrupted and do not show it', async () => {
    const reads = new Instead(-EINTR);
    const writes = new Instead(-EINTR);
    const stack = new Stack(
      wrapped({
        read: (...args) => reads.or(() => real.read(...args)),
        write: (...args) => writes.or(() => real.write(...args)),
      }),
    );
    const listener = await stack.listen('unix', abstractName());
    const [client, server] = await Promise.all([
      stack.dial('unix', String(listener.addr)),
      listener.accept(),
    ]);
    listener.close();
    assert.equal(client.tryWrite(Buffer.from('abc')), 3);
    await server.readable();
    assert.equal(server.tryRead(new Uint8Array(8)), 3);
    assert.ok(reads.usedUp && writes.usedUp);
    client.close();
    server.close();
  });

  test('write: whatever it takes a time, all is written', async () => {
    const random = new RandomBytes(5);
    const sizes = random.fill(new Uint8Array(1000));
    let calls = 0;
    const write: Kernel['write'] = (fd, buf, count, offset) =>
      real.write(fd, buf, Math.min(count, 1 + sizes[calls++ % sizes.length]!), offset);
    const listener = await listen('tcp', '127.0.0.1:0');
    const [client, server] = await Promise.all([
      new Stack(wrapped({ write })).dial('tcp', String(listener.addr)),
      listener.accept(),
    ]);
    listener.close();
    const sent = random.fill(new Uint8Array(200_000));
    const writing = client.write(sent).then(() => client.close());
    assert.ok((await readToEnd(server)).equals(sent));
    await writing;
    assert.ok(calls >= 200_000 / 256);
    server.close();
  });
});

suite('calls that fail', () => {
  test('accept4: the error is told, and the connection is accepted the next time', async () => {
    for (const [errno, code, temporary] of [
      [EMFILE, 'EMFILE', true],
      [ENFILE, 'ENFILE', true],
      [ENOMEM, 'ENOMEM', false],
    ] as const) {
      const faults = new Instead(-errno, -errno);
      const accept4: Kernel['accept4'] = (...args) => faults.or(() => real.accept4(...args));
      const listener = await new Stack(wrapped({ accept4 })).listen('tcp', '127.0.0.1:0');
      const client = await dial('tcp', String(listener.addr));
      for (let i = 0; i < 2; i++) {
        const error = await failure(listener.accept());
        assert.equal(error.code, code);
        assert.equal(error.syscall, 'accept4');
        assert.equal((error as { temporary?: boolean }).temporary, temporary);
      }
      const server = await listener.accept();
      await roundTrip(client, server);
      for (const conn of [client, server, listener]) conn.close();
    }
  });

  test('epoll_ctl: neither a dialled nor a listening descriptor is left', async () => {
    let fail = false;
    const epollCtl: Kernel['epoll_ctl'] = (epfd, op, fd, event) =>
      fail && op === EPOLL_CTL_ADD ? -ENOSPC : real.epoll_ctl(epfd, op, fd, event);
    const stack = new Stack(wrapped({ epoll_ctl: epollCtl }));
    const listener = await stack.listen('tcp', '127.0.0.1:0');
    const address = String(listener.addr);
    const before = openDescriptors();
    fail = true;
    for (const [operation, message] of [
      [stack.dial('tcp', address), `dial tcp ${address}: epoll_ctl: no space left on device`],
      [
        stack.listen('tcp', '127.0.0.1:0'),
        'listen tcp 127.0.0.1:0: epoll_ctl: no space left on device',
      ],
    ] as const) {
      assert.equal((await failure(operation)).message, message);
    }
    assert.equal(openDescriptors(), before);
    listener.close();
  });

  test('every call on the way to a listener: the socket is closed and the call is named', async () => {
    for (const call of ['socket', 'setsockopt', 'bind', 'listen', 'epoll_create1'] as const) {
      const stack = new Stack(wrapped({ [call]: () => -ENOMEM }));
      const before = openDescriptors();
      const error = await failure(stack.listen('tcp4', '127.0.0.1:0'));
      assert.equal(error.message, `listen tcp4 127.0.0.1:0: ${call}: cannot allocate memory`);
      assert.equal(openDescriptors(), before);
    }
  });
});

test('out of descriptors: accept says so, and has the connection once one is free', async () => {
  const program = new Program('descriptor-limit', [], { before: 'ulimit -n 256' });
  const address = await program.next<string>();
  const client = await dial('tcp', address);
  program.tell('connected');
  const failed = { code: 'EMFILE', temporary: true, timeout: false };
  for (let i = 0; i < 2; i++) {
    assert.deepEqual(await program.next(), {
      ...failed,
      message: `accept tcp ${address}: accept4: too many open files`,
      syscall: 'accept4',
    });
  }
  for (const what of ['dial tcp 127.0.0.1:1', 'listen tcp 127.0.0.1:0']) {
    const message = `${what}: socket: too many open files`;
    assert.deepEqual(await program.next(), { ...failed, message, syscall: 'socket' });
  }
  assert.equal(await program.next(), String(client.localAddr));
  assert.equal((await readToEnd(client)).toString(), 'accepted at last');
  client.close();
  const { status, stderr } = await program.ended;
  assert.equal(status, 0, stderr);
});
