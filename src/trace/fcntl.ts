/**
 * fcntl(2) as strace(1) prints it: commands, what each takes, what each gives. Commands that take a struct do
 * not pass our Kernel, so they are known by name only.
 */
import * as fcntl from '../syscall/fcntl.ts';
import { flagsOf, hex, type Names, namesOf, nameOf } from './names.ts';
import { openFlagsText } from './open-flags.ts';
import { signalText } from './signals.ts';
import type { Column, Result } from './signature.ts';
import { asLong, wideFlagsOf, wideHex } from './wide-names.ts';

const COMMANDS: Names = namesOf(fcntl, 'F_???', [
  'F_DUPFD',
  'F_GETFD',
  'F_SETFD',
  'F_GETFL',
  'F_SETFL',
  'F_GETLK',
  'F_SETLK',
  'F_SETLKW',
  'F_SETOWN',
  'F_GETOWN',
  'F_SETSIG',
  'F_GETSIG',
  'F_SETOWN_EX',
  'F_GETOWN_EX',
  'F_OFD_GETLK',
  'F_OFD_SETLK',
  'F_OFD_SETLKW',
  'F_SETLEASE',
  'F_GETLEASE',
  'F_NOTIFY',
  'F_CANCELLK',
  'F_DUPFD_CLOEXEC',
  'F_SETPIPE_SZ',
  'F_GETPIPE_SZ',
  'F_ADD_SEALS',
  'F_GET_SEALS',
]);

const FD_FLAGS: Names = namesOf(fcntl, 'FD_???', ['FD_CLOEXEC']);
const LOCKS: Names = namesOf(fcntl, 'F_???', [
  'F_RDLCK',
  'F_WRLCK',
  'F_UNLCK',
  'F_EXLCK',
  'F_SHLCK',
]);

const NOTICES: Names = namesOf(fcntl, 'DN_???', [
  'DN_ACCESS',
  'DN_MODIFY',
  'DN_CREATE',
  'DN_DELETE',
  'DN_RENAME',
  'DN_ATTRIB',
  'DN_MULTISHOT',
]);

const SEALS: Names = namesOf(fcntl, 'F_SEAL_???', [
  'F_SEAL_SEAL',
  'F_SEAL_SHRINK',
  'F_SEAL_GROW',
  'F_SEAL_WRITE',
  'F_SEAL_FUTURE_WRITE',
]);

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

function decimal(value: number): string {
  return String(value | 0);
}

/** The name of a lock as a long. */
function lock(value: number): string {
  const known = LOCKS.rows.find(([row]) => row === value);
  return known === undefined ? `${wideHex(asLong(value))} /* ${LOCKS.unknown} */` : known[1];
}

const ARGUMENTS: ReadonlyMap<number, (value: number) => string> = new Map([
  [fcntl.F_DUPFD, decimal],
  [fcntl.F_DUPFD_CLOEXEC, decimal],
  [fcntl.F_SETPIPE_SZ, decimal],
  [fcntl.F_SETOWN, decimal],
  [fcntl.F_SETFD, (value) => flagsOf(value, FD_FLAGS)],
  [fcntl.F_SETFL, openFlagsText],
  [fcntl.F_SETSIG, (value) => signalText(value | 0)],
  [fcntl.F_SETLEASE, lock],
  [fcntl.F_NOTIFY, (value) => wideFlagsOf(asLong(value), NOTICES)],
  [fcntl.F_ADD_SEALS, (value) => wideFlagsOf(asLong(value), SEALS)],
]);

export const commandArgument: Column<number> = {
  print(value, call) {
    const cmd = Number(call.args[1]) | 0;
    if (BARE.has(cmd)) return undefined;
    const print = ARGUMENTS.get(cmd);
    return print === undefined ? wideHex(asLong(value)) : print(value);
  },
};

/** What is said of a result in parentheses, of commands whose result is not only a number. */
const MEANINGS: ReadonlyMap<number, (result: number) => string> = new Map([
  [fcntl.F_GETFL, (result) => `${hex(result)} (flags ${openFlagsText(result)})`],
  [
    fcntl.F_GETFD,
    (result) => (result === 0 ? '0' : `${hex(result)} (flags ${flagsOf(result, FD_FLAGS)})`),
  ],
  [fcntl.F_GETLEASE, (result) => `${hex(result)} (${nameOf(result, LOCKS)})`],
  [fcntl.F_GETSIG, (result) => (result === 0 ? '0' : `${result} (${signalText(result)})`)],
  [
    fcntl.F_GET_SEALS,
    (result) => (result === 0 ? '0' : `${hex(result)} (seals ${flagsOf(result, SEALS)})`),
  ],
]);

/** "0x2 (flags O_RDWR)". */
export const commandResult: Result = (call, style) => {
  const cmd = Number(call.args[1]) | 0;
  const { result } = call;
  const meaning = MEANINGS.get(cmd);
  if (meaning !== undefined) return meaning(result);
  const makes = cmd === fcntl.F_DUPFD || cmd === fcntl.F_DUPFD_CLOEXEC;
  return makes ? `${result}${style.describe(result)}` : String(result);
};
