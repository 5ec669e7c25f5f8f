/** The steps that wait: poll, select, epoll. */
import { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD } from '../../src/syscall/epoll.ts';
import type { Outcome, Step } from './outcome.ts';
import { int64s, type Operation, opened, plain } from './results.ts';
import type { Run } from './run.ts';
import { events, flags } from './vocabulary.ts';

/** "r={a,b}" as descriptors. */
function setOf(run: Run, text: string): number[] {
  const names = /\{(.*)\}/.exec(text)![1]!.split(',');
  return names.filter((name) => name !== '').map((name) => run.fd(name));
}

/** The value of "nfds=6" among the arguments. */
function valueOf(args: readonly string[], name: string): string | undefined {
  return args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** "2.0" in seconds, or "(0, 2000000)" as a struct timeval: a second has so many parts. */
function timeOf(text: string, parts: number): Uint8Array {
  const pair = /^\((-?\d+), *(-?\d+)\)$/.exec(text);
  if (pair !== null) return int64s(Number(pair[1]), Number(pair[2]));
  const seconds = Number(text);
  return int64s(Math.floor(seconds), Math.round((seconds % 1) * parts));
}

/** The times of pselect and ppoll have nanoseconds. */
const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

function select(run: Run, args: readonly string[], { op }: Step): Outcome {
  const call = op === 'pselect' ? 'pselect' : 'select';
  const sets = args.slice(0, 3).map((text) => setOf(run, text));
  const nfds = Number(valueOf(args, 'nfds') ?? Math.max(-1, ...sets.flat()) + 1);
  const parts = call === 'pselect' ? NANOSECONDS : MICROSECONDS;
  const timeout = timeOf(valueOf(args, 'tv') ?? '0', parts);
  const told = run.call(() => run.subject[call](nfds, sets, timeout));
  if (told.result < 0) return plain(told.result);
  const shown = told.ready.map((ready, i) => {
    const names = sets[i]!.filter((fd) => ready.includes(fd)).map((fd) => run.nameOf(fd));
    return `${'rwx'[i]}={${names.join(',')}}`;
  });
  return { text: `${told.result} ${shown.join(' ')}`, count: told.result };
}

const ASKED = 'IN|OUT|PRI|RDHUP';

function poll(run: Run, [socket = '', ...args]: readonly string[], { op }: Step): Outcome {
  if (socket === 'NULL') {
    return plain(run.call(() => run.subject.poll([], Number.parseInt(args[1]!, 10))).result);
  }
  const many = /^(\d+) fds$/.exec(socket);
  if (many !== null) {
    const limit = valueOf(args, 'RLIMIT_NOFILE');
    if (limit !== undefined) run.machine.limitDescriptors(Number(limit));
    const fds = Array.from({ length: Number(many[1]) }, () => ({ fd: -1, events: 1 }));
    return plain(run.call(() => run.subject.poll(fds, 0)).result);
  }
  const time = args.find((arg) => arg.endsWith('ms'));
  const asked = args.find((arg) => !arg.endsWith('ms'));
  const fds = [{ fd: run.fd(socket), events: flags('POLL', asked ?? ASKED) }];
  const milliseconds = Number.parseInt(time ?? '0', 10);
  const timeout = timeOf(String(milliseconds / 1000), NANOSECONDS);
  const told = run.call(() => {
    return op === 'ppoll' ? run.subject.ppoll(fds, timeout) : run.subject.poll(fds, milliseconds);
  });
  if (told.result < 0) return plain(told.result);
  return { text: events(told.revents[0]!, asked === undefined ? ['RDNORM', 'WRNORM'] : []) };
}

const EPOLL_OPS: Readonly<Record<string, number>> = {
  ADD: EPOLL_CTL_ADD,
  MOD: EPOLL_CTL_MOD,
  DEL: EPOLL_CTL_DEL,
};

function epollCtl(
  run: Run,
  [epoll = '', op = '', socket = '', bits = '0']: readonly string[],
  step: Step,
): Outcome {
  const [epfd, fd] = [run.fd(epoll), run.fd(socket)];
  const number = EPOLL_OPS[op] ?? Number(op);
  const valid = step.res !== 'EFAULT';
  const wanted = flags('EPOLL', bits) >>> 0;
  return plain(run.call(() => run.subject.epoll_ctl(epfd, number, fd, wanted, valid)));
}

/** Long enough for a signal to come first. */
const UNTIL_SIGNAL = 10_000;

/** The time is "60ms"; "SIGALRM (SA_RESTART) after 50 ms" interrupts; "X:IN" stands for any descriptor. */
function epollWait(run: Run, [epoll = '', ...args]: readonly string[], step: Step): Outcome {
  const max = Number(valueOf(args, 'max') ?? 16);
  const time = args.find((arg) => /^-?\d+ms$/.test(arg)) ?? '0';
  const signal = args
    .map((arg) => /^SIGALRM (\(SA_RESTART\) )?after (\d+) ms$/.exec(arg))
    .find(Boolean);
  if (signal) run.machine.alarm(Number(signal[2]), signal[1] !== undefined);
  const timeout = run.machine.alarmed ? UNTIL_SIGNAL : Number.parseInt(time, 10);
  const told = run.call(() => run.subject.epoll_wait(run.fd(epoll), max, timeout));
  if (told.result < 0) return plain(told.result);
  const names = told.events.map(({ fd, events: bits }) => {
    return `${step.res.startsWith('X:') ? 'X' : run.nameOf(fd)}:${events(bits)}`;
  });
  return { text: names.join(',') || '-', count: told.result };
}

export const waitOperations: Readonly<Record<string, Operation>> = {
  poll,
  ppoll: poll,
  select,
  pselect: select,
  epoll_create: (run, [size = ''], step) => {
    return opened(
      run,
      run.call(() => run.subject.epoll_create(Number(size))),
      step,
    );
  },
  epoll_create1: (run, [bits = '0'], step) => {
    return opened(
      run,
      run.call(() => run.subject.epoll_create1(Number(bits))),
      step,
    );
  },
  epoll_ctl: epollCtl,
  epoll_wait: epollWait,
};
