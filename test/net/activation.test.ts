/**
 * Sockets that were passed by whoever started the program: listenFds, activationListeners, sdNotify; in
 * this process against a kernel that has them, and in children that really get them.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dial, linux, listen, listenPacket, OpError } from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import {
  activationListeners,
  type Environment,
  listenFds,
  sdNotify,
} from '../../src/net/activation.ts';
import { EAGAIN, EBADF, EMFILE } from '../../src/syscall/errno.ts';
import { F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, FD_CLOEXEC } from '../../src/syscall/fcntl.ts';
import { encodeSockaddr } from '../../src/syscall/sockaddr.ts';
import {
  AF_NETLINK,
  AF_UNIX,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
} from '../../src/syscall/socket.ts';
import { UnixAddr } from '../../src/net/unix-addr.ts';
import { abstractName, unixPath } from './creators.ts';
import { openDescriptors, openSockets } from './machine.ts';
import { Program } from './programs/program.ts';
import { failure, stillWaiting, thrown } from './settling.ts';
import { readFull } from './traffic.ts';
import { real, wrapped } from './wrapped-system.ts';

const { kernel } = linux;

/** Linux whose descriptors 3, 4, … are those of `at`; of `lone` there can be no copy. */
function moved(at: readonly number[], lone = -1): typeof linux {
  const to = (fd: number): number => at[fd - 3] ?? fd;
  const calls: Partial<Kernel> = {
    fcntl: (fd, command, argument) =>
      fd === lone && command === F_DUPFD_CLOEXEC ? -EMFILE : real.fcntl(to(fd), command, argument),
    getsockopt: (fd, ...rest) => real.getsockopt(to(fd), ...rest),
    close: (fd) => real.close(to(fd)),
  };
  return wrapped(calls);
}

/** The socket of a service manager. */
class Manager {
  readonly name: string;
  readonly fd: number;

  constructor(name: string) {
    this.name = name;
    this.fd = kernel.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const addr = encodeSockaddr(new UnixAddr(name, 'unixgram').toSockaddr());
    assert.equal(kernel.bind(this.fd, addr, addr.length), 0);
  }

  /** What was told first, or null. */
  message(): string | null {
    const buf = Buffer.alloc(4096);
    const count = kernel.read(this.fd, buf, buf.length);
    return count === -EAGAIN ? null : buf.toString('utf8', 0, count);
  }

  close(): void {
    kernel.close(this.fd);
  }
}

