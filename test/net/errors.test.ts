/**
 * The texts of errors are Go's, row by row of golden/net_errors.txt: each row of the sections about
 * streams is either brought about here or stands among the exceptions with its reason, so a row that is
 * forgotten fails. Then the fields of errors.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import {
  CancelError,
  type Conn,
  copy,
  dial,
  DNSError,
  ErrClosed,
  ErrClosedPipe,
  ErrDeadlineExceeded,
  fileConn,
  fileListener,
  filePacketConn,
  linux,
  listen,
  listenPacket,
  OpError,
  pipe,
  type Reader,
  SyscallError,
  type TCPConn,
  type TCPListener,
  UDPAddr,
  type UDPConn,
  UnixAddr,
  type UnixNetwork,
} from '../../src/index.ts';
import { O_CLOEXEC } from '../../src/syscall/fcntl.ts';
import { goldenPath } from '../golden/net-values.ts';
import { abstractName, unixPath } from './creators.ts';
import { failure, thrown } from './settling.ts';

const LONG_AGO = new Date(1000);
const buf = new Uint8Array(8);

/** The end of a row that Go's errors.Is makes of an error. */
function isWhat(error: Error): string {
  if (error instanceof OpError && error.cause instanceof OpError) return isWhat(error.cause);
  const cause = error instanceof OpError ? error.cause : error;
  if (cause === ErrClosed) return ' Is:ErrClosed';
  if (cause === ErrDeadlineExceeded) return ' Is:ErrDeadlineExceeded';
  if (cause === ErrClosedPipe) return ' Is:io.ErrClosedPipe';
  if (cause instanceof SyscallError && cause.code === 'EINVAL') return ' Is:EINVAL';
  if (!(cause instanceof CancelError) && !(cause instanceof DNSError)) return '';
  if (cause.timeout) return ' Is:context.DeadlineExceeded';
  return cause.code === 'ABORT_ERR' ? ' Is:context.Canceled' : '';
}

/** What the golden file writes of an outcome. */
async function outcome(act: () => unknown): Promise<string> {
  try {
    const value = await act();
    if (value === null) return 'EOF Is:io.EOF';
    if (value instanceof Object && 'close' in value) (value as Conn).close();
    return 'nil';
  } catch (error) {
    assert.ok(error instanceof Error);
    const { timeout, temporary } = error as OpError;
    const flags = error instanceof OpError ? ` [timeout=${timeout} temporary=${temporary}]` : '';
    return `${error.message}${flags}${isWhat(error)}`;
  }
}

interface Row {
  readonly section: string;
  readonly label: string;
  readonly text: string;
}

function goldenErrors(): Row[] {
  const rows: Row[] = [];
  let section = '';
  for (const line of readFileSync(goldenPath('net_errors.txt'), 'utf8').trimEnd().split('\n')) {
    const heading = /^# ([^:]*)/.exec(line)?.[1];
    const [, label, text] = /^(\s*\S.*?)\s{2,}(.*)$/.exec(line) ?? [];
    if (heading !== undefined) section = heading;
    else if (label !== undefined && text !== undefined) rows.push({ section, label, text });
    else throw new Error(`net_errors.txt: what is this? ${line}`);
  }
  return rows;
}

/** Ports that the kernel chose are not compared. */
function withoutPorts(text: string): string {
  return text.replaceAll(/(127\.0\.0\.1|\[::1\]):(\d{2,}|PORT)/g, '$1:PORT');
}

/** In a section: how each row comes about, or a string that says why it does not. */
type Acts = Readonly<Record<string, (() => unknown) | string>>;

/** What netfd says in place of Go's text, and why. */
const OTHERWISE: Readonly<Record<string, { text: string; reason: string }>> = {
  'Listen(unixgram, @x): accepted by mistake': {
    text: 'listen unixgram @golden1: address @golden1: unexpected address type [timeout=false temporary=false]',
    reason: 'Go’s own row calls it a mistake: a datagram socket has nothing to accept',
  },
  'ListenPacket(unix, @x): accepted by mistake': {
    text: 'listen unix @golden2: address @golden2: unexpected address type [timeout=false temporary=false]',
    reason: 'Go’s own row calls it a mistake: a stream has no datagrams',
  },
  '  its Accept': {
    text: 'accept tcp 127.0.0.1:PORT: accept4: invalid argument [timeout=false temporary=false] Is:EINVAL',
    reason: 'Go tries accept after accept4, for old kernels',
  },
  'DialContext(cancelled, name)': {
    text: 'dial tcp: lookup some.name.test: operation was canceled [timeout=false temporary=false] Is:context.Canceled',
    reason: 'the code is ABORT_ERR with a name as with a literal; Go’s DNSError unwraps since 1.23',
  },
};

