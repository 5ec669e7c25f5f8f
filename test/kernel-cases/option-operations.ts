/** The steps about options and flags of sockets: setsockopt, getsockopt, fcntl, ioctl, tcp_state. */
import { IPPROTO_TCP } from '../../src/syscall/inet.ts';
import * as tcp from '../../src/syscall/tcp.ts';
import { exception, getsockoptSize } from './exceptions.ts';
import type { Outcome, Step } from './outcome.ts';
import { bytesOf, int32At, int32s, int64s, type Operation, plain } from './results.ts';
import type { Run } from './run.ts';
import { constant, errorName, flags, option } from './vocabulary.ts';

const TIMES = new Set(['SO_RCVTIMEO', 'SO_SNDTIMEO']);

function setsockopt(run: Run, [socket = '', name = '', text = '']: readonly string[]): Outcome {
  const { level, optname } = option(name);
  const value = exception(`${name} ${text}`) ?? optionValue(text);
  return plain(run.call(() => run.subject.setsockopt(run.fd(socket), level, optname, value)));
}

/** "1", "{1,5}", "0.300000s", "8B", '"reno"'. */
function optionValue(text: string): Uint8Array {
  if (/^(\d+B|".*")$/s.test(text)) return bytesOf(text);
  const pair = /^\{(-?\d+),(-?\d+)\}$/.exec(text);
  if (pair !== null) return int32s(Number(pair[1]), Number(pair[2]));
  const time = /^(-?\d+)\.(-?\d+)s$/.exec(text);
  if (time !== null) return int64s(Number(time[1]), Number(time[2]));
  if (!/^-?(0x)?[\da-f]+$/.test(text)) throw new Error(`no option has the value ${text}`);
  return int32s(Number(text));
}

function getsockopt(run: Run, [socket = '', name = '']: readonly string[], step: Step): Outcome {
  const { level, optname } = option(name);
  const size = getsockoptSize(name, step);
  const told = run.call(() => run.subject.getsockopt(run.fd(socket), level, optname, size));
  if (told.result < 0) return plain(told.result);
  if (step.res === 'fd') return keepDescriptor(run, int32At(told.data));
  return { text: optionText(name, step, told.data) };
}

/** SO_PEERPIDFD gives a descriptor. */
function keepDescriptor(run: Run, fd: number): Outcome {
  run.rights.push(fd);
  return { text: 'fd', count: fd };
}

function optionText(name: string, { res }: Step, data: Uint8Array): string {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (TIMES.has(name)) {
    const micros = String(view.getBigInt64(8, true)).padStart(6, '0');
    return `${view.getBigInt64(0, true)}.${micros}s`;
  }
  if (name === 'SO_LINGER') return `{${view.getInt32(0, true)},${view.getInt32(4, true)}}`;
  if (res.startsWith('0x')) return `0x${Buffer.from(data).toString('hex')}`;
  if (res.startsWith('"')) return `"${Buffer.from(data).toString('latin1').replace(/\0.*$/s, '')}"`;
  if (data.length === 4) {
    const value = view.getInt32(0, true);
    return name === 'SO_ERROR' && value !== 0 ? errorName(-value) : String(value);
  }
  return data.length === 1 ? String(data[0]) : `${data.length} bytes`;
}

function fcntl(run: Run, [socket = '', cmd = '', arg = '0']: readonly string[]): Outcome {
  const fd = run.fd(socket);
  if (/^[+-]O_NONBLOCK$/.test(arg)) {
    return plain(run.call(() => run.setNonblock(fd, arg.startsWith('+'))));
  }
  const value = arg === 'PID' ? run.machine.pid : flags('', arg);
  const result = run.call(() => run.subject.fcntl(fd, constant(cmd), value));
  if (result < 0 || cmd !== 'F_GETFL') return plain(result);
  return { text: `0o${result.toString(8)}`, count: result };
}

const BY_VALUE = new Set(['FIOCLEX', 'FIONCLEX', 'SIOCUNIXFILE']);

function ioctl(run: Run, [socket = '', request = '', arg]: readonly string[]): Outcome {
  const fd = run.fd(socket);
  const number = constant(request);
  if (BY_VALUE.has(request)) return plain(run.call(() => run.subject.ioctl(fd, number, 0)));
  const value = request.startsWith('SIOCGSTAMP') ? new Uint8Array(16) : int32s(Number(arg ?? 0));
  const result = run.call(() => run.subject.ioctl(fd, number, value));
  return result < 0 || arg !== undefined ? plain(result) : plain(int32At(value));
}

const STATES = Object.entries(tcp).filter(([name]) =>
  /^TCP_(ESTABLISHED|SYN_|FIN_|TIME_|CLOS|LAST_|LISTEN)/.test(name),
);

function tcpState(run: Run, [socket = '']: readonly string[]): Outcome {
  const size = 8;
  const { data } = run.subject.getsockopt(run.fd(socket), IPPROTO_TCP, tcp.TCP_INFO, size);
  const name = STATES.find(([, value]) => value === data[0])?.[0] ?? '';
  return { text: name.slice('TCP_'.length) };
}

export const optionOperations: Readonly<Record<string, Operation>> = {
  setsockopt,
  getsockopt,
  fcntl,
  ioctl,
  tcp_state: tcpState,
};
