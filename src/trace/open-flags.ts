/** The flags of open(2), of descriptors, and modes of files, as strace(1) prints them. */
import * as fcntl from '../syscall/fcntl.ts';
import { type Names, namesOf, nameOf } from './names.ts';
import { wideFlagsOf, wideHex } from './wide-names.ts';

/** Halves of flags have names of their own in the kernel's header. */
const CONSTANTS: Readonly<Record<string, unknown>> = {
  ...fcntl,
  FASYNC: fcntl.O_ASYNC,
  ['__O_SYNC']: fcntl.O_SYNC & ~fcntl.O_DSYNC,
  ['__O_TMPFILE']: fcntl.O_TMPFILE & ~fcntl.O_DIRECTORY,
};

export const OPEN_FLAGS: Names = namesOf(CONSTANTS, 'O_???', [
  'O_CREAT',
  'O_EXCL',
  'O_NOCTTY',
  'O_TRUNC',
  'O_APPEND',
  'O_NONBLOCK',
  'O_SYNC',
  'O_DSYNC',
  '__O_SYNC',
  'O_DIRECT',
  'O_LARGEFILE',
  'O_NOFOLLOW',
  'O_NOATIME',
  'O_CLOEXEC',
  'O_PATH',
  'O_TMPFILE',
  'O_DIRECTORY',
  '__O_TMPFILE',
  'FASYNC',
]);

const ACCESS: Names = namesOf(fcntl, 'O_???', ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE']);

/** Either makes a file, so there is a mode. */
const MAKES = fcntl.O_CREAT | (fcntl.O_TMPFILE & ~fcntl.O_DIRECTORY);

export function makesFile(flags: number): boolean {
  return (flags & MAKES) !== 0;
}

/** Of 64 bits: access, then flags. */
export function wideOpenFlags(value: bigint): string {
  const access = BigInt(fcntl.O_ACCMODE);
  const name = nameOf(Number(value & access), ACCESS);
  const rest = value & ~access;
  if (rest === 0n) return name;
  const flags = wideFlagsOf(rest, OPEN_FLAGS);
  return `${name}|${flags.includes('/*') ? wideHex(rest) : flags}`;
}

export function openFlagsText(value: number): string {
  return wideOpenFlags(BigInt(value >>> 0));
}

/** "%#03o": "0644", "007", "000". */
export function modeText(mode: bigint | number): string {
  return `0${mode.toString(8)}`.padStart(3, '0');
}