function compare(section: string, acts: Acts): void {
  const rows = goldenErrors().filter((row) => row.section === section);
  suite(`error texts: ${section}`, () => {
    test('no row is forgotten', () => {
      assert.ok(rows.length > 0);
      assert.deepEqual(Object.keys(acts).sort(), rows.map(({ label }) => label).sort());
    });
    for (const { label, text } of rows) {
      const act = acts[label];
      if (act === undefined || typeof act === 'string') continue;
      test(label.trim(), async () => {
        const expected = OTHERWISE[label]?.text ?? text;
        assert.equal(withoutPorts(await outcome(act)), withoutPorts(expected));
      });
    }
  });
}

const BY_ADDRESS = 'netfd has no such function: listen and dial take the address as text';
const aborted = AbortSignal.abort();

compare('constructors', {
  'Listen(tcp, 127.0.0.1)': () => listen('tcp', '127.0.0.1'),
  'Listen(tcp, x:y:z)': () => listen('tcp', 'x:y:z'),
  'Listen(tcp7, :0)': () => listen('tcp7', ':0'),
  'Listen(udp, :0)': () => listen('udp', ':0'),
  'Listen(unixgram, @x): accepted by mistake': () => listen('unixgram', '@golden1'),
  '  its Accept': 'there is no listener to accept from, see the row before',
  'Listen(unix, 200-byte path)': () => listen('unix', `/tmp/${'a'.repeat(200)}`),
  'Listen(unix, missing dir)': () => listen('unix', '/tmp/golden-1/nodir/x'),
  'ListenPacket(tcp, :0)': () => listenPacket('tcp', ':0'),
  'ListenPacket(unix, @x): accepted by mistake': () => listenPacket('unix', '@golden2'),
  'ListenPacket(ip, 127.0.0.1)': () => listenPacket('ip', '127.0.0.1'),
  'ListenTCP(udp, nil)': BY_ADDRESS,
  'ListenUDP(tcp, nil)': BY_ADDRESS,
  'ListenUnix(unix, nil)': BY_ADDRESS,
  'ListenUnix(unixgram, a)': BY_ADDRESS,
  'ListenUnixgram(unixgram, nil)': BY_ADDRESS,
  'Dial(tcp, "")': () => dial('tcp', ''),
  'Dial(unix, "")': () => dial('unix', ''),
  'Dial(bogus, x)': () => dial('bogus', 'x'),
  'Dial(ip4, 127.0.0.1)': () => dial('ip4', '127.0.0.1'),
  'Dial(tcp, 127.0.0.1:99999)': () => dial('tcp', '127.0.0.1:99999'),
  'Dial(tcp, [fe80::1%nope]:1)': () => dial('tcp', '[fe80::1%nope]:1'),
  'DialTCP(udp, nil, addr)': BY_ADDRESS,
  'DialTCP(tcp, v6 laddr, v4 raddr)': BY_ADDRESS,
  'DialTCP(tcp4, nil, v6 raddr)': BY_ADDRESS,
  'DialUDP(udp, nil, nil)': () => dial('udp', ''),
  'DialTimeout(tcp, localhost:1, 1ns)': () => dial('tcp', 'localhost:1', { timeout: 1e-6 }),
  'DialContext(cancelled)': () => dial('tcp', '127.0.0.1:1', { signal: aborted }),
  'DialContext(cancelled, name)': () => dial('tcp', 'some.name.test:1', { signal: aborted }),
  'ListenConfig.Listen(cancelled ctx)': () => listen('tcp', '127.0.0.1:0', { signal: aborted }),
});

