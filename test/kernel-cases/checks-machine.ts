/** The steps about the machine: users, limits, signals, threads, time, the network's state. */
import { errorName } from './vocabulary.ts';
import type { Action, Check, Handlers } from './checks.ts';
import type { Call, Thread } from './machine.ts';
import { tuple } from './recorded.ts';
import type { Run } from './run.ts';

const nothing: Action = () => undefined;

/** The limit of descriptors is what is open now. */
function exhaust(run: Run): void {
  const lowest = run.subject.dup(0);
  run.subject.close(lowest);
  run.machine.limitDescriptors(lowest);
}

/** "SIGALRM in 60 ms, SA_RESTART; peer sends at 150 ms". */
const alarm: Action = async (run, { args: [text = ''] }) => {
  const said = text === 'again' ? (run.notes.get('alarm') as string) : text;
  run.notes.set('alarm', said);
  const sends = /peer sends at (\d+) ms/.exec(said)?.[1];
  if (sends !== undefined) {
    await start(run, 'sendto', [run.fd('a'), Buffer.from('x'), 0, null], Number(sends));
  }
  const milliseconds = Number(/^SIGALRM in (\d+) ms/.exec(said)![1]);
  run.machine.alarm(milliseconds, /, SA_RESTART/.test(said));
};

async function start(run: Run, call: Call, args: readonly unknown[], delay = 0): Promise<Thread> {
  const thread = await run.machine.thread(call, args, delay);
  threadsOf(run).push(thread);
  return thread;
}

function threadsOf(run: Run): Thread[] {
  const known = run.notes.get('threads') as Thread[] | undefined;
  const threads = known ?? [];
  if (known === undefined) run.notes.set('threads', threads);
  return threads;
}

/** The threads that have returned, in the order in which they did. */
async function returned(run: Run): Promise<Thread[]> {
  await run.machine.settled();
  const done = threadsOf(run).filter(({ place }) => place > 0);
  return done.sort((a, b) => a.place - b.place);
}

/** Threads in recv of those sockets. */
async function receive(run: Run, ...names: readonly string[]): Promise<void> {
  for (const name of names) await start(run, 'recvfrom', [run.fd(name), 64, 0]);
}

const threadActions: Readonly<Record<string, Action>> = {
  'thread: read(a) blocks': async (run) => {
    await start(run, 'read', [run.fd('a'), 64]);
  },
  '4 threads wait on e0..e3': async (run) => {
    const fds = ['e0', 'e1', 'e2', 'e3'].map((name) => run.fd(name));
    const waiting = fds.map(async (fd) => run.machine.thread('epoll_wait', [fd, 8, -1]));
    run.notes.set('threads', await Promise.all(waiting));
  },
  'threads 0,1,2 block in accept in that order': async (run) => {
    for (let i = 0; i < 3; i++) await start(run, 'accept', [run.fd('l'), 16]);
  },
  'two threads block in recv(u), recv(s)': (run) => receive(run, 'u', 's'),
};

const threadChecks: Readonly<Record<string, Check>> = {
  'reader still blocked 150 ms after close(a)': async (run) => {
    await run.machine.sleep(150);
    return (await returned(run)).length === 0;
  },
  'reader returned': async (run) => (await returned(run)).map(({ data }) => data),
  woken: async (run) => (await returned(run)).length,
  'woken so far': async (run) => {
    const threads = threadsOf(run);
    return (await returned(run)).map((thread) => threads.indexOf(thread));
  },
  returned: async (run) => {
    await run.machine.settled();
    const [udp, tcp] = threadsOf(run);
    if (tcp?.place === 0 || udp?.place === 0) return 'a thread is still blocked';
    return [tuple('tcp', tcp!.result), tuple('udp', udp!.result)];
  },
};

