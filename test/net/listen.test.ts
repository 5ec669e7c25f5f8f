/**
 * Listening on TCP: families and dual stack, ports and names, what control sees, the options; the
 * sockets themselves are asked with getsockopt(2). Unix sockets are in unix.test.ts.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import {
  ErrDeadlineExceeded,
  dial,
  DNSError,
  listen,
  ListenConfig,
  Stack,
  TCPListener,
} from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { EBADF, EINVAL } from '../../src/syscall/errno.ts';
import { F_GETFD, F_GETFL, FD_CLOEXEC, O_NONBLOCK } from '../../src/syscall/fcntl.ts';
import { IPV6_V6ONLY, SOL_IPV6 } from '../../src/syscall/inet.ts';
import {
  SO_DOMAIN,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOL_SOCKET,
  AF_INET,
  AF_INET6,
} from '../../src/syscall/socket.ts';
import {
  SOL_TCP,
  TCP_INFO,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from '../../src/syscall/tcp.ts';
import { unixPath } from './creators.ts';
import { noIPv6, openDescriptors } from './machine.ts';
import { failure, rootOf, stillWaiting } from './settling.ts';
import { readFull, roundTrip } from './traffic.ts';
import { boundPort, getInt, real, setInt, withHosts, wrapped } from './wrapped-system.ts';

/** Dials, accepts, and gives what each end takes the other for. */
async function meet(
  listener: TCPListener,
  address: string,
): Promise<{ client: string; server: string }> {
  const [client, server] = await Promise.all([dial('tcp', address), listener.accept()]);
  await roundTrip(client, server);
  const seen = { client: client.remoteAddr.ip, server: server.remoteAddr.ip };
  client.close();
  server.close();
  return seen;
}

suite('families', () => {
  test('tcp on any address serves IPv4 and IPv6 at once', { skip: noIPv6 }, async () => {
    for (const host of ['', '0.0.0.0', '[::]']) {
      await using listener = await listen('tcp', `${host}:0`);
      assert.equal(String(listener.addr), `[::]:${listener.addr.port}`);
      const { port } = listener.addr;
      assert.notEqual(port, 0);
      const v4 = await meet(listener, `127.0.0.1:${port}`);
      assert.deepEqual(v4, { client: '127.0.0.1', server: '127.0.0.1' });
      const v6 = await meet(listener, `[::1]:${port}`);
      assert.deepEqual(v6, { client: '::1', server: '::1' });
    }
  });

  test('an empty address is any address and any port', async () => {
    await using listener = await listen('tcp', '');
    assert.notEqual(listener.addr.port, 0);
    assert.ok(listener.addr.isWildcard);
  });

  test(
    'tcp4 is IPv4 alone, tcp6 is IPv6 alone, and both may have the same port',
    { skip: noIPv6 },
    async () => {
      await using four = await listen('tcp4', ':0');
      const { port } = four.addr;
      assert.equal(String(four.addr), `0.0.0.0:${port}`);
      const refused = await failure(dial('tcp', `[::1]:${port}`));
      assert.equal(refused.code, 'ECONNREFUSED');
      await using six = await listen('tcp6', `:${port}`);
      assert.equal(String(six.addr), `[::]:${port}`);
      assert.equal((await meet(six, `[::1]:${port}`)).server, '::1');
      assert.equal((await meet(four, `127.0.0.1:${port}`)).server, '127.0.0.1');
    },
  );

  test('a literal decides the family; ::ffff:127.0.0.1 is IPv4', async () => {
    for (const [address, family] of [
      ['127.0.0.1:0', AF_INET],
      ['[::ffff:127.0.0.1]:0', AF_INET],
      ...(noIPv6 === false ? [['[::1]:0', AF_INET6] as const] : []),
    ] as const) {
      let domain = 0;
      const control = (_network: string, _address: string, fd: number): void => {
        domain = getInt(fd, SOL_SOCKET, SO_DOMAIN);
      };
      await using listener = await listen('tcp', address, { control });
      assert.equal(domain, family, address);
      assert.match(String(listener.addr), family === AF_INET ? /^127\.0\.0\.1:/ : /^\[::1\]:/);
    }
  });

  test('a network and a literal that do not fit', async () => {
    const before = openDescriptors();
    for (const [network, host] of [
      ['tcp4', '::1'],
      ['tcp6', '127.0.0.1'],
    ] as const) {
      const address = host.includes(':') ? `[${host}]:0` : `${host}:0`;
      const error = await failure(listen(network, address));
      assert.equal(error.message, `listen ${network}: address ${host}: no suitable address found`);
    }
    assert.equal(openDescriptors(), before);
  });

  test('where there is no IPv6 the wildcard is IPv4', async () => {
    const socket: Kernel['socket'] = (domain, type, protocol) =>
      domain === AF_INET6 ? -97 : real.socket(domain, type, protocol);
    const stack = new Stack(wrapped({ socket }));
    await using listener = await stack.listen('tcp', ':0');
    assert.equal(String(listener.addr), `0.0.0.0:${listener.addr.port}`);
    assert.equal((await meet(listener, `127.0.0.1:${listener.addr.port}`)).server, '127.0.0.1');
  });
});