/** Gives `act` one end of a new connection. */
function onConn(act: (conn: TCPConn) => unknown): () => Promise<unknown> {
  return async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    const dialled = dial('tcp', String(listener.addr));
    await using conn = await dialled;
    await using peer = await listener.accept();
    listener.close();
    assert.ok(!peer.closed);
    return await act(conn);
  };
}

/** The same, and the end is closed. */
function onClosed(act: (conn: TCPConn) => unknown): () => Promise<unknown> {
  return onConn((conn) => {
    conn.close();
    return act(conn);
  });
}

function pastDeadline(act: (conn: TCPConn) => unknown): () => Promise<unknown> {
  return onConn((conn) => {
    conn.setDeadline(LONG_AGO);
    return act(conn);
  });
}

/** What a program reads from that is no connection. */
function someBytes(): Reader {
  return { read: (into) => Promise.resolve(into.fill(1).length) };
}

compare('TCP connection', {
  'Read, past deadline': pastDeadline((conn) => conn.read(buf)),
  'Read 0 bytes, past deadline': pastDeadline((conn) => conn.read(new Uint8Array(0))),
  'Write 0 bytes, past deadline': pastDeadline((conn) => conn.write('')),
  'ReadFrom(reader), past deadline': pastDeadline((conn) => copy(conn, someBytes())),
  'SetKeepAlivePeriod(-1s)': onConn((conn) => conn.setKeepAlivePeriod(-1000)),
  'SetReadBuffer(-1)': onConn((conn) => conn.setReadBuffer(-1)),
  'Read after CloseRead': onConn((conn) => {
    conn.closeRead();
    return conn.read(buf);
  }),
  'Write 0 bytes after CloseWrite': onConn((conn) => {
    conn.closeWrite();
    return conn.write('');
  }),
  Close: onConn((conn) => conn.close()),
  'Close again': onClosed((conn) => conn.close()),
  'after Close: Read': onClosed((conn) => conn.read(buf)),
  'after Close: Read 0 bytes': onClosed((conn) => conn.read(new Uint8Array(0))),
  'after Close: Write': onClosed((conn) => conn.write('x')),
  'after Close: CloseRead': onClosed((conn) => conn.closeRead()),
  'after Close: SetDeadline': onClosed((conn) => conn.setDeadline(null)),
  'after Close: SetNoDelay': onClosed((conn) => conn.setNoDelay(true)),
  'after Close: SetReadBuffer': onClosed((conn) => conn.setReadBuffer(4096)),
  'after Close: SetLinger': onClosed((conn) => conn.setLinger(0)),
  'after Close: File': onClosed((conn) => conn.file()),
  'after Close: ReadFrom': onClosed((conn) => copy(conn, someBytes())),
  'after Close: Buffers': onClosed((conn) => conn.writev([buf])),
  'after Close: RawConn.Control': onClosed((conn) => conn.syscallConn().control(() => {})),
  'after Close: RawConn.Write': onClosed((conn) => conn.syscallConn().write(() => true)),
});

compare('listener', {
  'Accept, past deadline': async () => {
    await using listener = await listen('tcp', '127.0.0.1:0');
    listener.setDeadline(LONG_AGO);
    await listener.accept();
  },
  'Accept after Close': async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    listener.close();
    await listener.accept();
  },
  'SetDeadline after Close': async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    listener.close();
    listener.setDeadline(null);
  },
  'File after Close': async () => {
    const listener = await listen('tcp', '127.0.0.1:0');
    listener.close();
    listener.file();
  },
});

/** Neither end of a pipe(2) is a socket. */
function withPipe(act: (file: { fd: number; name: string }) => unknown): () => unknown {
  return () => {
    const ends = new Int32Array(2);
    assert.equal(linux.kernel.pipe2(ends, O_CLOEXEC), 0);
    try {
      return act({ fd: ends[0]!, name: '|0' });
    } finally {
      for (const end of ends) linux.kernel.close(end);
    }
  };
}

/** Gives `act` a listener on a copy of a connection. */
function onConnListener(act: (listener: TCPListener) => unknown): () => Promise<unknown> {
  return onConn(async (conn) => {
    using file = conn.file();
    await using listener = fileListener(file) as TCPListener;
    await act(listener);
  });
}

