/** The steps about unix sockets: their files, who the peer is, what they hold. */
import { decodeCredentials } from '../../src/syscall/ancillary.ts';
import { F_GETFL, O_PATH } from '../../src/syscall/fcntl.ts';
import { type Action, type Check, type Form, type Handlers, Untold } from './checks.ts';
import { drain } from './checks-tcp.ts';
import { lastMessage } from './last-call.ts';
import { Tuple, tuple } from './recorded.ts';
import type { Run } from './run.ts';
import { unixLines } from './socket-tables.ts';
import { constant } from './vocabulary.ts';

/** Whether SO_PEERCRED, which was asked for last, names us with that user. */
function peerIs(user: number): Check {
  return (run) => {
    const { pid, uid, gid } = decodeCredentials(run.given.at(-1)!);
    return pid === run.machine.pid && uid === user && gid === 0;
  };
}

const actions: Readonly<Record<string, Action>> = {
  symlink: (run) => run.machine.files.symlink('x', 'ln'),
  // Written down after the poll that says so: see `before`.
  'b reads until a is writable': () => undefined,
};

/** Reads from b in small pieces until a can be written to. */
const readUntilWritable: Action = (run) => {
  const out = constant('POLLOUT');
  let read = 0;
  const writable = (): boolean => {
    const { revents } = run.subject.poll([{ fd: run.fd('a'), events: out }], 0);
    return (revents[0]! & out) !== 0;
  };
  while (!writable()) {
    const { result } = run.subject.recvfrom(run.fd('b'), 1000, 0);
    if (result <= 0) throw new Error(`b gave ${result} before a could be written to`);
    read += result;
  }
  run.notes.set('read', read);
};

const fileChecks: Readonly<Record<string, Check>> = {
  'UNX-01: st_mode': (run) => `0o${run.machine.files.mode('sock')!.toString(8)}`,
  '"other" exists': (run) => run.machine.files.mode('other') !== null,
  'file still there': (run) => run.machine.files.mode('sock') !== null,
  'flags type state path of the listener': (run) => {
    return unixLines(run, 'pth').map((fields) => new Tuple(fields));
  },
  'SIOCUNIXFILE returns an O_PATH fd': (run) => {
    const fd = run.subject.ioctl(run.fd('l'), constant('SIOCUNIXFILE'), 0);
    if (fd < 0) return false;
    return (run.subject.fcntl(fd, F_GETFL, 0) & O_PATH) !== 0;
  },
  'fdinfo names my pid': (run) => {
    const info = run.machine.files.read(`/proc/self/fdinfo/${run.rights.at(-1)}`);
    return new RegExp(`^Pid:\\s*${run.machine.pid}$`, 'm').test(info);
  },
};

const peerChecks: Readonly<Record<string, Check>> = {
  unconnected: (run) => {
    const { pid, uid, gid } = decodeCredentials(run.given.at(-1)!);
    return tuple(pid, uid | 0, gid | 0);
  },
  'pair == me': peerIs(0),
  'client sees listener (uid at listen)': peerIs(0),
  'server sees connector (euid at connect)': peerIs(65534),
  'dgram pair': peerIs(0),
};

const messageChecks: Readonly<Record<string, Check>> = {
  'msg_flags after failure (was -1)': (run) => {
    const { flags } = lastMessage(run);
    return flags ?? new Untold('msg_flags after a recvmsg that failed');
  },
  controllen: (run) => lastMessage(run).control.length,
  'accepted of 200000': (run) => {
    const taken = run.subject.sendto(run.fd('a'), new Uint8Array(200_000), 0, null);
    run.notes.set('taken', taken);
    return taken;
  },
  'most of the data had to be read first': (run) => {
    const [read, taken] = [run.notes.get('read') as number, run.notes.get('taken') as number];
    return read > taken / 2 && read + drain(run, 'b') === taken;
  },
};

/** The owner's right, whoever we are now. */
function chmod(run: Run, path: string, mode: string): void {
  run.machine.become(0);
  run.machine.files.chmod(path, Number.parseInt(mode, 8));
}

const actionForms: readonly Form<void>[] = [
  [/^unlink\((\w+)\)$/, (run, [path = '']) => run.machine.files.unlink(path)],
  [/^rename\((\w+), (\w+)\)$/, (run, [from = '', to = '']) => run.machine.files.rename(from, to)],
  [/^link\((\w+), (\w+)\)$/, (run, [from = '', to = '']) => run.machine.files.link(from, to)],
  [
    /^chmod (0\d+)(?: (\w+))?(?:; seteuid\((\d+)\))?$/,
    (run, [mode = '', path = '', user = '']) => {
      chmod(run, path || 'sock', mode);
      run.machine.become(Number(user) || 65534);
    },
  ],
];

export const unixHandlers: Handlers = {
  actions,
  actionForms,
  checks: { ...fileChecks, ...peerChecks, ...messageChecks },
  before: {
    'UNX-22 5': readUntilWritable,
    // Only the connect before was another user's.
    'UNX-27 12': (run) => run.machine.become(0),
  },
};
