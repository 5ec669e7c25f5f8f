/** The steps about threads and alarms: who blocks in what, and what ends that. */
import type { Action, Check, Handlers } from './checks.ts';
import type { Call, Thread } from './machine.ts';
import { tuple } from './recorded.ts';
import type { Run } from './run.ts';

/** After that time; and if `sends` is not "", something comes from `a` after that time. */
async function alarm(run: Run, parts: readonly string[]): Promise<void> {
  const [milliseconds, restart = '', sends = ''] = parts;
  run.notes.set('alarm', parts);
  if (sends !== '') {
    await start(run, 'sendto', [run.fd('a'), Buffer.from('x'), 0, null], Number(sends));
  }
  run.machine.alarm(Number(milliseconds), restart !== '' && !restart.includes('no '));
}

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

const actions: Readonly<Record<string, Action>> = {
  again: (run) => alarm(run, run.notes.get('alarm') as readonly string[]),
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

const checks: Readonly<Record<string, Check>> = {
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

export const threadHandlers: Handlers = {
  actions,
  checks,
  // "SIGALRM in 60 ms, SA_RESTART; peer sends at 150 ms".
  actionForms: [
    [/^SIGALRM in (\d+) ms(, no SA_RESTART|, SA_RESTART)?(?:; peer sends at (\d+) ms)?$/, alarm],
  ],
};