compare('files', {
  'FileListener(pipe)': withPipe(fileListener),
  'FileConn(closed file)': () => fileConn({ fd: -1, name: '|0' }),
  'TCPConn.File().Name()': onConn((conn) => {
    using file = conn.file();
    throw new Error(file.name);
  }),
  'FilePacketConn(tcp file)': onConn((conn) => {
    using file = conn.file();
    filePacketConn(file);
  }),
  'FileListener(connected tcp file)': onConnListener(() => {}),
  '  its Accept': onConnListener((listener) => listener.accept()),
});

/** Gives `act` a socket that is bound. */
function onPackets(act: (conn: UDPConn) => unknown): () => Promise<unknown> {
  return async () => {
    await using conn = await listenPacket('udp4', '127.0.0.1:0');
    return await act(conn);
  };
}

/** A unixgram socket sends to `name`, which is an address of `network`. */
function sendingTo(name: string, network: UnixNetwork): () => Promise<unknown> {
  return async () => {
    await using conn = await listenPacket('unixgram', '@facts-err');
    return await conn.writeTo('x', new UnixAddr(name, network));
  };
}

compare('UDP / unixgram', {
  'WriteTo(v6)': onPackets((conn) => conn.writeTo('x', new UDPAddr('::1', 1))),
  'WriteMsgUDP(nil)': onPackets((conn) => conn.writeMsg(buf)),
  'ReadFrom 0 bytes, past deadline': onPackets((conn) => {
    conn.setReadDeadline(LONG_AGO);
    return conn.readFrom(new Uint8Array(0));
  }),
  'WriteTo after Close': onPackets((conn) => {
    conn.close();
    return conn.writeTo('x', new UDPAddr('127.0.0.1', 1));
  }),
  'connected WriteMsgUDP(addr)': async () => {
    await using conn = await dial('udp', '127.0.0.1:9');
    return await conn.writeMsg(buf, null, conn.remoteAddr);
  },
  'unixgram WriteTo(Net unix)': sendingTo('@x', 'unix'),
  'unixgram WriteTo(nobody)': sendingTo('@nobody', 'unixgram'),
});

compare('Pipe', {
  'Read, past deadline': () => {
    const [one] = pipe();
    one.setReadDeadline(LONG_AGO);
    return one.read(buf);
  },
  'Write, past deadline': () => {
    const [one] = pipe();
    one.setWriteDeadline(LONG_AGO);
    return one.write('x');
  },
  'Read, local closed': () => {
    const [one] = pipe();
    one.close();
    return one.read(buf);
  },
});

/** The two ends of a new connection. */
async function connected(): Promise<[TCPConn, TCPConn]> {
  await using listener = await listen('tcp', '127.0.0.1:0');
  return await Promise.all([dial('tcp', String(listener.addr)), listener.accept()]);
}