suite('what the environment says', () => {
  const PID = 4711;
  const env = (more: Environment): Environment => ({ LISTEN_PID: String(PID), ...more });

  for (const [what, variables] of Object.entries({
    nothing: {},
    'no number of descriptors': { LISTEN_PID: String(PID) },
    'no process': { LISTEN_FDS: '1' },
    'another process': { LISTEN_PID: '1', LISTEN_FDS: '1' },
  })) {
    test(`${what}: none were passed`, () => {
      const variablesOf: Environment = { ...variables, LISTEN_FDNAMES: 'x', OTHER: 'stays' };
      assert.deepEqual(listenFds(linux, { ...variablesOf }, PID), []);
      assert.deepEqual(activationListeners(linux, variablesOf, PID), []);
      assert.deepEqual(variablesOf, { OTHER: 'stays' });
    });
  }

  for (const [variable, variables] of [
    ['LISTEN_PID', { LISTEN_PID: 'x', LISTEN_FDS: '1' }],
    ['LISTEN_PID', { LISTEN_PID: '0', LISTEN_FDS: '1' }],
    ['LISTEN_FDS', env({ LISTEN_FDS: '0' })],
    ['LISTEN_FDS', env({ LISTEN_FDS: '-1' })],
    ['LISTEN_FDS', env({ LISTEN_FDS: '1e3' })],
    ['LISTEN_FDS', env({ LISTEN_FDS: '2147483647' })],
    ['LISTEN_FDNAMES', env({ LISTEN_FDS: '2', LISTEN_FDNAMES: 'one' })],
  ] as const) {
    test(`${JSON.stringify(variables)}: invalid`, () => {
      const error = thrown(() => listenFds(linux, { ...variables }, PID));
      assert.ok(error instanceof OpError);
      assert.equal(error.message, `file file+net ${variable}: invalid argument`);
    });
  }

  test('more than a process can have: the first that is not open, and no list of all before', () => {
    const system = wrapped({ fcntl: (fd) => (fd === 3 ? 0 : -EBADF) });
    const error = thrown(() => listenFds(system, env({ LISTEN_FDS: '2147483644' }), PID));
    assert.equal(error.message, 'file file+net fd 4: fcntl: bad file descriptor');
  });

  test('the variables stay if that is asked for', () => {
    const variables = env({ LISTEN_FDS: '1' });
    const fd = kernel.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const [file] = listenFds(moved([fd]), variables, PID, { unset: false });
    assert.equal(file!.name, 'unknown');
    assert.deepEqual(variables, env({ LISTEN_FDS: '1' }));
    file!.close();
    assert.ok(kernel.fcntl(fd, F_GETFD, 0) < 0);
    const bad = thrown(() => listenFds(linux, {}, PID, { unset: 1 as never }));
    assert.match(bad.message, /^listenFds: option unset must be true or false$/);
  });

  test('listeners, datagrams and others, named, and closed on exec', async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    const packets = await listenPacket('udp4', '127.0.0.1:0');
    const other = kernel.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
    const before = openSockets();
    const at = [listener.file().detach(), other, packets.file().detach()];
    for (const fd of at) kernel.fcntl(fd, F_SETFD, 0);
    const variables = env({ LISTEN_FDS: '3', LISTEN_FDNAMES: 'web::dns' });
    const [first, second, third] = activationListeners(moved(at), variables, PID);
    assert.deepEqual([first!.name, first!.packetConn, first!.file], ['web', null, null]);
    assert.equal(String(first!.listener!.addr), String(listener.addr));
    assert.deepEqual([second!.name, second!.listener, second!.packetConn], ['', null, null]);
    assert.equal(kernel.fcntl(at[1]!, F_GETFD, 0), FD_CLOEXEC);
    assert.deepEqual([third!.name, third!.listener, third!.file], ['dns', null, null]);
    assert.equal(String(third!.packetConn!.localAddr), String(packets.localAddr));
    assert.equal(openSockets(), before + 2, 'of the copies, not of what was passed besides');
    third!.packetConn!.close();
    packets.close();
    second!.file!.close();
    first!.listener!.close();
    listener.close();
  });

  test('one that cannot be taken: nothing is left of the others', async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    const packets = await listenPacket('udp4', '127.0.0.1:0');
    const last = await listenPacket('udp4', '127.0.0.1:0');
    const before = openSockets();
    const at = [listener, packets, last].map((socket) => socket.file().detach());
    const error = thrown(() => activationListeners(moved(at, 5), env({ LISTEN_FDS: '3' }), PID));
    assert.equal((error as OpError).code, 'EMFILE');
    assert.equal(openSockets(), before);
    for (const socket of [listener, packets, last]) socket.close();
  });

  test('a descriptor that is not there', () => {
    const before = openDescriptors();
    const error = thrown(() =>
      activationListeners(moved([1_000_000]), env({ LISTEN_FDS: '1' }), PID),
    );
    assert.equal(error.message, 'file file+net fd 3: fcntl: bad file descriptor');
    assert.equal(openDescriptors(), before);
  });
});

