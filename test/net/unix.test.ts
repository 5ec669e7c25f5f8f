/** Unix sockets: their files, their names, and the messages of unixpacket. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { dial, listen, Stack, UnixAddr, type UnixConn } from '../../src/index.ts';
import { abstractName, unixPath } from './creators.ts';
import { openDescriptors } from './machine.ts';
import { failure, stillWaiting } from './settling.ts';
import { roundTrip } from './traffic.ts';
import { real, wrapped } from './wrapped-system.ts';

suite('socket files', () => {
  for (const network of ['unix', 'unixpacket'] as const) {
    test(`${network}: closing removes the file, first of all`, async () => {
      const path = unixPath();
      const calls: string[] = [];
      const stack = new Stack(
        wrapped({
          unlinkat(dirfd, name, flags) {
            calls.push(`unlinkat ${Buffer.from(name).toString()}`);
            return real.unlinkat(dirfd, name, flags);
          },
          close(fd) {
            calls.push('close');
            return real.close(fd);
          },
        }),
      );
      const listener = await stack.listen(network, path);
      assert.ok(existsSync(path));
      calls.length = 0;
      listener.close();
      assert.deepEqual(calls, [`unlinkat ${path}\0`, 'close']);
      assert.ok(!existsSync(path));
    });
  }

  test('setUnlinkOnClose(false) leaves it, and it is in the way of the next one', async () => {
    const path = unixPath();
    const first = await listen('unix', path);
    first.setUnlinkOnClose(false);
    first.close();
    assert.ok(existsSync(path));
    const before = openDescriptors();
    const error = await failure(listen('unix', path));
    assert.equal(error.code, 'EADDRINUSE');
    assert.equal(error.message, `listen unix ${path}: bind: address already in use`);
    assert.ok(existsSync(path), 'what failed to listen does not remove what is not its own');
    assert.equal(openDescriptors(), before);
    real.unlinkat(-100, Buffer.from(`${path}\0`), 0);
    const again = await listen('unix', path);
    again.close();
  });

  test('a second listener on a path in use does not remove it', async () => {
    await using listener = await listen('unix', unixPath());
    assert.equal((await failure(listen('unix', listener.addr.name))).code, 'EADDRINUSE');
    assert.ok(existsSync(listener.addr.name));
    const [client, server] = await Promise.all([
      dial('unix', listener.addr.name),
      listener.accept(),
    ]);
    await roundTrip(client, server);
    client.close();
    server.close();
  });

  test('a path that is another kind of file, or in no folder', async () => {
    const path = unixPath();
    writeFileSync(path, 'data');
    assert.equal((await failure(listen('unix', path))).code, 'EADDRINUSE');
    assert.equal((await failure(dial('unix', path))).code, 'ECONNREFUSED');
    const nowhere = join(dirname(path), 'missing', 'socket');
    assert.equal((await failure(listen('unix', nowhere))).code, 'ENOENT');
    assert.equal((await failure(dial('unix', nowhere))).code, 'ENOENT');
  });

  test('a path has at most 108 bytes, one more than Go takes; an abstract name as many', async () => {
    const folder = dirname(unixPath());
    const longest = join(folder, 'x'.repeat(108 - folder.length - 1));
    assert.equal(longest.length, 108);
    const listener = await listen('unix', longest);
    assert.equal(listener.addr.name, longest);
    const [client, server] = await Promise.all([dial('unix', longest), listener.accept()]);
    assert.equal(client.remoteAddr.name, longest);
    client.close();
    server.close();
    listener.close();
    assert.ok(!existsSync(longest));
    const error = await failure(listen('unix', `${longest}x`));
    assert.equal(error.message, `listen unix ${longest}x: bind: invalid argument`);
    const name = abstractName().padEnd(108, 'x');
    (await listen('unix', name)).close();
    assert.equal((await failure(listen('unix', `${name}x`))).code, 'EINVAL');
    assert.equal((await failure(dial('unix', `${name}x`))).syscall, 'connect');
  });

  test('a path with a NUL byte in it is not one', async () => {
    const error = await failure(listen('unix', `${unixPath()}\0tail`));
    assert.equal(error.code, 'EINVAL');
    assert.equal((await failure(dial('unix', 'a\0b'))).code, 'EINVAL');
  });
});

suite('names', () => {
  test('an abstract name has no file and is free once the listener is closed', async () => {
    const name = abstractName();
    for (let i = 0; i < 2; i++) {
      const listener = await listen('unix', name);
      assert.equal(String(listener.addr), name);
      assert.equal((await failure(listen('unix', name))).code, 'EADDRINUSE');
      const [client, server] = await Promise.all([dial('unix', name), listener.accept()]);
      assert.equal(String(client.remoteAddr), name);
      assert.equal(String(client.localAddr), '@', 'unnamed');
      assert.equal(String(server.remoteAddr), '@');
      assert.equal(server.remoteAddr.name, '');
      client.close();
      server.close();
      listener.close();
    }
  });

  test('an empty address lets the kernel choose an abstract name', async () => {
    await using one = await listen('unix', '');
    await using other = await listen('unixpacket', '');
    assert.match(one.addr.name, /^@[0-9a-f]{5}$/);
    assert.match(other.addr.name, /^@[0-9a-f]{5}$/);
    const [client, server] = await Promise.all([dial('unix', one.addr.name), one.accept()]);
    await roundTrip(client, server);
    client.close();
    server.close();
  });

  test('the name of the dialling end, and one that is taken', async () => {
    await using listener = await listen('unix', abstractName());
    const localAddr = new UnixAddr(abstractName());
    const [client, server] = await Promise.all([
      dial('unix', listener.addr.name, { localAddr }),
      listener.accept(),
    ]);
    assert.equal(String(client.localAddr), localAddr.name);
    assert.equal(String(server.remoteAddr), localAddr.name);
    const before = openDescriptors();
    const error = await failure(dial('unix', listener.addr.name, { localAddr }));
    const where = `dial unix ${localAddr.name}->${listener.addr.name}`;
    assert.equal(error.message, `${where}: bind: address already in use`);
    assert.equal(openDescriptors(), before);
    client.close();
    server.close();
  });
});

suite('unixpacket', () => {
  const meet = async (
    use: (client: UnixConn, server: UnixConn) => Promise<void>,
  ): Promise<void> => {
    await using listener = await listen('unixpacket', abstractName());
    const name = listener.addr.name;
    const [client, server] = await Promise.all([dial('unixpacket', name), listener.accept()]);
    assert.equal(server.localAddr.network, 'unixpacket');
    await use(client, server);
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };

  test('each write is one message, and a read gets one', async () => {
    await meet(async (client, server) => {
      const messages = ['one', 'two-two', '3'];
      for (const message of messages) await client.write(message);
      const buf = new Uint8Array(64);
      for (const message of messages) {
        assert.equal(await server.read(buf), message.length);
        assert.equal(Buffer.from(buf.subarray(0, message.length)).toString(), message);
      }
      const waiting = server.read(buf);
      assert.ok(await stillWaiting(waiting));
      await client.write('woken');
      assert.equal(await waiting, 5);
    });
  });

  test('what does not fit into the buffer is lost, and the next message is whole', async () => {
    await meet(async (client, server) => {
      await client.write('too long');
      await client.write('next');
      const buf = new Uint8Array(4);
      assert.equal(await server.read(buf), 4);
      assert.equal(Buffer.from(buf).toString(), 'too ');
      assert.equal(await server.read(buf), 4);
      assert.equal(Buffer.from(buf).toString(), 'next');
    });
  });

  test('a message that no buffer holds is refused whole; the end is null', async () => {
    await meet(async (client, server) => {
      const error = await failure(client.write(new Uint8Array(16 << 20)));
      assert.equal(error.code, 'EMSGSIZE');
      await client.write('fits');
      client.close();
      const buf = new Uint8Array(64);
      assert.equal(await server.read(buf), 4);
      assert.equal(await server.read(buf), null);
    });
  });

  test('a kind of socket is dialled as what it is', async () => {
    await using listener = await listen('unixpacket', unixPath());
    const error = await failure(dial('unix', listener.addr.name));
    assert.equal(error.code, 'EPROTOTYPE');
    assert.match(error.message, /: connect: protocol wrong type for socket$/);
  });
});
