/**
 * Where netfd's system calls differ from Go's on purpose: each difference turns the golden text of Go
 * into what netfd's trace must be. The names stand in docs/differences-from-go.md, which gives the
 * reasons at length. What is not listed here must be the same.
 */

import { FILE_DIFFERENCES } from './file-differences.ts';

export interface Difference {
  readonly name: string;
  readonly reason: string;
  /** The scenes it is for; all if not given. */
  readonly scenes?: readonly string[];
  apply(lines: readonly string[]): string[];
}

function without(pattern: RegExp): (lines: readonly string[]) => string[] {
  return (lines) => lines.filter((line) => !pattern.test(line));
}

function replaced(pattern: RegExp, by: string): (lines: readonly string[]) => string[] {
  return (lines) => lines.map((line) => line.replace(pattern, by));
}

/** An epoll_wait with whatever events: see `matches` in golden.test.ts. */
export function anyEvent(subject: string): string {
  return `epoll_wait(ep, [{ANY, ${subject}}], 128, _) = 1`;
}

/**
 * Leaves out reads that find nothing because nothing can be there: after EAGAIN, and on TCP after a
 * short read. A read that follows a short one waits for the edge even if Go's need not.
 */
function drained(lines: readonly string[]): string[] {
  const kept: string[] = [];
  const unix = lines.some((line) => line.includes('AF_UNIX'));
  /** Descriptors that are known to be empty: no event has been seen since. */
  const empty = new Set<string>();
  for (const line of lines) {
    const [, subject = '', asked = '', result = ''] =
      /^read\(([cs]\d+), .*, (\d+)\) = (-?\w+(?: EAGAIN)?)/.exec(line) ?? [];
    const event = /^epoll_wait\(ep, \[\{\S+, (\w+)\}/.exec(line)?.[1];
    if (event !== undefined) empty.delete(event);
    if (subject !== '' && empty.has(subject)) {
      if (result === '-1 EAGAIN') continue;
      kept.push(anyEvent(subject));
      empty.delete(subject);
    }
    if (result === '-1 EAGAIN') empty.add(subject);
    if (!unix && Number(result) > 0 && Number(result) < Number(asked)) empty.add(subject);
    kept.push(line);
  }
  return kept;
}

/** What is left of a trace, named anew in the order in which it is made. */
function renamed(lines: readonly string[]): string[] {
  const names = new Map<string, string>();
  const made = { s: 0, f: 0 };
  for (const line of lines) {
    const [, name = '', kind] = /^(?:socket|openat2?)\(.* = (([sf])\d+)$/.exec(line) ?? [];
    if (kind !== undefined) names.set(name, `${kind}${++made[kind as 's' | 'f']}`);
  }
  let ports = 0;
  return lines.map((line) =>
    line
      .replaceAll(/\b[sf]\d+\b/g, (name) => names.get(name) ?? name)
      .replaceAll(/(?<=htons\()P\d+/g, (port) => {
        if (!names.has(port)) names.set(port, `P${++ports}`);
        return names.get(port)!;
      }),
  );
}

const NAME = /\b[sf]\d+\b/g;

/** Without the descriptors in lines like `telling`, and all that is done with them. */
function withoutThose(telling: RegExp, lines: readonly string[]): string[] {
  const gone = new Set(
    lines.filter((line) => telling.test(line)).flatMap((line) => line.match(NAME)),
  );
  const isGone = (line: string): boolean => (line.match(NAME) ?? []).some((name) => gone.has(name));
  return renamed(lines.filter((line) => !isGone(line)));
}

/** Without the sockets that are connected to a DNS server, on either side. */
export function withoutQueries(lines: readonly string[]): string[] {
  return withoutThose(/^connect\(s\d+, .*htons\(53\)/, lines);
}

/** The lines of each socket, in the order in which they were made. */
function bySocket(lines: readonly string[]): string[][] {
  const found = new Map<string, string[]>();
  for (const line of lines) {
    const [name = ''] = line.match(NAME) ?? [];
    found.set(name, [...(found.get(name) ?? []), line]);
  }
  return [...found.values()];
}

/** Of the sockets that ask the kernel for the way to an address, only what that needs. */
function bareProbes(lines: readonly string[]): string[] {
  const probes = new Set(
    lines.map((line) => /^connect\((s\d+), .*htons\(9\)/.exec(line)?.[1] ?? ''),
  );
  return lines.filter((line) => {
    const subject = /^(?:epoll_ctl\(ep, \w+, |setsockopt\(|getpeername\()(s\d+),/.exec(line)?.[1];
    return subject === undefined || !probes.has(subject);
  });
}

/** What every connection of TCP gets, with the subject left open. */
const INITIAL_OPTIONS = [
  'SOL_TCP, TCP_NODELAY, [1], 4) = 0',
  'SOL_SOCKET, SO_KEEPALIVE, [1], 4) = 0',
  'SOL_TCP, TCP_KEEPINTVL, [15], 4) = 0',
  'SOL_TCP, TCP_KEEPIDLE, [15], 4) = 0',
];

const WILDCARD = /inet_addr\("0\.0\.0\.0"\)|inet_pton\(AF_INET6, "::",/;

/**
 * The options of connections are set on their listener, and their local address is not asked for, if the
 * listener is bound to one. Not so where the program had the listener's descriptor.
 */
function inherited(lines: readonly string[]): string[] {
  const bound = new Map<string, string>();
  const lent = new Set<string>();
  /** By connection: the calls that are not made for it. */
  const spared = new Map<string, Set<string>>();
  return lines.flatMap((line) => {
    const [, subject = ''] = /^\w+\(([a-z]+\d+), /.exec(line) ?? [];
    if (/^getsockopt\(s\d|SO_REUSEPORT/.test(line)) {
      lent.add(subject);
      bound.delete(subject);
    }
    if (/^bind\(s\d+, \{sa_family=AF_INET/.test(line) && !lent.has(subject)) {
      bound.set(subject, line);
    }
    if (line.startsWith('listen(') && bound.has(subject)) {
      return [...INITIAL_OPTIONS.map((option) => `setsockopt(${subject}, ${option}`), line];
    }
    const conn = /^accept4\(.* = (c\d+)$/.exec(line)?.[1];
    const address = bound.get(subject);
    if (conn !== undefined && address !== undefined) {
      const calls = INITIAL_OPTIONS.map((option) => `setsockopt(${conn}, ${option}`);
      if (!WILDCARD.test(address)) calls.push(`getsockname(${conn}`);
      spared.set(conn, new Set(calls));
    }
    const call = line.startsWith('getsockname(') ? `getsockname(${subject}` : line;
    return spared.get(subject)?.delete(call) === true ? [] : [line];
  });
}

function added(subject: string): string {
  const event = `{events=EPOLLIN|EPOLLOUT|EPOLLRDHUP|EPOLLET, data=${subject}}`;
  return `epoll_ctl(ep, EPOLL_CTL_ADD, ${subject}, ${event}) = 0`;
}

/**
 * A connection that was accepted is put into the poller just before it first waits: behind a read or write
 * that says EAGAIN, or in front of the first event. One that never waits is neither put in nor taken out.
 */
function registeredLater(lines: readonly string[]): string[] {
  const accepted = new Set<string>();
  /** By connection: the call that has not been made yet. */
  const put = new Map<string, string>();
  return lines.flatMap((line) => {
    const conn = /^accept4\(.* = (c\d+)$/.exec(line)?.[1];
    if (conn !== undefined) accepted.add(conn);
    const [, op = '', subject = ''] = /^epoll_ctl\(ep, EPOLL_CTL_(\w+), (\w+),/.exec(line) ?? [];
    if (op === 'ADD' && accepted.has(subject)) {
      put.set(subject, line);
      return [];
    }
    if (op === 'DEL' && put.delete(subject)) return [];
    const event = /^epoll_wait\(ep, \[\{\S+, (\w+)\}/.exec(line)?.[1];
    const waiting = event ?? /^\w+\((c\d+), .* EAGAIN/.exec(line)?.[1] ?? '';
    const call = put.get(waiting);
    if (call === undefined) return [line];
    put.delete(waiting);
    return event === undefined ? [line, call] : [call, line];
  });
}

/** The write of a refusal, which is `length` bytes long. */
function refusal(conn: string, status: string, length: number): string {
  const head = [
    `HTTP/1.1 ${status}`,
    'Date: <date>',
    `Content-Length: ${status.length}`,
    'Content-Type: text/plain; charset=utf-8',
    'Connection: close',
  ];
  const text = String.raw`${head.join(String.raw`\r\n`)}\r\n\r\n${status}`;
  return `write(${conn}, "${text}", ${length}) = ${length}`;
}

/** The scenes in which names are looked up. */
const NAMES = ['dial_localhost', 'dial_happy_eyeballs', 'resolver_go'];

export const DIFFERENCES: readonly Difference[] = [
  ...FILE_DIFFERENCES.map((difference) => ({ ...difference, scenes: ['http_servefile'] })),
  {
    name: 'The files about names are plain files too',
    reason: 'they are read without the poller, which is not compared',
    scenes: [...NAMES, 'ip_conn', 'startup_dial_literal'],
    apply: (lines) => withoutThose(/^openat\(/, without(/^uname|^newfstatat/)(lines)),
  },
  {
    name: 'Queries are made by node:dns',
    reason:
      'its calls are its own; what comes of them is compared, IPv4 first whoever answers first',
    scenes: ['resolver_go'],
    apply(lines) {
      const rest = withoutQueries(lines);
      const start = rest.indexOf('## LookupHost(big.test)') + 1;
      const end = start + rest.slice(start).findIndex((line) => line.startsWith('#'));
      const [ipv6, ipv4] = bySocket(rest.slice(start, end));
      return renamed([...rest.slice(0, start), ...ipv4!, ...ipv6!, ...rest.slice(end)]);
    },
  },
  {
    name: 'Sorting needs no poller',
    reason: 'a socket that only asks for its own address never waits, and sends no broadcast',
    scenes: NAMES,
    apply: bareProbes,
  },
  {
    name: 'Files of /proc are read as plain files',
    reason: 'as somaxconn is: without the poller, and to the first read that finds nothing more',
    scenes: ['interfaces'],
    apply(lines) {
      const calls = without(/^epoll_|^fcntl\(f\d/)(lines);
      const once = calls.filter((line, at) => {
        const isEnd = /^read\(f\d+, "", /.test(line);
        return !isEnd || !/^read\(f\d+, "", /.test(calls[at - 1] ?? '');
      });
      return replaced(/^(read\(f\d+, .*), \d+\)/, '$1, 16384)')(once);
    },
  },
  {
    name: 'An interface tells whether it is running',
    reason: 'Go 1.20 and later tell it, 1.19 does not',
    scenes: ['interfaces'],
    apply: replaced(/(flags=up\|loopback)$/, '$1|running'),
  },
  {
    name: 'What the programs do with files is their own',
    reason: 'os.Open and os.Lstat of the Go programs are not its net',
    scenes: ['unixgram', 'unix_fdpass'],
    apply(lines) {
      const own = /^newfstatat|^openat.*\/dev\/null|^epoll_ctl\(ep, \w+, f2,|^close\(f2/;
      return replaced(/cmsg_data=\[f2\]/, 'cmsg_data=[a file]')(without(own)(lines));
    },
  },
  {
    name: 'The end of a stream',
    reason: 'is null, with nothing beside it',
    scenes: ['unix_fdpass'],
    apply: replaced(/^#  -> n=0 .* err=read unix .*: EOF$/, '#  -> end: null'),
  },
  {
    name: 'No pipe to wake the poller',
    reason: 'the event loop of the runtime has its own way to be woken',
    apply: without(/brk_[rw]/),
  },
  {
    name: 'The loop of the runtime joins the poller',
    reason: 'libuv makes a descriptor that it watches non-blocking, and it is closed at the exit',
    apply: (lines) =>
      lines.flatMap((line) =>
        line.startsWith('epoll_create1(') ? [line, 'ioctl(ep, FIONBIO, [1]) = 0'] : [line],
      ),
  },
  {
    name: 'somaxconn is read as the plain file that it is',
    reason: 'a file is always ready: no epoll, no O_NONBLOCK, and 16 KiB are enough',
    apply(lines) {
      const calls = without(/^epoll_ctl\(ep, \w+, f1|^fcntl\(f1/)(lines);
      return replaced(/^(read\(f1, .*), \d+\)/, '$1, 16384)')(calls);
    },
  },
  {
    name: 'The poller is opened at the first socket',
    reason: 'Go opens it for somaxconn already, which netfd does not put into it',
    apply(lines) {
      const at = lines.findIndex((line) => line.startsWith('epoll_create1('));
      if (at < 0) return [...lines];
      const opening = lines.slice(at, at + 2);
      const rest = [...lines.slice(0, at), ...lines.slice(at + 2)];
      const first = rest.findIndex((line) => line.startsWith('epoll_ctl('));
      if (first < 0) return rest; // it is not opened for nothing
      return [...rest.slice(0, first), ...opening, ...rest.slice(first)];
    },
  },
  {
    name: 'No read where nothing can be',
    reason: 'after EAGAIN, and on TCP after a short read, the next read waits for the edge first',
    apply: drained,
  },
  {
    name: 'Connections inherit from their listener',
    reason: 'the listening socket has the options, and mostly the address, of all its connections',
    apply: inherited,
  },
  {
    name: 'A connection is registered when it first waits',
    reason: 'one that is closed before that needs neither of the two calls of epoll_ctl',
    apply: registeredLater,
  },
  {
    name: 'A connection is registered when it first waits',
    reason: 'for its next request, where the read that found nothing is left out',
    scenes: ['http_shutdown'],
    apply: (lines) =>
      lines.flatMap((line) => {
        if (line.startsWith('write(c1, ')) return [line, added('c1')];
        return line === 'close(c1) = 0'
          ? ['epoll_ctl(ep, EPOLL_CTL_DEL, c1, _) = 0', line]
          : [line];
      }),
  },
  {
    name: 'The limit of descriptors is set from outside',
    reason: 'JavaScript has no setrlimit; the calls are those of the Go program, not of its net',
    scenes: ['accept_emfile', 'http_accept_backoff', 'startup_probe'],
    apply: without(/^[gs]etrlimit|^close\(4\)/),
  },
  {
    name: 'A file of a socket is only a descriptor',
    reason: 'it is not put into the poller, and never made blocking, which the socket would be too',
    scenes: ['file_dup'],
    apply(lines) {
      // d1, d3 and d5 are the files, the others what is made of them.
      const bare = without(/^fcntl\(d[135], F_[GS]ETFL|^epoll_ctl\(ep, \w+, d[135],/)(lines);
      const kept = without(/^fcntl\(d[2467], F_SETFL/)(bare);
      return replaced(/(F_GETFL\)) = 0x2 .*/, '$1 = 0x802 (flags O_RDWR|O_NONBLOCK)')(kept);
    },
  },
  {
    name: 'A descriptor of the wrong kind is not put into the poller',
    reason: 'Go puts it there and takes it out again before it says so',
    scenes: ['file_dup'],
    apply: without(/^epoll_ctl\(ep, \w+, d6,/),
  },
  {
    name: 'A pipe for splice is made large',
    reason: 'as newer Go does; that of 1.19 only asks how large it is',
    scenes: ['splice_proxy'],
    apply: replaced(/F_GETPIPE_SZ\) = \d+/, 'F_SETPIPE_SZ, 1048576) = 1048576'),
  },
  {
    name: 'A place in a file is an argument',
    reason: 'the file may be used by others meanwhile; and no file is put into the poller',
    scenes: ['writev_buffers'],
    apply(lines) {
      // f2 is the file while it is made, which the program does before.
      const calls = without(/\bf2\b|^epoll_ctl\(ep, EPOLL_CTL_ADD, f3|^lseek/)(lines);
      return renamed(replaced(/f3, NULL, 100\)/, 'f3, [10] => [110], 100)')(calls));
    },
  },
  {
    name: 'HTTP reads into a buffer of 64 KiB',
    reason: 'one buffer is shared by all connections, so a large one costs nothing',
    scenes: [
      'http_keepalive',
      'http_shutdown',
      'http_timeouts',
      'http_accept_backoff',
      'http_servefile',
    ],
    apply(lines) {
      // What Go reads in three pieces, and not to its end.
      const whole = replaced(/^(read\(c6, "GET .*), 4096\) = 4096$/, '$1, 65536) = 9032')(lines);
      const once = without(/^read\(c6, "y+", 25\)|^read\(c6, .*, 999\)/)(whole);
      return replaced(/^(read\(c\d+, .*), 4096\)/, '$1, 65536)')(once);
    },
  },
  {
    name: 'A slow head is answered',
    reason: 'with 408, where Go closes without a word (decision 004)',
    scenes: ['http_timeouts'],
    apply(lines) {
      const silent = without(/^write\(c3, "HTTP\/1\.1 400 /)(lines);
      return silent.flatMap((line) => {
        const conn = /^epoll_ctl\(ep, EPOLL_CTL_DEL, (c[234]),/.exec(line)?.[1];
        if (conn === undefined) return [line];
        return [refusal(conn, '408 Request Timeout', 168), `shutdown(${conn}, SHUT_WR) = 0`, line];
      });
    },
  },
  {
    name: 'A refusal is a reply like others',
    reason: 'it has a date and a length',
    scenes: ['http_timeouts'],
    apply: (lines) =>
      lines.map((line) => {
        if (!line.startsWith('write(c6, "HTTP/1.1 431 ')) return line;
        return refusal('c6', '431 Request Header Fields Too Large', 200);
      }),
  },
  {
    name: 'A refusal is followed by reading until the client closes',
    reason: 'Go waits for half a second instead',
    scenes: ['http_timeouts'],
    apply: (lines) =>
      lines.flatMap((line) => {
        const conn = /^shutdown\((c\d+),/.exec(line)?.[1];
        if (conn === undefined) return [line];
        return [line, anyEvent(conn), `read(${conn}, "", 65536) = 0`];
      }),
  },
  {
    name: 'Who has connected is served before a listener is closed',
    reason: 'Go closes it, and the kernel resets them; here a filter lets nobody join them',
    scenes: ['http_shutdown'],
    apply(lines) {
      const called = lines.indexOf('## Shutdown called') + 1;
      const seal = 'setsockopt(s1, SOL_SOCKET, SO_ATTACH_FILTER, {len=1, filter=PTR}, 16) = 0';
      return [...lines.slice(0, called), seal, ...lines.slice(called)];
    },
  },
  {
    name: 'Serving that ends well is no error',
    reason:
      'the promise is fulfilled, once the connections that were idle are closed (decision 004)',
    scenes: ['http_shutdown'],
    apply(lines) {
      const kept = without(/^#  -> Serve returned/)(lines);
      const closed = kept.indexOf('#  -> ConnState closed') + 1;
      return [...kept.slice(0, closed), '#  -> Serve returned: <nil>', ...kept.slice(closed)];
    },
  },
];