suite('a program that is started so', () => {
  interface Said {
    readonly told: boolean;
    readonly names: string[];
    readonly closedOnExec: boolean[];
    readonly left: string[];
    readonly again: number;
  }

  /** Says whose the descriptors are: the shell becomes the program, with the same number. */
  const before = 'LISTEN_PID=$$ && export LISTEN_PID';

  test('listeners, a socket of datagrams, and whom to tell', async () => {
    const tcp = await listen('tcp', '127.0.0.1:0');
    const unix = await listen('unix', unixPath());
    const manager = new Manager(abstractName());
    const files = [tcp.file(), unix.file()];
    const program = new Program('passed', [], {
      before,
      descriptors: [files[0]!.fd, manager.fd, files[1]!.fd],
      env: { LISTEN_FDS: '3', LISTEN_FDNAMES: 'a:b:c', NOTIFY_SOCKET: manager.name },
    });
    for (const file of files) file.close();
    assert.deepEqual(await program.next<Said>(), {
      told: true,
      names: ['a tcp', 'b unixgram', 'c unix'],
      closedOnExec: [true, true, true],
      left: [],
      again: 0,
    });
    assert.equal(manager.message(), 'READY=1\nSTATUS=greeting');
    for (const [listener, greeting] of [
      [tcp, 'from a'],
      [unix, 'from c'],
    ] as const) {
      const { network } = listener;
      await using conn = await dial(network, String(listener.addr));
      listener.close();
      assert.equal((await readFull(conn, 6)).toString(), greeting);
    }
    assert.equal((await program.ended).status, 0);
    assert.equal(manager.message(), 'STOPPING=1');
    manager.close();
  });

  test('none, and nobody to tell', async () => {
    const program = new Program('passed', []);
    const nothing = { told: false, names: [], closedOnExec: [], left: [], again: 0 };
    assert.deepEqual(await program.next<Said>(), nothing);
    assert.equal((await program.ended).status, 0);
  });

  test('less than was said', async () => {
    const env = { LISTEN_FDS: '100000' };
    const { error } = await new Program('passed', [], { before, env }).next<{ error: string }>();
    assert.match(error, /^file file\+net fd \d+: fcntl: bad file descriptor$/);
  });

  const tool = 'systemd-socket-activate';
  const skip = spawnSync(tool, ['--version']).status === 0 ? false : `there is no ${tool}`;
  test(`by ${tool}`, { skip, timeout: 60_000 }, async () => {
    const path = unixPath();
    const program = fileURLToPath(new URL('./programs/passed.js', import.meta.url));
    const args = ['-l', path, '--fdname=web', process.execPath, program];
    const child = spawn(tool, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'close');
    try {
      const [log] = (await once(createInterface({ input: child.stderr }), 'line')) as [string];
      assert.match(log, /^Listening on /);
      await using conn = await dial('unix', path);
      assert.equal((await readFull(conn, 8)).toString(), 'from web');
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
      assert.deepEqual((JSON.parse(line) as Said).names, ['web unix']);
      assert.equal((await ended)[0], 0);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  });
});

suite('sdNotify', () => {
  for (const [what, name] of [
    ['a path', unixPath()],
    ['an abstract name', abstractName()],
  ] as const) {
    test(what, async () => {
      const manager = new Manager(name);
      const env: Environment = { NOTIFY_SOCKET: name };
      const before = openDescriptors();
      assert.equal(await sdNotify(linux, env, 'WATCHDOG=1'), true);
      assert.equal(await sdNotify(linux, env, 'STATUS=ready, öffentlich', { unset: true }), true);
      assert.deepEqual(env, {});
      assert.equal(await sdNotify(linux, env, 'STOPPING=1'), false);
      assert.equal(openDescriptors(), before);
      assert.equal(manager.message(), 'WATCHDOG=1');
      assert.equal(manager.message(), 'STATUS=ready, öffentlich');
      assert.equal(manager.message(), null);
      manager.close();
    });
  }

  test('waits while the manager is busy, and loses nothing', async () => {
    const manager = new Manager(abstractName());
    const env: Environment = { NOTIFY_SOCKET: manager.name };
    const telling: Promise<boolean>[] = [];
    // Its queue has room for some; the others wait.
    for (let i = 0; i < 600; i++) telling.push(sdNotify(linux, env, `STATUS=${i}`));
    assert.ok(await stillWaiting(telling.at(-1)!));
    const got = new Set<string>();
    const all = Promise.all(telling);
    while (got.size < 600) {
      for (let text = manager.message(); text !== null; text = manager.message()) got.add(text);
      await stillWaiting(all);
    }
    assert.deepEqual(new Set(await all), new Set([true]));
    manager.close();
  });

  test('a manager that is not there, a name that is none, nothing to say', async () => {
    const before = openDescriptors();
    const tell = (name: string): Promise<Error> =>
      failure(sdNotify(linux, { NOTIFY_SOCKET: name }, 'READY=1'));
    const gone = abstractName();
    assert.equal((await tell(gone)).message, `write unixgram ${gone}: connect: connection refused`);
    const relative = 'write unixgram run/x: address family not supported by protocol';
    assert.equal((await tell('run/x')).message, relative);
    assert.equal(((await tell(`/${'x'.repeat(200)}`)) as OpError).code, 'EINVAL');
    assert.ok((await failure(sdNotify(linux, {}, ''))) instanceof TypeError);
    assert.ok((await failure(sdNotify(linux, {}, 1 as never))) instanceof TypeError);
    assert.equal(openDescriptors(), before);
  });
});
