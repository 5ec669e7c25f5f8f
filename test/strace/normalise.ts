/**
 * From an `strace -f -s 200` log of a program on netfd to the text shape of golden/*.txt.
 *
 * Node makes hundreds of calls of its own; followed are only those of the main thread, after the line
 * BEGIN that the program writes to descriptor -1, and only on descriptors that come from socket,
 * accept4, epoll_create1, F_DUPFD_CLOEXEC, pipe2, recvmsg, or the opening of somaxconn, /proc/net/igmp or a file in
 * the folder of the program. They are named in the order they were made: s1…, c1…, ep, d1…, p1r and p1w…,
 * f1…; ports of the kernel's choice P1…, of netlink PID; pointers PTR. MARK and NOTE lines of the program
 * become "## …" and "#  -> …". Long lines have a cut in the middle.
 *
 * An epoll_wait appears as in the golden text: one line an event, and only if something waited for that
 * event, which is so when the next call on the descriptor tries again what could not be done before.
 */

/** One call as strace prints it. */
interface Call {
  readonly pid: string;
  readonly name: string;
  readonly args: string;
  readonly result: string;
}

/** Puts the two halves of calls together that another thread's line has interrupted. */
export function parseLog(log: string): Call[] {
  const calls: Call[] = [];
  const unfinished = new Map<string, string>();
  for (const line of log.split('\n')) {
    const [, pid = '', text = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const begun = /^(.*) <unfinished \.\.\.>$/.exec(text);
    if (begun !== null) {
      unfinished.set(pid, begun[1]!);
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text);
    const whole = resumed === null ? text : `${unfinished.get(pid) ?? ''}${resumed[1]!}`;
    const [, name, args = '', result = ''] = /^(\w+)\((.*)\)\s+= (.*)$/.exec(whole) ?? [];
    if (name !== undefined) calls.push({ pid, name, args, result });
  }
  return calls;
}

/** The kind of name of what a call makes. */
const MAKERS: Readonly<Record<string, string>> = {
  socket: 's',
  accept4: 'c',
  epoll_create1: 'ep',
  openat: 'f',
  openat2: 'f',
  fcntl: 'd',
};

/** The files that count among those that are opened: the folder is that of the golden programs. */
const FILES = /somaxconn|\/proc\/net\/igmp|"\/tmp\/golden-1\//;

/** What a line has at most, and what is left of a longer one. */
const LONGEST_LINE = 420;
const HEAD_LEFT = 300;
const TAIL_LEFT = 90;

/** What a call wants to be ready when it says that it would wait. */
const WRITERS: ReadonlySet<string> = new Set(
  'write writev sendto sendmsg sendfile connect'.split(' '),
);

/** What tries again when there is something to be had. */
const READERS: ReadonlySet<string> = new Set(['read', 'recvfrom', 'recvmsg', 'splice', 'accept4']);

const READ_EVENTS = /EPOLLIN|EPOLLRDHUP|EPOLLHUP|EPOLLERR/;
const WRITE_EVENTS = /EPOLLOUT|EPOLLHUP|EPOLLERR/;

/**
 * The header of a packet of 28 bytes to ourselves: its identification and checksum vary, and before a
 * byte that is a digit strace writes all three of an octal number.
 */
const IP_HEADER = /"E\\0\\0\\0?34.*?@\\0@\\(?:00)?1.*?\\177\\0\\0\\1\\177\\0\\0\\1/;

export function withoutIPHeader(line: string): string {
  return line.replace(IP_HEADER, '"<header>');
}

/** A wait, and the event that ended it once there was one. */
interface Wait {
  readonly writes: boolean;
  event: string | null;
}

class Normaliser {
  readonly lines: string[] = [];
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #ports = new Map<string, string>();
  /** What a port was last given to, by kind and port. */
  readonly #owners = new Map<string, string>();
  readonly #waits = new Map<string, Wait>();
  #begun = false;

  feed(call: Call): void {
    const said = /^-1, "(BEGIN|MARK |NOTE )(.*?)"(?:\.\.\.)?, \d+$/.exec(call.args);
    if (call.name === 'write' && said !== null) this.#say(said[1]!, said[2]!);
    else if (this.#begun) this.#follow(call);
  }

  #say(what: string, text: string): void {
    if (what === 'BEGIN') this.#begun = true;
    else this.#emit(`${what === 'MARK ' ? '##' : '#  ->'} ${text.replaceAll('\\"', '"')}`);
  }

  #follow(call: Call): void {
    const { name, args } = call;
    if (name === 'socket' || name === 'epoll_create1') this.#made(call, args);
    else if (name === 'openat' || name === 'openat2') {
      if (FILES.test(args)) this.#made(call, args);
    } else if (name === 'pipe2') this.#madePipe(call);
    else if (name === 'unlinkat') this.#emit(`${name}(${args}) = ${call.result}`);
    else {
      const [, fd = '', rest = ''] = /^(\d+)(.*)$/.exec(args) ?? [];
      const subject = this.#names.get(fd);
      if (subject !== undefined) this.#on(subject, fd, rest, call);
    }
  }

  #made(call: Call, args: string): void {
    const kind = MAKERS[call.name]!;
    let result = call.result;
    if (/^\d+$/.test(result)) {
      const count = this.#count(kind);
      const name = kind === 'ep' ? kind : `${kind}${count}`;
      this.#names.set(result, name);
      result = name;
      if (kind === 'c') this.#owns(name, args);
    }
    this.#emit(`${call.name}(${args}) = ${result}`);
  }

  #madePipe({ args, result }: Call): void {
    const [, reader = '', writer = '', flags = ''] = /^\[(\d+), (\d+)\], (.*)$/.exec(args) ?? [];
    const count = (this.#counts.get('p') ?? 0) + 1;
    this.#counts.set('p', count);
    this.#names.set(reader, `p${count}r`).set(writer, `p${count}w`);
    this.#emit(`pipe2([p${count}r, p${count}w], ${flags}) = ${result}`);
  }

  /** The other descriptor of a call that has two. */
  #withOther(name: string, rest: string): string {
    const before = { splice: /(?<=^, NULL, )\d+/, sendfile: /(?<=^, )\d+/ }[name];
    return before === undefined ? rest : rest.replace(before, (fd) => this.#names.get(fd) ?? fd);
  }

  #on(subject: string, fd: string, rest: string, call: Call): void {
    const { name, result } = call;
    if (name === 'epoll_wait') return this.#events(rest);
    if (name === 'epoll_ctl') return this.#control(rest, result);
    this.#again(subject, name);
    if (name === 'getsockname' && subject.startsWith('s')) this.#owns(subject, rest);
    const makes = name === 'accept4' || rest.startsWith(', F_DUPFD_CLOEXEC,');
    if (makes) this.#made(call, `${subject}${rest}`);
    else
      this.#emit(
        `${name}(${subject}${this.#passed(name, this.#withOther(name, rest))}) = ${result}`,
      );
    if (this.#mustWait(name, rest, result)) {
      this.#waits.set(subject, { writes: WRITERS.has(name), event: null });
    }
    if (name === 'close') this.#names.delete(fd);
  }

  /** With the names of descriptors that are passed; those that come are x1, x2 and so on. */
  #passed(name: string, rest: string): string {
    return rest.replaceAll(
      /(cmsg_type=SCM_RIGHTS, cmsg_data=\[)(\d+)\]/g,
      (_, head, fd: string) => {
        if (name === 'recvmsg') this.#names.set(fd, `x${this.#count('x')}`);
        return `${String(head)}${this.#names.get(fd) ?? 'a file'}]`;
      },
    );
  }

  /** One more of a kind. */
  #count(kind: string): number {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return count;
  }

  /** Whether the next try comes only after an event: EAGAIN, or a read that left nothing behind. */
  #mustWait(name: string, rest: string, result: string): boolean {
    if (/^-1 (EAGAIN|EINPROGRESS)/.test(result)) return true;
    const asked = /, (\d+)$/.exec(rest)?.[1];
    return name === 'read' && Number(result) > 0 && Number(result) < Number(asked);
  }

  /** A call on `subject`: if it was waited for, the event comes first. */
  #again(subject: string, name: string): void {
    const wait = this.#waits.get(subject);
    if (wait === undefined || (name !== 'close' && this.#isOther(wait, name))) return;
    this.#waits.delete(subject);
    if (wait.event === null || name === 'close') return;
    this.#emit(`epoll_wait(ep, [{${wait.event}, ${subject}}], 128, _) = 1`);
  }

  /** Whether the call goes in the other direction than the wait. */
  #isOther(wait: Wait, name: string): boolean {
    if (wait.writes) return !['write', 'sendto', 'sendmsg'].includes(name) && name !== 'getsockopt';
    return !READERS.has(name);
  }

  #events(rest: string): void {
    for (const [, events = '', fd = ''] of rest.matchAll(/\{events=([A-Z|]+), data=\{u32=(\d+)/g)) {
      const wait = this.#waits.get(this.#names.get(fd) ?? '');
      const wanted = wait?.writes === true ? WRITE_EVENTS : READ_EVENTS;
      if (wait !== undefined && wanted.test(events)) wait.event ??= events;
    }
  }

  #control(rest: string, result: string): void {
    const [, op = '', fd = '', event = ''] = /^, (\w+), (\d+), (.*)$/.exec(rest) ?? [];
    const name = this.#names.get(fd) ?? fd;
    const [, events = '', data = ''] = /^\{events=(\S+), data=\{u32=(\d+)/.exec(event) ?? [];
    const shown = events === '' ? '_' : `{events=${events}, data=${this.#names.get(data) ?? data}}`;
    this.#emit(`epoll_ctl(ep, ${op}, ${name}, ${shown}) = ${result}`);
  }

  #emit(text: string): void {
    const line = this.#named(text);
    const cut = `${line.slice(0, HEAD_LEFT)} ...<cut>... ${line.slice(-TAIL_LEFT)}`;
    this.lines.push(line.length > LONGEST_LINE ? cut : line);
  }

  #named(line: string): string {
    return withoutIPHeader(line)
      .replaceAll(/htons\((\d+)\)/g, (_, port: string) => `htons(${this.#port(port)})`)
      .replaceAll(/^(?!#).*$/g, (text) => text.replaceAll(/0x[0-9a-f]{6,}/g, 'PTR'))
      .replaceAll(/\b(nl_pid|nlmsg_pid)=[1-9]\d*/g, '$1=PID')
      .replaceAll(/(Date|Last-Modified): \w{3}, [\w ]{11} [\d:]{8} GMT/g, '$1: <date>')
      .replaceAll(/\{stx_mask=[^,]*, stx_attributes=\w+, /g, '{')
      .replaceAll(/curl\/[\d.]+/g, 'curl/<v>')
      .replaceAll(/(\{iov_base=[^}]*\})(?:, \1)+(?=, \.\.\.)/g, '$1, <same again>')
      .replaceAll('<same again>, ...', '<same again> ...')
      .replaceAll(/(\\[0-7]{1,3}|\\.|[^\\])\1{29,}/g, (run, unit: string) => {
        return `<${unit} x ${run.length / unit.length}>`;
      });
  }

  /** The kernel may choose a port again that it has chosen before: what has it now gets another name. */
  #owns(subject: string, text: string): void {
    const port = /htons\((\d+)\)/.exec(text)?.[1];
    if (port === undefined) return;
    const key = `${subject[0]} ${port}`;
    const owner = this.#owners.get(key);
    if (owner !== undefined && owner !== subject) this.#ports.delete(port);
    this.#owners.set(key, subject);
  }

  #port(port: string): string {
    if (Number(port) < 32_768 || Number(port) > 60_999) return port;
    const name = this.#ports.get(port) ?? `P${this.#count('P')}`;
    this.#ports.set(port, name);
    return name;
  }
}

/** The normalised lines of a log. */
export function normalise(log: string): string[] {
  const calls = parseLog(log);
  const main = calls[0]?.pid;
  const normaliser = new Normaliser();
  for (const call of calls) if (call.pid === main) normaliser.feed(call);
  return normaliser.lines;
}