suite('ports and names', () => {
  test('a port by the name of its service', async () => {
    const ports: number[] = [];
    const bind: Kernel['bind'] = (_fd, addr) => {
      ports.push(addr[2]! * 256 + addr[3]!);
      return -EINVAL;
    };
    const stack = new Stack(wrapped({ bind }));
    for (const service of ['http', 'HTTPS', 'domain', '', '+80', '0080']) {
      await failure(stack.listen('tcp', `127.0.0.1:${service}`));
    }
    assert.deepEqual(ports, [80, 443, 53, 0, 80, 80]);
    const unknown = await failure(listen('tcp', '127.0.0.1:no-such-service'));
    assert.equal(unknown.message, 'listen tcp: address tcp/no-such-service: unknown port');
    const invalid = await failure(listen('tcp', '127.0.0.1:65536'));
    assert.equal(invalid.message, 'listen tcp: address 65536: invalid port');
  });

  test('localhost, and that it is in use', async () => {
    await using listener = await listen('tcp', 'localhost:0');
    assert.match(listener.addr.ip, /^(127\.0\.0\.1|::1)$/);
    const error = await failure(listen('tcp', String(listener.addr)));
    assert.equal(error.code, 'EADDRINUSE');
  });

  test('the names of /etc/hosts come before the lookup; IPv4 is preferred', async () => {
    const hosts = unixPath();
    const lines = [
      '# web.test in a comment',
      '::1 Web.Test other',
      '127.0.0.2 web.test # end',
      'x web.test',
    ];
    writeFileSync(hosts, lines.join('\n'));
    const asked: string[] = [];
    const lookup = async (host: string): Promise<string[]> => {
      asked.push(host);
      return ['not an address', '127.0.0.3'];
    };
    const stack = new Stack(withHosts(hosts, lookup));
    for (const host of ['web.test', 'WEB.TEST', 'web.test.']) {
      await using listener = await stack.listen('tcp', `${host}:0`);
      assert.equal(listener.addr.ip, '127.0.0.2');
    }
    if (noIPv6 === false) {
      await using listener = await stack.listen('tcp6', 'web.test:0');
      assert.equal(listener.addr.ip, '::1');
    }
    assert.deepEqual(asked, []);
    await using listener = await stack.listen('tcp', 'elsewhere.test:0');
    assert.equal(listener.addr.ip, '127.0.0.3');
    assert.deepEqual(asked, ['elsewhere.test']);
  });

  test('a lookup can be given up; a literal does not ask the signal', async () => {
    const stack = new Stack(withHosts('/dev/null', () => new Promise(() => {})));
    const giveUp = new AbortController();
    const listening = stack.listen('tcp', 'name.test:0', { signal: giveUp.signal });
    assert.ok(await stillWaiting(listening));
    giveUp.abort();
    const error = await failure(listening);
    assert.equal(error.message, 'listen tcp: lookup name.test: operation was canceled');
    assert.ok(error.cause instanceof DNSError);
    await using listener = await stack.listen('tcp', '127.0.0.1:0', { signal: giveUp.signal });
    assert.notEqual(listener.addr.port, 0);
  });
});

