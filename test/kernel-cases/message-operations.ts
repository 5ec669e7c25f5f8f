/** The steps that send and receive messages with control messages, or many messages at once. */
import { decodeCredentials, encodeCredentials, encodeInt } from '../../src/syscall/ancillary.ts';
import { decodeRights, encodeRights } from '../../src/syscall/ancillary.ts';
import { type ControlMessage, encodeControlMessages } from '../../src/syscall/control-message.ts';
import { SCM_CREDENTIALS, SCM_RIGHTS, SOL_SOCKET } from '../../src/syscall/socket.ts';
import type { Outcome } from './outcome.ts';
import { int64s, type Operation, piecesOf, plain, received } from './results.ts';
import type { Run } from './run.ts';
import type { ReceivedMessage } from './subject.ts';
import { flags, messageFlags, option } from './vocabulary.ts';

/** More than the kernel gives out as a process id. */
const NO_SUCH_PID = 2 ** 22 + 1;

/**
 * A control message to send: "RIGHTS[r,w,0]", "CREDS(me,1,1)", "SOL_SOCKET type 99", or an option's name
 * and its int, "IP_TTL=9". Null for a text that is none.
 */
function controlOf(run: Run, text: string): ControlMessage | null {
  const rights = /^RIGHTS\[(.*)\]$/.exec(text);
  if (rights !== null) {
    const names = rights[1]!.split(',').filter((name) => name !== '');
    return control(SCM_RIGHTS, encodeRights(names.map((name) => run.fd(name))));
  }
  const creds = /^CREDS\((.*)\)$/.exec(text);
  if (creds !== null) return credentials(run, creds[1]!.split(','));
  const type = /^SOL_SOCKET type (\d+)$/.exec(text);
  if (type !== null) return control(Number(type[1]), new Uint8Array(4));
  const value = /^([A-Z_\d]+|\d+\/\d+)=(-?\d+)$/.exec(text);
  if (value === null) return null;
  const { level, optname } = option(value[1]!);
  return { level, type: optname, data: encodeInt(Number(value[2])) };
}

function credentials(
  run: Run,
  [pid = '', uid = '0', gid = '0']: readonly string[],
): ControlMessage {
  const known = pid === 'me' ? run.machine.pid : Number(pid);
  const [user = 0, group = 0] = [uid, gid].map((id) => (id === '..' ? 0 : Number(id)));
  const ids = { pid: pid === 'no such pid' ? NO_SUCH_PID : known, uid: user, gid: group };
  return control(SCM_CREDENTIALS, encodeCredentials(ids));
}

function control(type: number, data: Uint8Array): ControlMessage {
  return { level: SOL_SOCKET, type, data };
}

/** What a received control message is, in the cases' words. Descriptors in it are the case's. */
function showControl(run: Run, { level, type, data }: ControlMessage): string {
  if (level === SOL_SOCKET && type === SCM_RIGHTS) {
    const fds = decodeRights(data);
    run.rights.push(...fds);
    return `RIGHTS[${fds.length}]`;
  }
  if (level !== SOL_SOCKET || type !== SCM_CREDENTIALS) return `${level}/${type}[${data.length}B]`;
  if (data.length < 12) return `CREDS[${data.length}B]`;
  const { pid, uid, gid } = decodeCredentials(data);
  return `CREDS(${pid === run.machine.pid ? 'PID' : pid},${uid},${gid})`;
}

function showMessage(run: Run, told: ReceivedMessage): Outcome {
  if (told.result < 0) return plain(told.result);
  const { text } = received(run, told.result, told.data);
  const messages = told.control.map((message) => showControl(run, message)).join(',');
  const shown = `${told.result === 0 ? '0' : text} flags=${messageFlags(told.flags ?? 0)}`;
  return { text: `${shown} cmsg=${messages}`, count: told.result };
}

/** Pieces "a"+"b" as one message; then control messages, flags, and an address after "to". */
function sendmsg(run: Run, [socket = '', text = '', ...args]: readonly string[]): Outcome {
  const data = piecesOf(text);
  const messages: ControlMessage[] = [];
  let bits = 0;
  let addr: Uint8Array | undefined;
  for (const arg of args) {
    const message = controlOf(run, arg);
    if (message !== null) messages.push(message);
    else if (arg.startsWith('to ')) addr = run.address(arg.slice(3)) ?? undefined;
    else bits |= flags('MSG_', arg);
  }
  const all = messages.length === 0 ? undefined : encodeControlMessages(messages);
  const fd = run.fd(socket);
  return plain(run.call(() => run.subject.sendmsg(fd, { data, addr, control: all }, bits)));
}

function recvmsg(
  run: Run,
  [socket = '', sizes = '', room = '', bits = '0']: readonly string[],
): Outcome {
  const parts = sizes.startsWith('[') ? (JSON.parse(sizes) as number[]) : [Number(sizes)];
  const size = Number(room.slice('ctl='.length));
  const fd = run.fd(socket);
  const call = (): ReceivedMessage => run.subject.recvmsg(fd, parts, size, flags('MSG_', bits));
  return showMessage(run, run.call(call));
}

/** The messages of "[ok,ok,port 0,ok]": "m0", "m1", … to the port that was bound first. */
function sendmmsg(run: Run, [socket = '', list = '', bits = '0']: readonly string[]): Outcome {
  const messages = list
    .slice(1, -1)
    .split(',')
    .map((word, i) => {
      const addr = run.address(`127.0.0.1:${word === 'ok' ? 'P1' : word.replace('port ', '')}`)!;
      return { data: [Buffer.from(`m${i}`)], addr };
    });
  const fd = run.fd(socket);
  return plain(run.call(() => run.subject.sendmmsg(fd, messages, flags('MSG_', bits))));
}

function recvmmsg(run: Run, [socket = '', what = '', bits = '0']: readonly string[]): Outcome {
  const timeout = what === 'bad timeout' ? int64s(0, -1) : null;
  const fd = run.fd(socket);
  const told = run.call(() => run.subject.recvmmsg(fd, 4, flags('MSG_', bits), timeout));
  run.received.push(...told.messages);
  return plain(told.result);
}

export const messageOperations: Readonly<Record<string, Operation>> = {
  sendmsg,
  recvmsg,
  sendmmsg,
  recvmmsg,
};
