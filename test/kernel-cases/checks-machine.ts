/** The steps about the machine: users, limits, signals, time, the network's state. */
import { errorName } from './vocabulary.ts';
import type { Action, Check, Finding, Form, Handlers } from './checks.ts';
import { tuple } from './recorded.ts';
import type { Run } from './run.ts';

const nothing: Action = () => undefined;

/** The limit of descriptors is what is open now. */
function exhaust(run: Run): void {
  const lowest = run.subject.dup(0);
  run.subject.close(lowest);
  run.machine.limitDescriptors(lowest);
}

const actions: Readonly<Record<string, Action>> = {
  'RLIMIT_NOFILE exhausted': exhaust,
  'limit raised': (run) => run.machine.limitDescriptors(1024),
  'first listener had no SO_REUSEADDR; s is the active closer': nothing,
  'first listener had SO_REUSEADDR; s is the active closer': nothing,
  'ip route add unreachable 10.1/16, prohibit 10.2/16, blackhole 10.3/16': (run) => {
    run.machine.ip('route add unreachable 10.1.0.0/16');
    run.machine.ip('route add prohibit 10.2.0.0/16');
    run.machine.ip('route add blackhole 10.3.0.0/16');
  },
  'unshare(CLONE_NEWNET)': (run) => run.machine.leaveNetwork(),
};

/** What lseek, open, … return that are no calls of sockets. */
function attempt(what: 'lseek' | 'open' | 'ftruncate' | 'pread' | 'fsync'): Check {
  return (run) => errorName(run.machine.files.attempt(what, run.fd('a')));
}

const checks: Readonly<Record<string, Check>> = {
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

const actionForms: readonly Form<void>[] = [
  [/^seteuid\((\d+)\)(?: before connect)?$/, (run, [user]) => run.machine.become(Number(user))],
  [/^setresuid\((\d+)\)$/, (run, [user]) => run.machine.renounce(Number(user))],
  [/^link (up|down)$/, (run, [state]) => run.machine.ip(`link set lo ${state}`)],
  [
    /^((?:ip|tcp|udp|icmp|igmp)_\w+) = (.+)$/,
    (run, [name, value]) => {
      run.machine.sysctl(`net.ipv4.${name}`, value);
    },
  ],
  [
    /^RLIMIT_NOFILE ?= ?(?:fd\((\w+)\)\+)?(\d+)$/,
    (run, [name = '', number]) => {
      run.machine.limitDescriptors(Number(number) + (name === '' ? 0 : run.fd(name)));
    },
  ],
  [
    /^(ip (?:addr|link|route) .*)$/,
    (run, [commands = '']) => {
      for (const command of commands.split('; ')) run.machine.ip(command.replace(/^ip /, ''));
    },
  ],
];

const checkForms: readonly Form<Finding>[] = [
  [
    /^fd\((\w+)\) == (?:old )?fd\((\w+)\)(\+\d+)?$/,
    (run, [one = '', other = '', more]) => run.fd(one) === run.fd(other) + Number(more),
  ],
  // "40..400 ms", "close took 0.8..1.6 s", ">= 50 ms": of the last call.
  [/([\d.]+?)\.\.([\d.]+) (ms|s)$/, (run, [low, high, unit]) => took(run, unit, low, high)],
  [/>= ([\d.]+) (ms|s)$/, (run, [low, unit]) => took(run, unit, low, 'Infinity')],
];

function took(
  run: Run,
  unit: string | undefined,
  low: string | undefined,
  high: string | undefined,
): boolean {
  const scale = unit === 's' ? 1000 : 1;
  return run.elapsed >= Number(low) * scale && run.elapsed <= Number(high) * scale;
}

export const machineHandlers: Handlers = { actions, checks, actionForms, checkForms };