suite('control', () => {
  test('sees the bare descriptor before bind, the network with its family, the address', async () => {
    const seen: unknown[] = [];
    let sysfd = -1;
    await using listener = await listen('tcp4', '127.0.0.1:0', {
      control(network, address, fd, kernel) {
        sysfd = fd;
        const reuse = getInt(fd, SOL_SOCKET, SO_REUSEADDR);
        seen.push(network, address, boundPort(fd), reuse);
        seen.push(setInt(kernel, fd, SOL_SOCKET, SO_RCVBUF, 54_321));
      },
    });
    assert.deepEqual(seen, ['tcp4', '127.0.0.1:0', 0, 1, 0]);
    assert.equal(boundPort(sysfd), listener.addr.port);
    assert.equal(getInt(sysfd, SOL_SOCKET, SO_RCVBUF), 2 * 54_321, 'the kernel doubles it');
  });

  test('the network is tcp6 for a socket of both families, and unix kinds are as asked for', async () => {
    const seen: string[] = [];
    const control = (network: string, address: string): void => {
      seen.push(`${network} ${address}`);
    };
    const config = new ListenConfig({ control });
    const path = unixPath();
    const asked = [
      ...(noIPv6 === false
        ? ([
            ['tcp', ':0'],
            ['tcp6', '[::1]:0'],
          ] as const)
        : []),
      ['unixpacket', path],
    ] as const;
    for (const [network, address] of asked) (await config.listen(network, address)).close();
    const expected = noIPv6 === false ? ['tcp6 :0', 'tcp6 [::1]:0'] : [];
    assert.deepEqual(seen, [...expected, `unixpacket ${path}`]);
  });

  test('what it throws is the cause of the failure, and the socket is closed', async () => {
    const mine = new Error('not on my machine');
    const before = openDescriptors();
    let sysfd = -1;
    const control = (_network: string, _address: string, fd: number): void => {
      sysfd = fd;
      throw mine;
    };
    const error = await failure(listen('tcp', '127.0.0.1:0', { control }));
    assert.equal(error.cause, mine);
    assert.equal(error.message, 'listen tcp 127.0.0.1:0: not on my machine');
    assert.equal(real.fcntl(sysfd, F_GETFD, 0), -EBADF);
    assert.equal(openDescriptors(), before);
  });

  test('it must not be asynchronous, and how its promise ends concerns nobody', async () => {
    const before = openDescriptors();
    const fulfilled = async (): Promise<void> => {};
    const rejected = async (): Promise<void> => {
      throw new Error('too late for anybody to see'); // and not unhandled
    };
    const thenable = (): PromiseLike<void> => ({
      // oxlint-disable-next-line unicorn/no-thenable
      then: () => {
        throw new Error('no promise at all');
      },
    });
    for (const control of [fulfilled, rejected, thenable]) {
      for (const [network, address] of [
        ['tcp', '127.0.0.1:0'],
        ['unix', unixPath()],
      ] as const) {
        // @ts-expect-error: what it returns is a promise
        const error = rootOf(await failure(listen(network, address, { control })));
        assert.ok(error instanceof TypeError);
        assert.equal(error.message, 'listen: option control must not be asynchronous');
      }
    }
    assert.equal(openDescriptors(), before);
  });
});

