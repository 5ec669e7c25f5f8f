/** The steps about addresses and ports, readiness, and plain reading and writing. */
import { F_GETFD, O_NONBLOCK } from '../../src/syscall/fcntl.ts';
import type { Action, Check, Handlers } from './checks.ts';
import { recorded, tuple, type Value } from './recorded.ts';
import type { Run } from './run.ts';
import { hasAddress6, lastNamed } from './last-call.ts';
import { errorName } from './vocabulary.ts';

/** The length of the address that the last call told. */
const addrlen: Check = (run) => lastNamed(run).addrlen;

/** What can be read from a descriptor at once; the error's name if nothing can. */
export function readFrom(run: Run, name: string): Value {
  const { result, data } = run.subject.read(run.fd(name), 64);
  return result < 0 ? errorName(result) : data;
}

/** Whether the peer, or the sender, is 127.0.0.1 as an IPv6 address. */
const mapped: Check = (run) => hasAddress6(lastNamed(run).addr, '::ffff:127.0.0.1');

const addressChecks: Readonly<Record<string, Check>> = {
  len: addrlen,
  addrlen,
  'reported addrlen': addrlen,
  'returned addrlen': addrlen,
  'peer address length (unnamed)': addrlen,
  'source address length': addrlen,
  'port in range': (run) => {
    const [low = 0, high = 0] = run.machine
      .sysctl('net.ipv4.ip_local_port_range')
      .split(/\s+/)
      .map(Number);
    const port = run.portOf(run.lastBound);
    return port >= low && port <= high;
  },
  'port chosen': (run) => run.portOf(run.fd('c')) > 0,
  'e has a new port': (run) => {
    const port = run.portOf(run.fd('e'));
    return port > 0 && port !== run.port('P1');
  },
  'getpeername == getsockname': (run) => {
    const [own, peer] = [
      run.subject.getsockname(run.fd('c')),
      run.subject.getpeername(run.fd('c')),
    ];
    return own.result === 0 && Buffer.compare(own.addr, peer.addr) === 0;
  },
  'peer family': (run) => lastNamed(run).addr[0]!,
  peer: mapped,
  from: mapped,
  source: (run) => run.show(lastNamed(run), ''),
  '5 hex digits': (run) => {
    return /^un:@[0-9a-f]{5}$/.test(run.show(lastNamed(run), ''));
  },
};

/** A pipe that does not block: what is in flight cannot be waited for. */
const makePipe: Action = (run) => {
  const { pair } = run.subject.pipe2(O_NONBLOCK);
  run.name('r', pair[0]!);
  run.name('w', pair[1]!);
};

const actions: Readonly<Record<string, Action>> = {
  'r,w = pipe()': makePipe,
  'close(w)': (run) => {
    run.subject.close(run.fd('w'));
  },
};

const byteChecks: Readonly<Record<string, Check>> = {
  'read(pipe)': (run) => readFrom(run, 'reader'),
  'CMG-01: read(r)': (run) => {
    run.subject.write(run.rights.at(-1)!, Buffer.from('via'));
    return readFrom(run, 'r');
  },
  'read(r) while in flight': (run) => readFrom(run, 'r'),
  'read(r) after plain recv': (run) => readFrom(run, 'r'),
  'FD_CLOEXEC of the received fd': (run) => run.subject.fcntl(run.rights.at(-1)!, F_GETFD, 0),
  FD_CLOEXEC: (run) => run.subject.fcntl(run.rights.at(-1)!, F_GETFD, 0),
  messages: (run) => run.received,
  'three different numbers': (run) => new Set(run.rights).size,
  'writev(a, ["ab","cd"])': (run) => {
    return run.subject.writev(run.fd('a'), [Buffer.from('ab'), Buffer.from('cd')]);
  },
  'readv(b, [1,9])': (run) => {
    const buffers = [new Uint8Array(1), new Uint8Array(9)];
    const result = run.subject.readv(run.fd('b'), buffers);
    run.notes.set('buffers', [buffers[0]!, buffers[1]!.subarray(0, result - 1)]);
    return result;
  },
  buffers: (run) => tuple(...(run.notes.get('buffers') as Uint8Array[])),
};

/** The outcomes of the last seven epoll_ctl: a success is written as nothing. */
const nesting: Check = (run) => {
  const all = run.history.filter(({ op }) => op === 'epoll_ctl').map(({ text }) => text);
  return all.slice(-7).map((text) => (text === '0' ? null : text));
};

const optionChecks: Readonly<Record<string, Check>> = {
  'results of nesting 1..7 levels': nesting,
  'stable and unique': (run) => {
    const [a, b, again] = run.given.slice(-3).map((value) => recorded(value));
    return tuple(a === again, a !== b);
  },
};

export const socketHandlers: Handlers = {
  actions,
  checks: { ...addressChecks, ...byteChecks, ...optionChecks },
};
