/** Datagrams between unix sockets: names, senders without one, peers, and receivers whose queue is full. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { suite, test } from 'node:test';
import { inspect } from 'node:util';
import {
  copy,
  type Datagram,
  dial,
  ErrWriteToConnected,
  listen,
  listenPacket,
  OpError,
  Stack,
  UDPAddr,
  UnixAddr,
  type UnixConn,
} from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { EMFILE } from '../../src/syscall/errno.ts';
import { abstractName, unixPath } from './creators.ts';
import { openSockets } from './machine.ts';
import { failure, stillWaiting, thrown } from './settling.ts';
import { real, wrapped } from './wrapped-system.ts';

const buf = new Uint8Array(64);

function text(size: number | null): string {
  return Buffer.from(buf.subarray(0, size ?? 0)).toString();
}

function bound(address: string = abstractName()): Promise<UnixConn> {
  return listenPacket('unixgram', address);
}

for (const [kind, name] of [
  ['paths', unixPath],
  ['abstract names', abstractName],
  ['names of the kernel’s choice', () => ''],
] as const) {
  suite(`unixgram: ${kind}`, () => {
    test('a datagram to a name, and the answer to its sender', async () => {
      await using server = await bound(name());
      await using client = await bound(name());
      assert.equal(await client.writeTo('question', server.localAddr), 8);
      const { size, addr } = await server.readFrom(buf);
      assert.equal(text(size), 'question');
      assert.ok(addr !== null && addr.equals(client.localAddr));
      await server.writeTo('answer', addr);
      const answer = await client.readFrom(buf);
      assert.equal(text(answer.size), 'answer');
      assert.equal(String(answer.addr), String(server.localAddr));
    });

    test('a sender without a name has the address null; it has a peer', async () => {
      await using server = await bound(name());
      await using client = await dial('unixgram', server.localAddr.name);
      assert.ok(client.isConnected && !server.isConnected);
      assert.equal(String(client.localAddr), '@');
      assert.ok(client.remoteAddr.equals(server.localAddr));
      await client.write('one');
      await client.write('');
      await client.writeMsg(Buffer.from('three'));
      assert.deepEqual(await server.readFrom(buf), { size: 3, addr: null });
      assert.deepEqual(await server.readFrom(buf), { size: 0, addr: null }, 'an empty datagram');
      assert.deepEqual(await server.readFrom(buf), { size: 5, addr: null });
    });

    test('two that are each the other’s peer: read and write, empty datagrams are no end', async () => {
      await using server = await bound(name());
      const localAddr = new UnixAddr(unixPath(), 'unixgram');
      await using client = await dial('unixgram', server.localAddr.name, { localAddr });
      assert.equal(String(client.localAddr), localAddr.name);
      const waiting = client.read(buf);
      assert.ok(await stillWaiting(waiting));
      const error = await failure(dial('unixgram', localAddr.name));
      assert.equal(error.code, 'EPERM', 'a socket with a peer hears nobody else');
      await server.writeTo('', client.localAddr);
      assert.equal(await waiting, 0);
      await server.writeTo('words', client.localAddr);
      assert.equal(await client.read(buf), 5);
      assert.equal(client.tryRead(buf), undefined);
    });
  });
}

suite('unixgram: files', () => {
  test('the file stays when the socket is closed, unless it shall not', async () => {
    const path = unixPath();
    (await bound(path)).close();
    assert.ok(existsSync(path));
    const error = await failure(bound(path));
    assert.equal(error.message, `listen unixgram ${path}: bind: address already in use`);
    const other = await bound(unixPath());
    other.setUnlinkOnClose(true);
    other.close();
    assert.ok(!existsSync(other.localAddr.name));
    const unlinked = await bound(abstractName());
    unlinked.setUnlinkOnClose(true);
    unlinked.close();
  });

  test('the file of a dialling end, and that of a listener, which is not its connection’s', async () => {
    await using listener = await listen('unix', unixPath());
    const localAddr = new UnixAddr(unixPath());
    const dialling = dial('unix', listener.addr.name, { localAddr });
    const [client, server] = await Promise.all([dialling, listener.accept()]);
    assert.match(thrown(() => server.setUnlinkOnClose(true)).message, /that of the listener/);
    client.setUnlinkOnClose(true);
    client.close();
    server.close();
    assert.ok(!existsSync(localAddr.name));
    assert.ok(existsSync(listener.addr.name));
  });

  test('bad names', async () => {
    const before = openSockets();
    const long = `/tmp/${'a'.repeat(200)}`;
    assert.equal(
      (await failure(bound(long))).message,
      `listen unixgram ${long}: bind: invalid argument`,
    );
    assert.equal((await failure(bound('/no/such/folder/x'))).code, 'ENOENT');
    assert.equal((await failure(dial('unixgram', long))).syscall, 'connect');
    assert.equal((await failure(dial('unixgram', unixPath()))).code, 'ENOENT');
    assert.equal((await failure(dial('unixgram', abstractName()))).code, 'ECONNREFUSED');
    assert.equal((await failure(dial('unixgram', ''))).message, 'dial unixgram: missing address');
    const wrong = await failure(listenPacket('unix', abstractName()));
    assert.match(wrong.message, /unexpected address type$/);
    assert.equal(openSockets(), before);
  });

  test('dial with a local address only: bound, and without a peer', async () => {
    await using server = await bound();
    const localAddr = new UnixAddr(abstractName(), 'unixgram');
    await using conn = await dial('unixgram', '', { localAddr });
    assert.ok(!conn.isConnected);
    assert.equal(String(conn.localAddr), localAddr.name);
    await conn.writeTo('x', server.localAddr);
    assert.equal(String((await server.readFrom(buf)).addr), localAddr.name);
    const again = await failure(dial('unixgram', '', { localAddr }));
    assert.equal(again.message, `dial unixgram ${localAddr.name}: bind: address already in use`);
    const unnamed = dial('unixgram', '', { localAddr: new UnixAddr('', 'unixgram') });
    assert.equal((await failure(unnamed)).message, 'dial unixgram: missing address');
  });

  test('control is called before bind', async () => {
    const seen: unknown[] = [];
    const name = abstractName();
    const control = (...args: unknown[]): void => void seen.push(args.slice(0, 2));
    await using conn = await listenPacket('unixgram', name, { control });
    assert.deepEqual(seen, [['unixgram', name]]);
    assert.equal(inspect(conn), `UnixConn { ${name} }`);
  });
});

suite('unixgram: errors', () => {
  test('writeTo: to whom it cannot send', async () => {
    await using conn = await bound();
    const where = `write unixgram ${String(conn.localAddr)}`;
    const nobody = new UnixAddr(abstractName(), 'unixgram');
    const refused = await failure(conn.writeTo('x', nobody));
    assert.equal(refused.message, `${where}->${String(nobody)}: sendto: connection refused`);
    const path = new UnixAddr(unixPath(), 'unixgram');
    const missing = await failure(conn.writeTo('x', path));
    assert.equal(missing.message, `${where}->${String(path)}: sendto: no such file or directory`);
    const stream = await failure(conn.writeTo('x', new UnixAddr('@x', 'unix')));
    assert.equal(stream.message, `${where}->@x: address family not supported by protocol`);
    const udp = new UDPAddr('127.0.0.1', 1) as unknown as UnixAddr;
    assert.equal((await failure(conn.writeTo('x', udp))).code, 'EINVAL');
    const long = new UnixAddr('x'.repeat(200), 'unixgram');
    assert.match((await failure(conn.writeTo('x', long))).message, /sendto: invalid argument$/);
    assert.equal((await failure(conn.writeTo('x', new UnixAddr('', 'unixgram')))).code, 'EINVAL');
    const none = await failure(conn.writeTo('x', null as unknown as UnixAddr));
    assert.equal(none.message, `${where}: missing address`);
    assert.match(
      (await failure(conn.writeTo('x', {} as UnixAddr))).message,
      /^writeTo: addr must be a UnixAddr$/,
    );
    assert.equal(
      (await failure(conn.write('x'))).message,
      `${where}: write: transport endpoint is not connected`,
    );
    const large = await failure(conn.writeTo(new Uint8Array(8 << 20), conn.localAddr));
    assert.equal(large.code, 'EMSGSIZE');
    assert.equal((large as OpError).bytesWritten, 0);
  });

  test('an end with a peer sends to nobody else', async () => {
    await using server = await bound();
    await using client = await dial('unixgram', server.localAddr.name);
    for (const attempt of [
      client.writeTo('x', server.localAddr),
      client.writeMsg(Buffer.from('x'), null, server.localAddr),
    ]) {
      const error = await failure(attempt);
      assert.equal(error.cause, ErrWriteToConnected);
      const ends = `@->${String(server.localAddr)}`;
      assert.equal(error.message, `write unixgram ${ends}: ${ErrWriteToConnected.message}`);
    }
    server.close();
    assert.equal((await failure(client.write('x'))).code, 'ECONNREFUSED');
  });

  test('arguments; deadlines; closing', async () => {
    const conn = await bound();
    const where = `unixgram ${String(conn.localAddr)}`;
    const wrong = 0 as unknown as Uint8Array;
    assert.match((await failure(conn.readFrom(wrong))).message, /^tryReadFrom: buf|^readFrom: buf/);
    assert.match((await failure(conn.writeTo(wrong, conn.localAddr))).message, /^writeTo: data/);
    assert.match(thrown(() => conn.tryWriteTo(buf, conn.localAddr, 65)).message, /size must be/);
    conn.setReadDeadline(new Date(1000));
    assert.equal((await failure(conn.readFrom(buf))).message, `read ${where}: i/o timeout`);
    conn.setReadDeadline(null);
    const waiting = [conn.readFrom(buf), conn.readMsg(buf), conn.receiveDescriptors(1)];
    assert.ok(await stillWaiting(...waiting));
    conn.close();
    for (const each of waiting) {
      assert.equal(
        (await failure(each)).message,
        `read ${where}: use of closed network connection`,
      );
    }
    const late = await failure(conn.writeTo('x', conn.localAddr));
    assert.match(late.message, /use of closed network connection$/);
    assert.throws(() => conn.close(), /^OpError: close unixgram @\S+: use of closed/);
  });

  test('a stream has no datagrams', async () => {
    await using listener = await listen('unix', abstractName());
    await using client = await dial('unix', listener.addr.name);
    assert.match((await failure(client.readFrom(buf))).message, /^readFrom: a unix connection/);
    const error = await failure(client.writeTo('x', new UnixAddr('@x', 'unix')));
    assert.equal(error.cause, ErrWriteToConnected);
  });
});

test('unixgram: datagrams() gives each until it is closed; the rest of a long one is lost', async () => {
  const server = await bound();
  await using client = await bound();
  for (const word of ['one', '', 'three']) await client.writeTo(word, server.localAddr);
  const seen: string[] = [];
  for await (const { data, addr } of server.datagrams() as AsyncIterable<Datagram<UnixAddr>>) {
    seen.push(Buffer.from(data).toString());
    assert.equal(addr.name, client.localAddr.name);
    if (seen.length === 3) setImmediate(() => server.close());
  }
  assert.deepEqual(seen, ['one', '', 'three']);
});

test('unixgram: copy keeps the datagrams apart', async () => {
  await using from = await bound();
  await using to = await bound();
  await using sender = await dial('unixgram', from.localAddr.name);
  await using copying = await dial('unixgram', to.localAddr.name);
  for (const word of ['one', 'three']) await sender.write(word);
  assert.equal(await copy(copying, from, { limit: 8 }), 8);
  assert.equal(text((await to.readFrom(buf)).size), 'one');
  assert.equal(text((await to.readFrom(buf)).size), 'three');
});

// ---- a receiver that does not read

/** How many calls of each kind a System makes. */
function counting(calls: Partial<Kernel> = {}): { stack: Stack; count: Map<string, number> } {
  const count = new Map<string, number>();
  const counted = <A extends unknown[]>(name: string, call: (...args: A) => number) => {
    return (...args: A): number => {
      count.set(name, (count.get(name) ?? 0) + 1);
      return call(...args);
    };
  };
  const stack = new Stack(
    wrapped({
      sendto: counted('sendto', (...args: Parameters<Kernel['sendto']>) => real.sendto(...args)),
      epoll_wait: counted('epoll_wait', (...args: Parameters<Kernel['epoll_wait']>) =>
        real.epoll_wait(...args),
      ),
      ...calls,
    }),
  );
  return { stack, count };
}

