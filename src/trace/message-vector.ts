/**
 * struct mmsghdr[] as strace(1) prints it, of recvmmsg(2) and sendmmsg(2): as many as -s allows, each with its
 * msg_len if it was sent or received.
 */
import { MSG_WORDS, type MsgVec } from '../kernel/kernel.ts';
import type { Call } from './call.ts';
import { NULL } from './columns.ts';
import { headerText } from './message.ts';
import type { Column, Result } from './signature.ts';
import type { Style } from './style.ts';
import { SIZEOF_TIME, timespecText } from './time.ts';

/** The words of a record: offsets into memory, and lengths. */
const DATA = 0;
const DATA_LENGTH = 1;
const NAME = 2;
const NAME_LENGTH = 3;
const CONTROL = 4;
const CONTROL_LENGTH = 5;
const FLAGS = 6;
const LENGTH = 7;

function part(memory: Uint8Array, offset: number, length: number): Uint8Array {
  return memory.subarray(offset, offset + length);
}

/** One record, as it is and as it was; `done`: it was sent or received. */
function recordText(
  fd: number,
  memory: Uint8Array,
  was: Uint32Array,
  is: Uint32Array,
  done: boolean,
  style: Style,
): string {
  const received = was !== is;
  const header = headerText(
    {
      name: was[NAME_LENGTH] === 0 ? null : memory.subarray(was[NAME]),
      fd,
      capacity: was[NAME_LENGTH]!,
      namelen: is[NAME_LENGTH]!,
      iov: part(memory, is[DATA]!, is[DATA_LENGTH]!),
      count: received ? is[LENGTH]! : is[DATA_LENGTH]!,
      control: was[CONTROL_LENGTH] === 0 ? null : part(memory, is[CONTROL]!, is[CONTROL_LENGTH]!),
      controllen: is[CONTROL_LENGTH]!,
      flags: is[FLAGS]!,
    },
    style,
  );
  return `{msg_hdr=${header}${done ? `, msg_len=${is[LENGTH]}` : ''}}`;
}

/** The first `count` records. */
function vectorText(call: Call, was: MsgVec, count: number, style: Style): string {
  const [fd, memory, is] = call.args as readonly [number, Uint8Array, MsgVec];
  // A copy of a call may have fewer records than the call had.
  const shown = Math.min(count, style.strings, Math.floor(is.length / MSG_WORDS));
  const parts: string[] = [];
  for (let i = 0; i < shown; i += 1) {
    const at = i * MSG_WORDS;
    const after = is.subarray(at, at + MSG_WORDS);
    const before = was === is ? after : was.subarray(at, at + MSG_WORDS);
    parts.push(recordText(fd, memory, before, after, i < call.result, style));
  }
  if (shown < count) parts.push('...');
  return `[${parts.join(', ')}]`;
}

/** sendmmsg: all that were given, whether the call fails or not; the kernel takes 1024 at most. */
export const messageVector: Column<MsgVec | null> = {
  print(value, call, style) {
    return value === null ? NULL : vectorText(call, value, Number(call.args[3]) >>> 0, style);
  },
};

/** recvmmsg: those that came in. */
export const receivedVector: Column<MsgVec | null> = {
  changes: true,
  print(value, call, style) {
    if (value === null) return NULL;
    if (call.result < 0) return style.addresses.of(value);
    return vectorText(call, call.before[2] as MsgVec, call.result, style);
  },
};

/** recvmmsg: "3 (left {tv_sec=0, tv_nsec=999991933})", "0 (Timeout)" even if no time was given. */
export const vectorResult: Result = (call) => {
  const timeout = call.args[5];
  if (call.result === 0) return '0 (Timeout)';
  return timeout instanceof Uint8Array && timeout.length >= SIZEOF_TIME
    ? `${call.result} (left ${timespecText(timeout)})`
    : String(call.result);
};
