/**
 * The steps that are system calls: each makes its call and says what came of it in the cases' words. What
 * the words leave out (how large a buffer was, which pointer was bad) is in `exceptions`. Here are those
 * on sockets and bytes; options, messages and waiting have files of their own.
 */
import { SOCKADDR_STORAGE_SIZE } from '../../src/syscall/sockaddr.ts';
import {
  AF_INET,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_SNDBUF,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/syscall/socket.ts';
import { exception } from './exceptions.ts';
import { messageOperations } from './message-operations.ts';
import { requestOf } from './netlink-requests.ts';
import { optionOperations } from './option-operations.ts';
import type { Outcome, Step } from './outcome.ts';
import { bytesOf, int32s, type Operation, opened, piecesOf, plain, received } from './results.ts';
import type { Run } from './run.ts';
import type { Named } from './subject.ts';
import { flags } from './vocabulary.ts';
import { waitOperations } from './wait-operations.ts';

const ROOM = SOCKADDR_STORAGE_SIZE;

/** What sets the last arguments of send and recv apart: flags, and an address after "to". */
function rest(run: Run, args: readonly string[]): { bits: number; addr: Uint8Array | null } {
  let bits = 0;
  let addr: Uint8Array | null = null;
  for (const arg of args) {
    if (arg.startsWith('to ')) addr = addressOf(run, arg.slice(3));
    else bits |= flags('MSG_', arg);
  }
  return { bits, addr };
}

/** An address in the cases' words; "None" is a null pointer. */
function addressOf(run: Run, text: string): Uint8Array | null {
  const padded = /^(\S+) padded to (\d+)$/.exec(text);
  if (padded !== null && !padded[1]!.startsWith('AF_')) {
    const bytes = new Uint8Array(Number(padded[2]));
    bytes.set(addressOf(run, padded[1]!)!);
    return bytes;
  }
  const special = exception(text);
  const addr = special === undefined ? run.address(text) : special;
  if (addr === null && text !== 'None') throw new Error(`no address is ${text}`);
  return addr;
}

function bindOrConnect(call: 'bind' | 'connect'): Operation {
  return (run, [socket = '', text = '', length]) => {
    const fd = run.fd(socket);
    const addr = addressOf(run, text);
    const addrlen = length === undefined ? (addr?.length ?? 0) : Number(length);
    const result = run.call(() => run.subject[call](fd, addr, addrlen));
    if (call === 'connect') run.noteConnected(socket);
    else if (result === 0) run.noteBound(fd);
    return plain(result);
  };
}

/** The peer must be the one that was recorded. */
function accepted(run: Run, told: Named, step: Step): Outcome {
  const outcome = opened(run, told.result, step);
  const recorded = / peer=(\S+)(?: len=(\d+))?/.exec(step.res);
  if (told.result < 0 || recorded === null) return outcome;
  const peer = run.show(told, recorded[1]!);
  const length = recorded[2] === undefined || Number(recorded[2]) === told.addrlen;
  if (peer === recorded[1] && length) return outcome;
  return { text: `${step.res.split(' ', 1)[0]} peer=${peer} len=${told.addrlen}` };
}

function addrlenOf(args: readonly string[]): number {
  const given = args.find((arg) => arg.startsWith('len='));
  return given === undefined ? ROOM : Number(given.slice(4));
}

function nameOf(call: 'getsockname' | 'getpeername'): Operation {
  return (run, [socket = ''], step) => {
    const told = run.call(() => run.subject[call](run.fd(socket)));
    return told.result < 0 ? plain(told.result) : { text: run.show(told, step.res) };
  };
}

/** `want` of recvfrom is the data; the sender must be the one that was recorded as well. */
function recvfrom(
  run: Run,
  [socket = '', size = '', ...args]: readonly string[],
  step: Step,
): Outcome {
  const { bits } = rest(run, args);
  const told = run.call(() => run.subject.recvfrom(run.fd(socket), Number(size), bits));
  const outcome = received(run, told.result, told.data);
  const [, sender] = step.res.split(' from ');
  if (told.result < 0 || sender === undefined) return outcome;
  const from = run.show(told, sender);
  return from === sender ? outcome : { text: `${outcome.text} from ${from}` };
}

function send(run: Run, [socket = '', text = '', ...args]: readonly string[]): Outcome {
  const { bits, addr } = rest(run, args);
  const data = requestOf(run, text) ?? bytesOf(text);
  run.received = [];
  return plain(run.call(() => run.subject.sendto(run.fd(socket), data, bits, addr)));
}

/** A pair of connections over a listener, which is closed again. SO_SNDBUF=n: and SO_RCVBUF of the other. */
function tcppair(run: Run, args: readonly string[], step: Step): Outcome {
  const { subject } = run;
  const l = subject.socket(AF_INET, SOCK_STREAM, 0);
  const c = subject.socket(AF_INET, SOCK_STREAM, 0);
  const size = args.find((arg) => arg.startsWith('SO_SNDBUF='))?.slice(10);
  if (run.reusesAddress()) subject.setsockopt(l, SOL_SOCKET, SO_REUSEADDR, int32s(1));
  if (size !== undefined) {
    subject.setsockopt(c, SOL_SOCKET, SO_SNDBUF, int32s(Number(size)));
    subject.setsockopt(l, SOL_SOCKET, SO_RCVBUF, int32s(Number(size)));
  }
  subject.bind(l, run.address('127.0.0.1:0')!, 16);
  subject.listen(l, 5);
  run.nextPort(run.portOf(l));
  const { addr } = subject.getsockname(l);
  const connected = subject.connect(c, new Uint8Array(addr), addr.length);
  const s = subject.accept(l, ROOM).result;
  subject.close(l);
  for (const fd of [c, s]) if (args.includes('nonblocking')) run.setNonblock(fd, true);
  const [cName = 'c', sName = 's'] = step.res.split(',');
  run.name(cName, c);
  run.name(sName, s);
  run.noteConnected(cName);
  return plain(Math.min(connected, s));
}

const socketOperations: Readonly<Record<string, Operation>> = {
  socket(run, [domain = '', type = '', protocol = '0'], step) {
    const words = [flags('AF_', domain), flags('SOCK_', type), Number(protocol)] as const;
    return opened(
      run,
      run.call(() => run.subject.socket(...words)),
      step,
    );
  },
  socketpair(run, [domain = '', type = '', rest = '0'], step) {
    const words = [flags('AF_', domain), flags('SOCK_', type)] as const;
    const valid = rest !== 'bad pointer';
    const protocol = valid ? Number(rest) : 0;
    const told = run.call(() => run.subject.socketpair(...words, protocol, valid));
    if (told.result === 0) {
      for (const [i, name] of step.res.split(',').entries()) run.name(name, told.pair[i]!);
    }
    return plain(told.result);
  },
  bind: bindOrConnect('bind'),
  connect: bindOrConnect('connect'),
  listen(run, [socket = '', backlog = '']) {
    const fd = run.fd(socket);
    const result = run.call(() => run.subject.listen(fd, Number(backlog)));
    if (result === 0) run.noteBound(fd);
    return plain(result);
  },
  accept(run, [socket = '', ...args], step) {
    const fd = run.fd(socket);
    return accepted(
      run,
      run.call(() => run.subject.accept(fd, addrlenOf(args))),
      step,
    );
  },
  accept4(run, [socket = '', bits = '0', ...args], step) {
    const fd = run.fd(socket);
    const number = flags('SOCK_', bits);
    return accepted(
      run,
      run.call(() => run.subject.accept4(fd, addrlenOf(args), number)),
      step,
    );
  },
  getsockname: nameOf('getsockname'),
  getpeername: nameOf('getpeername'),
  shutdown: (run, [socket = '', how = '']) => {
    return plain(run.call(() => run.subject.shutdown(run.fd(socket), flags('SHUT_', how))));
  },
  tcppair,
};

const byteOperations: Readonly<Record<string, Operation>> = {
  close: (run, [socket = '']) => plain(run.call(() => run.subject.close(run.fd(socket)))),
  dup: (run, [socket = ''], step) => {
    return opened(
      run,
      run.call(() => run.subject.dup(run.fd(socket))),
      step,
    );
  },
  dup3: (run, [socket = '', newfd = '', bits = '0']) => {
    const [from, to] = [run.fd(socket), run.fd(newfd)];
    return plain(run.call(() => run.subject.dup3(from, to, flags('O_', bits))));
  },
  pipe2(run, [bits = '0'], step) {
    const told = run.call(() => run.subject.pipe2(flags('O_', bits)));
    if (told.result === 0) {
      for (const [i, name] of step.res.split(',').entries()) run.name(name, told.pair[i]!);
    }
    return plain(told.result);
  },
  readv(run, [socket = '', sizes = '[]']) {
    const buffers = (JSON.parse(sizes) as number[]).map((size) => new Uint8Array(size));
    const result = run.call(() => run.subject.readv(run.fd(socket), buffers));
    return received(run, result, Buffer.concat(buffers).subarray(0, Math.max(result, 0)));
  },
  writev: (run, [socket = '', text = '']) => {
    return plain(run.call(() => run.subject.writev(run.fd(socket), piecesOf(text))));
  },
  read(run, [socket = '', count = '']) {
    const { result, data } = run.call(() => run.subject.read(run.fd(socket), Number(count)));
    return received(run, result, data);
  },
  write: (run, [socket = '', text = '']) => {
    return plain(run.call(() => run.subject.write(run.fd(socket), bytesOf(text))));
  },
  send,
  sendto: send,
  recv(run, [socket = '', size = '', ...args]) {
    const { bits } = rest(run, args);
    const told = run.call(() => run.subject.recvfrom(run.fd(socket), Number(size), bits));
    return received(run, told.result, told.data);
  },
  recvfrom,
  sendfile: (run, [out = '', from = '', count = '']) => {
    return plain(run.call(() => run.subject.sendfile(run.fd(out), run.fd(from), Number(count))));
  },
  splice: (run, [from = '', to = '', size = '64']) => {
    return plain(run.call(() => run.subject.splice(run.fd(from), run.fd(to), Number(size))));
  },
};

export const operations: Readonly<Record<string, Operation>> = {
  ...socketOperations,
  ...byteOperations,
  ...optionOperations,
  ...messageOperations,
  ...waitOperations,
};