suite('fields of errors', () => {
  const fields = (error: Error): object => {
    assert.ok(error instanceof OpError);
    const { op, net, code, errno, syscall, address, port, timeout, temporary } = error;
    return { op, net, code, errno, syscall, address, port, timeout, temporary };
  };

  test('bytesWritten: a number of each write that failed, of nothing else', async () => {
    const [conn, peer] = await connected();
    const refused = await failure(dial('tcp', '127.0.0.1:1'));
    conn.setDeadline(LONG_AGO);
    const late = [await failure(conn.write('x')), thrown(() => conn.tryWrite(buf))];
    const lateReads = [await failure(conn.read(buf)), thrown(() => conn.tryRead(buf))];
    conn.close();
    const closed = [await failure(conn.write('x')), await failure(conn.writable())];
    for (const error of [...late, ...closed]) {
      assert.equal((error as OpError).bytesWritten, 0);
    }
    for (const error of [refused, ...lateReads]) {
      assert.equal((error as OpError).bytesWritten, undefined);
      assert.ok(!('bytesWritten' in error));
    }
    peer.close();
  });

  test('a refused connection', async () => {
    const error = await failure(dial('tcp', '127.0.0.1:1'));
    assert.equal(error.message, 'dial tcp 127.0.0.1:1: connect: connection refused');
    assert.deepEqual(fields(error), {
      op: 'dial',
      net: 'tcp',
      code: 'ECONNREFUSED',
      errno: -111,
      syscall: 'connect',
      address: '127.0.0.1',
      port: 1,
      timeout: false,
      temporary: false,
    });
    const unix = await failure(dial('unixpacket', '/no/such/socket'));
    assert.equal(
      unix.message,
      'dial unixpacket /no/such/socket: connect: no such file or directory',
    );
    assert.deepEqual(fields(unix), {
      ...fields(error),
      net: 'unixpacket',
      code: 'ENOENT',
      errno: -2,
      address: '/no/such/socket',
      port: undefined,
    });
  });

  test('an address in use', async () => {
    await using listener = await listen('tcp', '[::1]:0');
    const error = await failure(listen('tcp6', String(listener.addr)));
    const { port } = listener.addr;
    assert.equal(error.message, `listen tcp6 [::1]:${port}: bind: address already in use`);
    assert.deepEqual(fields(error), {
      op: 'listen',
      net: 'tcp6',
      code: 'EADDRINUSE',
      errno: -98,
      syscall: 'bind',
      address: '::1',
      port,
      timeout: false,
      temporary: false,
    });
  });

  test('timeouts, closing and giving up have no system call', async () => {
    await using listener = await listen('unix', abstractName());
    const [conn, peer] = await Promise.all([
      dial('unix', String(listener.addr)),
      listener.accept(),
    ]);
    assert.match(listener.addr.name, /^@netfd-test-/);
    conn.setDeadline(LONG_AGO);
    const bare = { errno: undefined, syscall: undefined, port: undefined };
    const late = { ...bare, code: 'ERR_DEADLINE_EXCEEDED', timeout: true, temporary: true };
    const unix = { net: 'unix', address: listener.addr.name };
    assert.deepEqual(fields(await failure(conn.read(buf))), { op: 'read', ...unix, ...late });
    assert.deepEqual(fields(thrown(() => conn.tryWrite(buf))), { op: 'write', ...unix, ...late });
    conn.close();
    const closed = { ...bare, code: 'ERR_CLOSED', timeout: false, temporary: false };
    assert.deepEqual(fields(await failure(conn.write(buf))), { op: 'write', ...unix, ...closed });
    peer.close();
    const gaveUp = await failure(
      dial('unix', '@x', { signal: AbortSignal.abort(new Error('why')) }),
    );
    const giveUp = { ...closed, code: 'ABORT_ERR', op: 'dial', net: 'unix', address: '@x' };
    assert.deepEqual(fields(gaveUp), giveUp);
    assert.match(String((gaveUp.cause as Error).cause), /why/);
    const tooLate = await failure(dial('unix', '@x', { timeout: -1 }));
    assert.deepEqual(fields(tooLate), {
      ...giveUp,
      code: 'ETIMEDOUT',
      timeout: true,
      temporary: true,
    });
  });

  test('the peer’s reset is told once, then the end; its broken pipe each time', async () => {
    const [conn, peer] = await connected();
    await conn.write('never read');
    await peer.readable();
    peer.close(); // with unread bytes, so it resets
    const error = await failure(conn.read(buf));
    assert.match(error.message, /^read tcp 127\S+->127\S+: read: connection reset by peer$/);
    assert.equal(error.code, 'ECONNRESET');
    assert.equal(await conn.read(buf), null);
    for (let i = 0; i < 2; i++) {
      const broken = await failure(conn.write('x'));
      assert.match(broken.message, /^write tcp 127\S+->127\S+: write: broken pipe$/);
      assert.equal(broken.code, 'EPIPE');
      assert.equal((broken as OpError).temporary, false);
    }
    conn.close();
  });

  test('a socket file where nobody listens any more', async () => {
    const path = unixPath();
    const listener = await listen('unix', path);
    listener.setUnlinkOnClose(false);
    listener.close();
    const refused = await failure(dial('unix', path));
    assert.equal(refused.message, `dial unix ${path}: connect: connection refused`);
    const inUse = await failure(listen('unix', path));
    assert.equal(inUse.message, `listen unix ${path}: bind: address already in use`);
  });
});