suite('options', () => {
  /** The accept queue of a listening socket: how many wait, how many may. */
  const queueOf = (fd: number): { waiting: number; limit: number } => {
    const info = new Uint8Array(256);
    assert.equal(real.getsockopt(fd, SOL_TCP, TCP_INFO, info, new Uint32Array([256])), 0);
    const view = new DataView(info.buffer);
    return { waiting: view.getUint32(24, true), limit: view.getUint32(28, true) };
  };

  test('backlog: by default what the kernel allows', async () => {
    const somaxconn = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
    for (const [backlog, limit] of [
      [undefined, somaxconn],
      [7, 7],
      [0, 0],
    ]) {
      let sysfd = -1;
      await using listener = await listen('tcp', '127.0.0.1:0', {
        backlog,
        control: (_network, _address, fd) => void (sysfd = fd),
      });
      assert.deepEqual(queueOf(sysfd), { waiting: 0, limit });
      const client = await dial('tcp', String(listener.addr));
      assert.equal(queueOf(sysfd).waiting, 1);
      (await listener.accept()).close();
      assert.equal(queueOf(sysfd).waiting, 0);
      client.close();
    }
  });

  test('somaxconn that cannot be read counts as 128', async () => {
    let asked = -1;
    const stack = new Stack(
      wrapped({
        openat: () => -EINVAL,
        listen: (fd, backlog) => real.listen(fd, (asked = backlog)),
      }),
    );
    (await stack.listen('tcp', '127.0.0.1:0')).close();
    assert.equal(asked, 128);
  });

  test('reusePort: two listeners share a port and both get connections', async () => {
    const config = new ListenConfig({ reusePort: true });
    await using one = await config.listen('tcp', '127.0.0.1:0');
    await using other = await config.listen('tcp', String(one.addr));
    const alone = await failure(listen('tcp', String(one.addr)));
    assert.equal(alone.code, 'EADDRINUSE');
    const counts = [0, 0];
    const serving = [one, other].map(async (listener, index) => {
      for await (const conn of listener) {
        counts[index]!++;
        await conn.write(String(index));
        conn.close();
      }
    });
    for (let i = 0; i < 200 || counts.includes(0); i++) {
      assert.ok(i < 10_000, 'one of the two gets nothing');
      const client = await dial('tcp', String(one.addr));
      await readFull(client, 1);
      client.close();
    }
    one.close();
    other.close();
    await Promise.all(serving);
  });

  test('accepted connections: no delay, keep-alive as asked for, close-on-exec, non-blocking', async () => {
    for (const [keepAlive, seconds] of [
      [undefined, 15],
      [2500, 3],
      [1, 1],
      [false, 0],
    ] as const) {
      let sysfd = -1;
      const control = (_network: string, _address: string, fd: number): void => void (sysfd = fd);
      await using listener = await listen('tcp', '127.0.0.1:0', { keepAlive, control });
      const [client, server] = await Promise.all([
        dial('tcp', String(listener.addr), { keepAlive }),
        listener.accept(),
      ]);
      for (const { fd } of [client, server]) {
        assert.equal(getInt(fd.sysfd, SOL_TCP, TCP_NODELAY), 1);
        assert.equal(getInt(fd.sysfd, SOL_SOCKET, SO_KEEPALIVE), seconds === 0 ? 0 : 1);
        if (seconds === 0) continue;
        assert.equal(getInt(fd.sysfd, SOL_TCP, TCP_KEEPINTVL), seconds);
        assert.equal(getInt(fd.sysfd, SOL_TCP, TCP_KEEPIDLE), seconds);
      }
      for (const fd of [sysfd, client.fd.sysfd, server.fd.sysfd]) {
        assert.equal(real.fcntl(fd, F_GETFD, 0), FD_CLOEXEC);
        assert.equal(real.fcntl(fd, F_GETFL, 0) & O_NONBLOCK, O_NONBLOCK);
      }
      client.close();
      server.close();
    }
  });

  test('the methods of a connection set the same options', async () => {
    await using listener = await listen('tcp', '127.0.0.1:0');
    const [client, server] = await Promise.all([
      dial('tcp', String(listener.addr)),
      listener.accept(),
    ]);
    const { sysfd } = client.fd;
    client.setNoDelay(false);
    assert.equal(getInt(sysfd, SOL_TCP, TCP_NODELAY), 0);
    client.setKeepAlive(false);
    assert.equal(getInt(sysfd, SOL_SOCKET, SO_KEEPALIVE), 0);
    client.setKeepAlivePeriod(90_001);
    assert.equal(getInt(sysfd, SOL_TCP, TCP_KEEPINTVL), 91);
    assert.equal(getInt(sysfd, SOL_TCP, TCP_KEEPIDLE), 91);
    client.close();
    server.close();
  });

  test(
    'SO_REUSEPORT is set only if asked for; IPV6_V6ONLY only for tcp6',
    { skip: noIPv6 },
    async () => {
      for (const [network, reusePort, v6Only] of [
        ['tcp', false, 0],
        ['tcp', true, 0],
        ['tcp6', undefined, 1],
      ] as const) {
        let sysfd = -1;
        const control = (_network: string, _address: string, fd: number): void => void (sysfd = fd);
        await using listener = await listen(network, ':0', { reusePort, control });
        assert.equal(getInt(sysfd, SOL_SOCKET, SO_REUSEPORT), reusePort === true ? 1 : 0);
        assert.equal(getInt(sysfd, SOL_IPV6, IPV6_V6ONLY), v6Only);
        assert.ok(listener instanceof TCPListener);
      }
    },
  );
});

test('a listener’s deadline fails accept, is sticky, and leaves the connections queued', async () => {
  await using listener = await listen('tcp', '127.0.0.1:0');
  const accepts = [listener.accept(), listener.accept()];
  listener.setDeadline(Date.now() + 5);
  for (const error of await Promise.all(accepts.map(failure))) {
    assert.equal(error.message, `accept tcp ${String(listener.addr)}: i/o timeout`);
    assert.equal(error.cause, ErrDeadlineExceeded);
  }
  const client = await dial('tcp', String(listener.addr));
  assert.equal((await failure(listener.accept())).cause, ErrDeadlineExceeded);
  listener.setDeadline(null);
  const server = await listener.accept();
  await roundTrip(client, server);
  client.close();
  server.close();
});