/** Fills the queue of `receiver` from a socket of its own; gives how many it took. */
async function fill(receiver: UnixConn): Promise<number> {
  await using other = await bound();
  let count = 0;
  while (other.tryWriteTo(buf, receiver.localAddr, 8) !== undefined) count++;
  return count;
}

suite('unixgram: a receiver whose queue is full', () => {
  for (const method of ['writeTo', 'writeMsg'] as const) {
    test(`${method} waits without a call until there is room`, async () => {
      const { stack, count } = counting();
      const receiver = await bound();
      const sender = await stack.listenPacket('unixgram', '');
      const before = openSockets();
      const queued = await fill(receiver);
      assert.ok(queued > 0);
      const bytes = Buffer.from('late');
      const waiting =
        method === 'writeTo'
          ? sender.writeTo(bytes, receiver.localAddr)
          : sender.writeMsg(bytes, null, receiver.localAddr);
      assert.ok(await stillWaiting(waiting));
      const calls = [...count];
      assert.ok(await stillWaiting(waiting));
      assert.deepEqual([...count], calls, 'nothing is tried while there is no room');
      for (let i = 0; i < queued; i++) await receiver.readFrom(buf);
      assert.equal(await waiting, 4);
      assert.equal((await receiver.readFrom(buf)).size, 4);
      assert.equal(openSockets(), before, 'the wait needs a socket, which is closed again');
      sender.close();
      receiver.close();
    });
  }

  test('a deadline, closing, and a receiver that goes away end the wait', async () => {
    const receiver = await bound();
    const queued = await fill(receiver);
    const before = openSockets();
    const sender = await bound();
    sender.setWriteDeadline(Date.now() + 20);
    const error = await failure(sender.writeTo('x', receiver.localAddr));
    const where = `write unixgram ${String(sender.localAddr)}->${String(receiver.localAddr)}`;
    assert.equal(error.message, `${where}: i/o timeout`);
    assert.equal(openSockets(), before + 1);
    sender.setWriteDeadline(null);
    const waiting = sender.writeTo('x', receiver.localAddr);
    assert.ok(await stillWaiting(waiting));
    sender.close();
    assert.match((await failure(waiting)).message, /use of closed network connection$/);
    assert.equal(openSockets(), before);
    const other = await bound();
    const refused = other.writeTo('x', receiver.localAddr);
    assert.ok(await stillWaiting(refused));
    receiver.close();
    assert.equal((await failure(refused)).code, 'ECONNREFUSED');
    other.close();
    assert.equal(openSockets(), before - 1);
    assert.ok(queued > 0);
  });

  test('others can be written to meanwhile, by tryWriteTo', async () => {
    await using full = await bound();
    await using free = await bound();
    await using sender = await bound();
    await fill(full);
    assert.equal(sender.tryWriteTo(buf, full.localAddr, 4), undefined);
    assert.equal(sender.tryWriteTo(buf, free.localAddr, 4), 4);
    assert.equal(sender.tryWriteTo(buf, full.localAddr, 4), undefined);
    assert.equal(await sender.writeTo('also', free.localAddr), 4);
  });

  test('after tryWriteTo, writable waits for that receiver', async () => {
    const receiver = await bound();
    const sender = await bound();
    await fill(receiver);
    const before = openSockets();
    for (let i = 0; i < 3; i++) {
      assert.equal(sender.tryWriteTo(buf, receiver.localAddr, 4), undefined);
    }
    assert.equal(openSockets(), before, 'trying alone needs nothing');
    const waiting = sender.writable();
    assert.ok(await stillWaiting(waiting));
    await receiver.readFrom(buf);
    await waiting;
    assert.equal(sender.tryWriteTo(buf, receiver.localAddr, 4), 4);
    assert.equal(sender.tryWriteTo(buf, receiver.localAddr, 4), undefined);
    const told: (Error | null)[] = [];
    const listener = { ready: (error: Error | null) => void told.push(error) };
    sender.whenWritable(listener);
    assert.equal(openSockets(), before + 1);
    sender.forgetWritable(listener);
    assert.equal(openSockets(), before);
    assert.deepEqual(told, []);
    receiver.close();
    sender.close();
  });

  test('a sender whose own buffer is full waits for that', async () => {
    await using receiver = await bound();
    await using sender = await bound();
    const large = new Uint8Array(200_000);
    const bystander = await bound();
    let sent = 0;
    while (sender.tryWriteTo(large, receiver.localAddr) !== undefined) sent++;
    const waiting = sender.writeTo(large, bystander.localAddr);
    assert.ok(await stillWaiting(waiting));
    for (let i = 0; i < sent; i++) await receiver.readFrom(buf);
    assert.equal(await waiting, large.length);
    bystander.close();
  });

  test('without a descriptor to wait with it is tried now and then', async () => {
    let deny = false;
    const { stack } = counting({
      socket: (...args) => (deny ? -EMFILE : real.socket(...args)),
    });
    const receiver = await bound();
    const sender = await stack.listenPacket('unixgram', '');
    await fill(receiver);
    deny = true;
    const waiting = sender.writeTo('x', receiver.localAddr);
    assert.ok(await stillWaiting(waiting));
    await receiver.readFrom(buf);
    assert.equal(await waiting, 1);
    sender.close();
    receiver.close();
  });

  test('an end with that peer waits too, and many senders all get through', async () => {
    await using receiver = await bound();
    const senders = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        i % 2 === 0 ? dial('unixgram', receiver.localAddr.name) : bound(),
      ),
    );
    const writes = senders.map(async (sender, i) => {
      for (let n = 0; n < 25; n++) {
        const bytes = Uint8Array.of(i, n);
        if (sender.isConnected) await sender.write(bytes);
        else await sender.writeTo(bytes, receiver.localAddr);
      }
    });
    const next = new Uint8Array(senders.length);
    for (let count = 0; count < senders.length * 25; count++) {
      const { size } = await receiver.readFrom(buf);
      assert.equal(size, 2);
      assert.equal(buf[1], next[buf[0]!]!++, 'in order');
    }
    await Promise.all(writes);
    for (const sender of senders) sender.close();
  });
});
