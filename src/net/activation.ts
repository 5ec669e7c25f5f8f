/**
 * Sockets that a service manager has opened, and what it is told in return: the protocol of systemd,
 * which others speak too. Whoever starts the program puts the descriptors at 3, 4, … and says so in its
 * environment. Which environment, and which process, is told by the caller.
 *
 * After sd_listen_fds(3), sd_listen_fds_with_names(3), sd_notify(3).
 */
import type { System } from '../kernel/system.ts';
import { FD, type Explainer, type FDKind } from '../poll/fd.ts';
import { EAFNOSUPPORT, EINVAL } from '../syscall/errno.ts';
import { F_SETFD, FD_CLOEXEC } from '../syscall/fcntl.ts';
import {
  AF_UNIX,
  SO_ACCEPTCONN,
  SO_DOMAIN,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
} from '../syscall/socket.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { requireString } from './arguments.ts';
import { fileListener, filePacketConn, isPacketSocket } from './file.ts';
import type { IPConn } from './ip-conn.ts';
import { check, encodeOrInvalid } from './open-stream.ts';
import { OpError } from './op-error.ts';
import { optionalBoolean, requireOptions } from './options.ts';
import { FILE_NETWORK, fileAddr, SocketFile } from './socket-file.ts';
import { getSocketInt } from './socket-options.ts';
import type { TCPListener } from './tcp.ts';
import type { UDPConn } from './udp-conn.ts';
import { UnixAddr } from './unix-addr.ts';
import type { UnixConn, UnixListener } from './unix.ts';

/** The first descriptor that is passed. */
const SD_LISTEN_FDS_START = 3;

/** The variables of a process, such as process.env. */
export type Environment = Record<string, string | undefined>;

export interface ActivationOptions {
  /** Takes the variables out of the environment, so that children do not believe them (true). */
  readonly unset?: boolean | undefined;
}

/** A socket that was passed, under the name that it has in LISTEN_FDNAMES, "unknown" without. */
export interface ActivatedSocket {
  readonly name: string;
  /** If it listens for connections. */
  readonly listener: TCPListener | UnixListener | null;
  /** If it is a socket of datagrams; see {@link filePacketConn}. */
  readonly packetConn: UDPConn | IPConn | UnixConn | null;
  /** If it is neither: to be closed, or used otherwise. */
  readonly file: SocketFile | null;
}

const VARIABLES = ['LISTEN_PID', 'LISTEN_PIDFDID', 'LISTEN_FDS', 'LISTEN_FDNAMES'];

/**
 * The descriptors that were passed to the process `pid`, each named, to be closed by the caller; none if
 * the environment is for another process. They do not go on to children any more. OpError "file" if what
 * the environment says cannot be so.
 */
export function listenFds(
  system: System,
  env: Environment,
  pid: number,
  options: ActivationOptions = {},
): SocketFile[] {
  requireOptions('listenFds', options);
  optionalBoolean('listenFds', 'unset', options.unset);
  const { LISTEN_PID: forPid, LISTEN_FDS: fds, LISTEN_FDNAMES: listed } = env;
  if (options.unset !== false) for (const name of VARIABLES) delete env[name];
  if (forPid === undefined || fds === undefined) return [];
  if (parse('LISTEN_PID', forPid) !== pid) return [];
  const count = parse('LISTEN_FDS', fds);
  const names = listed === undefined ? null : listed.split(':');
  if (names !== null && names.length !== count) throw invalid('LISTEN_FDNAMES', -EINVAL);
  // All of them, before any of them is owned by anything that may be thrown away. And before there is
  // a list of them: the count may be any number, and the first that is not open ends it.
  for (let fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; fd++) {
    const result = system.kernel.fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (result < 0) throw invalid(`fd ${fd}`, result, 'fcntl');
  }
  return Array.from({ length: count }, (_, i) => {
    return new SocketFile(system, SD_LISTEN_FDS_START + i, names?.[i] ?? 'unknown');
  });
}

