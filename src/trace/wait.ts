/** poll(2) and select(2) as strace(1) prints them. */
import * as pollBits from '../syscall/poll.ts';
import { NULL } from './columns.ts';
import type { Call } from './call.ts';
import { flagsOf, type Names, namesOf } from './names.ts';
import type { Column, Result } from './signature.ts';
import type { Style } from './style.ts';
import { SIZEOF_TIME, timespecText, timevalText } from './time.ts';

/** The last one is the kernel's own: no program can use its header's definition. */
const CONSTANTS: Readonly<Record<string, unknown>> = { ...pollBits, POLL_BUSY_LOOP: 0x8000 };

const POLL_EVENTS: Names = namesOf(CONSTANTS, 'POLL???', [
  'POLLIN',
  'POLLPRI',
  'POLLOUT',
  'POLLERR',
  'POLLHUP',
  'POLLNVAL',
  'POLLRDNORM',
  'POLLRDBAND',
  'POLLWRNORM',
  'POLLWRBAND',
  'POLLMSG',
  'POLLREMOVE',
  'POLLRDHUP',
  'POLL_BUSY_LOOP',
]);

function descriptor(fd: number, style: Style): string {
  return `fd=${fd}${style.describe(fd)}`;
}

function countOf(fds: Int32Array, call: Call): number {
  return Math.min((call.args[1] as number) >>> 0, fds.length >> 1);
}

/** What is to be watched: at most as many as a string has characters (-s). */
export const pollFds: Column<Int32Array | null> = {
  print(fds, call, style) {
    if (fds === null) return NULL;
    const parts: string[] = [];
    const count = countOf(fds, call);
    for (let i = 0; i < Math.min(count, style.strings); i += 1) {
      const fd = fds[2 * i]!;
      const events = flagsOf(fds[2 * i + 1]! & 0xffff, POLL_EVENTS);
      // A negative one is passed over, whatever its events.
      parts.push(fd < 0 ? `{fd=${fd}}` : `{${descriptor(fd, style)}, events=${events}}`);
    }
    if (count > style.strings) parts.push('...');
    return `[${parts.join(', ')}]`;
  },
};

/** What is left of the time, which argument `index` tells afterwards. */
function left(call: Call, index: number): readonly string[] {
  const time = call.args[index];
  if (!(time instanceof Uint8Array) || time.length < SIZEOF_TIME) return [];
  return [`left ${call.name === 'select' ? timevalText(time) : timespecText(time)}`];
}

/** strace has so much room for what it says in parentheses, and keeps some of it for its end. */
const MAX_MEANING = 1022;
const MAX_REVENTS = 996;

/** "[{fd=3, revents=POLLIN}]": those that have something to tell, as many as there is room for. */
function reventsText(fds: Int32Array, call: Call, style: Style): string {
  const count = countOf(fds, call);
  let text = '[';
  let parts = 0;
  for (let i = 0; i < count; i += 1) {
    const revents = fds[2 * i + 1]! >>> 16;
    if (revents === 0) continue;
    const comma = parts === 0 ? '' : ', ';
    const told = `fd=${fds[2 * i]!}, revents=${flagsOf(revents, POLL_EVENTS)}`;
    const longer = `${text}${comma}{${told}}`;
    if (parts >= style.strings || longer.length > MAX_REVENTS) return `${text}${comma}...]`;
    text = longer;
    parts += 1;
  }
  return `${text}]`;
}

/** "1 ([{fd=3, revents=POLLIN}])", "0 (Timeout)". */
export const pollResult: Result = (call, style) => {
  if (call.result === 0) return '0 (Timeout)';
  const fds = call.args[0];
  const text = fds instanceof Int32Array ? reventsText(fds, call, style) : '[]';
  const time = call.name === 'ppoll' ? left(call, 2) : [];
  const whole = [text, ...time].join(', ');
  return `${call.result} (${whole.length > MAX_MEANING ? `${text}, ...` : whole})`;
};

/** Of a result strace says only the numbers of descriptors, whatever -y says. */
const undescribed = (): string => '';

function members(set: Uint8Array, nfds: number, describe: Style['describe']): string {
  const fds: string[] = [];
  for (let fd = 0; fd < Math.min(nfds, 8 * set.length); fd += 1) {
    if ((set[fd >> 3]! & (1 << (fd & 7))) !== 0) fds.push(`${fd}${describe(fd)}`);
  }
  return `[${fds.join(' ')}]`;
}

function beforeOf(value: Uint8Array, call: Call): Uint8Array {
  const before = call.before[call.args.indexOf(value)];
  return before instanceof Uint8Array ? before : value;
}

/** A set of descriptors, as it was given. */
export const fdSet: Column<Uint8Array | null> = {
  changes: true,
  print(set, call, style) {
    if (set === null) return NULL;
    const nfds = call.args[0] as number;
    return nfds <= 0 ? style.addresses.of(set) : members(beforeOf(set, call), nfds, style.describe);
  },
};

/** "1 (in [3], left {tv_sec=0, tv_usec=12})", "0 (Timeout)". */
export const selectResult: Result = (call) => {
  if (call.result === 0) return '0 (Timeout)';
  const [nfds, ...sets] = call.args as [number, ...(Uint8Array | null)[]];
  const parts = ['in', 'out', 'except'].flatMap((word, i) => {
    const set = sets[i];
    const text = set === null || set === undefined ? '[]' : members(set, nfds, undescribed);
    return text === '[]' ? [] : [`${word} ${text}`];
  });
  return `${call.result} (${[...parts, ...left(call, 4)].join(', ')})`;
};
