/**
 * Where netfd's system calls differ from Go's on purpose: each difference turns the golden text of Go
 * into what netfd's trace must be. The names are headings of docs/differences-from-go.md, which gives
 * the reasons at length. What is not listed here must be the same.
 */

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

export const DIFFERENCES: readonly Difference[] = [
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
      const opening = lines.slice(at, at + 2);
      const rest = [...lines.slice(0, at), ...lines.slice(at + 2)];
      const first = rest.findIndex((line) => line.startsWith('epoll_ctl('));
      return [...rest.slice(0, first), ...opening, ...rest.slice(first)];
    },
  },
  {
    name: 'No read where nothing can be',
    reason: 'after EAGAIN, and on TCP after a short read, the next read waits for the edge first',
    apply: drained,
  },
  {
    name: 'The limit of descriptors is set from outside',
    reason: 'JavaScript has no setrlimit; the calls are those of the Go program, not of its net',
    scenes: ['accept_emfile'],
    apply: without(/^[gs]etrlimit|^close\(4\)/),
  },
  {
    name: 'HTTP reads into a buffer of 64 KiB',
    reason: 'one buffer is shared by all connections, so a large one costs nothing',
    scenes: ['http_keepalive'],
    apply: replaced(/^(read\(c1, .*), 4096\)/, '$1, 65536)'),
  },
];