/**
 * What was passed, as listeners where it listens, as connections where it has datagrams, in order; see
 * {@link listenFds}. OpError "file".
 */
export function activationListeners(
  system: System,
  env: Environment,
  pid: number,
  options: ActivationOptions = {},
): ActivatedSocket[] {
  const files = listenFds(system, env, pid, options);
  const sockets: ActivatedSocket[] = [];
  try {
    for (const file of files) {
      const socket = activated(system, file);
      sockets.push(socket);
      if (socket.file === null) file.close();
    }
    return sockets;
  } catch (error) {
    for (const { listener, packetConn } of sockets) (listener ?? packetConn)?.close();
    for (const file of files) if (!file.closed) file.close();
    throw error;
  }
}

function activated(system: System, file: SocketFile): ActivatedSocket {
  const { name } = file;
  const socket = { name, listener: null, packetConn: null, file: null };
  // Of what is no socket they are negative.
  const option = (optname: number): number => getSocketInt(system.kernel, file.fd, optname);
  if (option(SO_ACCEPTCONN) === 1) return { ...socket, listener: fileListener(system, file) };
  if (isPacketSocket({ family: option(SO_DOMAIN), sotype: option(SO_TYPE) })) {
    return { ...socket, packetConn: filePacketConn(system, file) };
  }
  return { ...socket, file };
}

/** At most as many as a process can have descriptors: what is more is no count. */
const MAX_NUMBER = 2 ** 31 - 1;

function parse(variable: string, text: string): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(number >= 1 && number <= MAX_NUMBER - SD_LISTEN_FDS_START))
    throw invalid(variable, -EINVAL);
  return number;
}

function invalid(name: string, errno: number, syscall = ''): OpError {
  const cause = new SyscallError(syscall, errno);
  return new OpError('file', FILE_NETWORK, null, fileAddr(name), cause);
}

const NOTIFYING: FDKind = { zeroReadIsEnd: false, shortReadDrains: false };

/**
 * Tells the service manager about this service: "READY=1", "STOPPING=1", "RELOADING=1", "WATCHDOG=1",
 * "STATUS=…", several of them separated by newlines. False if nobody wants to be told (NOTIFY_SOCKET).
 * OpError "write".
 */
export async function sdNotify(
  system: System,
  env: Environment,
  state: string,
  options: ActivationOptions = {},
): Promise<boolean> {
  requireString('sdNotify', 'state', state);
  if (state === '') throw new TypeError('sdNotify: state must not be empty');
  requireOptions('sdNotify', options);
  optionalBoolean('sdNotify', 'unset', options.unset);
  const { NOTIFY_SOCKET: path } = env;
  // As long as the service lives there may be more to tell, so it stays unless asked for.
  if (options.unset === true) delete env['NOTIFY_SOCKET'];
  if (path === undefined || path === '') return false;
  const addr = new UnixAddr(path, 'unixgram');
  const explainer: Explainer = {
    explain: (op, cause) => new OpError(op, 'unixgram', null, addr, cause),
  };
  let fd: FD;
  try {
    if (!/^[/@]/.test(path)) throw new SyscallError('', -EAFNOSUPPORT);
    fd = connected(system, addr, explainer);
  } catch (cause) {
    throw explainer.explain('write', cause as Error);
  }
  try {
    await fd.write(new TextEncoder().encode(state), 0);
    return true;
  } finally {
    fd.close();
  }
}

/** Connected, because only then there is an event when the manager has room again. */
function connected(system: System, addr: UnixAddr, explainer: Explainer): FD {
  const { kernel } = system;
  const sysfd = kernel.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  check('socket', sysfd);
  try {
    const sa = encodeOrInvalid('connect', addr.toSockaddr());
    check('connect', kernel.connect(sysfd, sa, sa.length));
  } catch (error) {
    kernel.close(sysfd);
    throw error;
  }
  const fd = new FD(system, sysfd, explainer, NOTIFYING);
  fd.init();
  return fd;
}
