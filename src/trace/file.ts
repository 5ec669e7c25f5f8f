/** Calls on files as strace(1) prints them: open flags, modes, struct open_how, struct statx, offsets. */
import * as fcntl from '../syscall/fcntl.ts';
import { AT_FDCWD } from '../syscall/fcntl.ts';
import { NULL } from './columns.ts';
import type { Call } from './call.ts';
import { flagsOf, type Names, namesOf, nameOf } from './names.ts';
import type { Column, Result } from './signature.ts';
import { quotedBytes } from './quoted.ts';

export const OPEN_FLAGS: Names = namesOf(fcntl, 'O_???', [
  'O_CREAT',
  'O_EXCL',
  'O_NOCTTY',
  'O_TRUNC',
  'O_APPEND',
  'O_NONBLOCK',
  'O_SYNC',
  'O_DSYNC',
  'O_ASYNC',
  'O_DIRECT',
  'O_TMPFILE',
  'O_DIRECTORY',
  'O_NOFOLLOW',
  'O_NOATIME',
  'O_CLOEXEC',
  'O_PATH',
]);

const ACCESS: Names = namesOf(fcntl, 'O_???', ['O_RDONLY', 'O_WRONLY', 'O_RDWR']);

export const COMMANDS: Names = namesOf(fcntl, 'F_???', [
  'F_DUPFD',
  'F_GETFD',
  'F_SETFD',
  'F_GETFL',
  'F_SETFL',
  'F_DUPFD_CLOEXEC',
  'F_SETPIPE_SZ',
  'F_GETPIPE_SZ',
  'F_ADD_SEALS',
  'F_GET_SEALS',
]);

export function openFlagsText(value: number): string {
  const access = nameOf(value & fcntl.O_ACCMODE, ACCESS);
  const rest = value & ~fcntl.O_ACCMODE;
  return rest === 0 ? access : `${access}|${flagsOf(rest, OPEN_FLAGS)}`;
}

export const openFlags: Column<number> = { print: (value) => openFlagsText(value) };

export const directory: Column<number> = {
  print: (value, _call, style) =>
    value === AT_FDCWD ? 'AT_FDCWD' : `${value}${style.describe(value)}`,
};

/** Only a call that may create a file has a mode. */
export const openMode: Column<number> = {
  print(value, call) {
    const flags = call.args[2] as number;
    return (flags & (fcntl.O_CREAT | (fcntl.O_TMPFILE & ~fcntl.O_DIRECTORY))) === 0
      ? undefined
      : `0${value.toString(8)}`;
  },
};

function offsetText(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true);
}

/** An offset that the call moves: "[0] => [100]". */
export const movedOffset: Column<Uint8Array | null> = {
  changes: true,
  print(value, call: Call) {
    if (value === null) return NULL;
    const before = call.before[call.args.indexOf(value)] as Uint8Array;
    const [was, is] = [offsetText(before), offsetText(value)];
    return call.result < 0 || was === is ? `[${was}]` : `[${was}] => [${is}]`;
  },
};

export const struct: Column<Uint8Array> = {
  print: (value, _call, style) => quotedBytes(value, style),
};

export const command: Column<number> = { print: (value) => nameOf(value, COMMANDS) };

/** Commands that take no argument. */
const BARE: ReadonlySet<number> = new Set([
  fcntl.F_GETFD,
  fcntl.F_GETFL,
  fcntl.F_GETPIPE_SZ,
  fcntl.F_GET_SEALS,
  fcntl.F_GETOWN,
  fcntl.F_GETSIG,
  fcntl.F_GETLEASE,
]);

export const commandArgument: Column<number> = {
  print(value, call) {
    const cmd = call.args[1] as number;
    if (BARE.has(cmd)) return undefined;
    if (cmd === fcntl.F_SETFD) return value === fcntl.FD_CLOEXEC ? 'FD_CLOEXEC' : String(value);
    return cmd === fcntl.F_SETFL ? openFlagsText(value) : String(value);
  },
};

/** "0x2 (flags O_RDWR)". */
export const commandResult: Result = (call, style) => {
  const cmd = call.args[1] as number;
  const { result } = call;
  if (cmd === fcntl.F_GETFL) return `0x${result.toString(16)} (flags ${openFlagsText(result)})`;
  if (cmd === fcntl.F_GETFD && result > 0) return `0x${result.toString(16)} (flags FD_CLOEXEC)`;
  const makes = cmd === fcntl.F_DUPFD || cmd === fcntl.F_DUPFD_CLOEXEC;
  return makes ? `${result}${style.describe(result)}` : String(result);
};