const actions: Readonly<Record<string, Action>> = {
  ...threadActions,
  'seteuid(65534)': (run) => run.machine.become(65534),
  'seteuid(65534) before connect': (run) => run.machine.become(65534),
  'setresuid(65534)': (run) => run.machine.renounce(65534),
  'RLIMIT_NOFILE exhausted': exhaust,
  'limit raised': (run) => run.machine.limitDescriptors(1024),
  'ip_local_port_range = 40000 40002': (run) => {
    run.machine.sysctl('net.ipv4.ip_local_port_range', '40000 40002');
  },
  'first listener had no SO_REUSEADDR; s is the active closer': nothing,
  'first listener had SO_REUSEADDR; s is the active closer': nothing,
  'ip route add unreachable 10.1/16, prohibit 10.2/16, blackhole 10.3/16': (run) => {
    run.machine.ip('route add unreachable 10.1.0.0/16');
    run.machine.ip('route add prohibit 10.2.0.0/16');
    run.machine.ip('route add blackhole 10.3.0.0/16');
  },
  'link down': (run) => run.machine.ip('link set lo down'),
  'link up': (run) => run.machine.ip('link set lo up'),
  'unshare(CLONE_NEWNET)': (run) => run.machine.leaveNetwork(),
  again: alarm,
};

/** What lseek, open, … return that are no calls of sockets. */
function attempt(what: 'lseek' | 'open' | 'ftruncate' | 'pread' | 'fsync'): Check {
  return (run) => errorName(run.machine.files.attempt(what, run.fd('a')));
}

const checks: Readonly<Record<string, Check>> = {
  ...threadChecks,
  'CRE-13: st_mode': (run) => `0o${run.machine.files.stat(run.fd('a')).mode.toString(8)}`,
  'st_nlink,st_size,st_uid': (run) => {
    const { nlink, size, uid } = run.machine.files.stat(run.fd('a'));
    return tuple(nlink, size, uid);
  },
  'readlink /proc/self/fd/a == socket:[st_ino]': (run) => {
    const { ino } = run.machine.files.stat(run.fd('a'));
    return run.machine.files.readlink(`/proc/self/fd/${run.fd('a')}`) === `socket:[${ino}]`;
  },
  lseek: attempt('lseek'),
  'open(/proc/self/fd/a)': attempt('open'),
  ftruncate: attempt('ftruncate'),
  pread: attempt('pread'),
  fsync: attempt('fsync'),
  'TCP-12: signals': (run) => run.machine.signals('SIGPIPE'),
  'SIGIO count >= 1': (run) => run.machine.signals('SIGIO') >= 1,
  immediate: (run) => run.elapsed < 100,
};

export const machineHandlers: Handlers = { actions, checks };

/** Steps whose text has numbers in it. */
export const machinePatterns: {
  readonly actions: readonly [RegExp, Action][];
  readonly checks: readonly [RegExp, Check][];
} = {
  actions: [
    [/^SIGALRM in \d+ ms/, alarm],
    [
      /^RLIMIT_NOFILE ?= ?(?:fd\((\w+)\)\+)?(\d+)$/,
      (run, { args: [text = ''] }) => {
        const [, name, number] = /=\s*(?:fd\((\w+)\)\+)?(\d+)$/.exec(text)!;
        run.machine.limitDescriptors(Number(number) + (name === undefined ? 0 : run.fd(name)));
      },
    ],
    [
      /^ip (addr|link|route) /,
      (run, { args: [text = ''] }) => {
        for (const command of text.split('; ')) run.machine.ip(command.replace(/^ip /, ''));
      },
    ],
  ],
  checks: [
    [
      /^fd\(\w+\) == (old )?fd\(\w+\)(\+\d+)?$/,
      (run, { args: [text = ''] }) => {
        const [, one = '', other = '', more = '0'] = /\((\w+)\).*\((\w+)\)(\+\d+)?$/.exec(text)!;
        return run.fd(one) === run.fd(other) + Number(more);
      },
    ],
    [/(\d+(\.\d+)?)\.\.(\d+(\.\d+)?) (ms|s)$/, (run, { args: [text = ''] }) => took(run, text)],
    [/>= \d+ ms$/, (run, { args: [text = ''] }) => took(run, text)],
  ],
};

/** Whether the last call took "40..400 ms", "0.8..1.6 s", ">= 50 ms". */
function took(run: Run, text: string): boolean {
  const [, low, high, unit] = /([\d.]+?)(?:\.\.([\d.]+))? (ms|s)$/.exec(text)!;
  const scale = unit === 's' ? 1000 : 1;
  const most = high === undefined ? Infinity : Number(high) * scale;
  return run.elapsed >= Number(low) * scale && run.elapsed <= most;
}
