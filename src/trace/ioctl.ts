/**
 * ioctl(2) as strace(1) prints it: the names of requests, and their arguments: numbers in and out, struct ifreq.
 * Of requests that it has no decoder for (TUN, ARP, timestamps) it prints the argument, an address.
 */
import { SIZEOF_IFREQ } from '../syscall/ifreq.ts';
import * as ioctl from '../syscall/ioctl.ts';
import * as tun from '../syscall/tun.ts';
import { NULL } from './columns.ts';
import { ifreqText } from './ifreq.ts';
import { flagsOf, hex, type Names } from './names.ts';
import type { Column } from './signature.ts';
import { asLong, wideHex } from './wide-names.ts';

/** Second names of requests, which strace does not use. */
const ALIASES: ReadonlySet<string> = new Set([
  'TIOCINQ',
  'SIOCINQ',
  'SIOCOUTQ',
  'SIOCGSTAMP',
  'SIOCGSTAMPNS',
]);

const REQUESTS: ReadonlyMap<number, string> = new Map(
  [...Object.entries(ioctl), ...Object.entries(tun)]
    .filter(([name]) => /^(FIO|TIOC|SIOC|TUN(?!_))/.test(name) && !ALIASES.has(name))
    .map(([name, value]) => [value, name]),
);

/** The parts of a number that has no name: <asm-generic/ioctl.h>. */
const DIRECTIONS: Names = {
  rows: [
    [0, '_IOC_NONE'],
    [2, '_IOC_READ'],
    [1, '_IOC_WRITE'],
  ],
  unknown: '_IOC_???',
};

export const ioctlRequest: Column<number> = {
  print(value) {
    const name = REQUESTS.get(value >>> 0);
    if (name !== undefined) return name;
    const direction = flagsOf(value >>> 30, DIRECTIONS);
    const [type, number, size] = [(value >>> 8) & 0xff, value & 0xff, (value >>> 16) & 0x3fff];
    return `_IOC(${direction}, ${hex(type)}, ${hex(number)}, ${hex(size)})`;
  },
};

const BARE: ReadonlySet<number> = new Set([ioctl.FIOCLEX, ioctl.FIONCLEX]);

/** They take a number. */
const NUMBER_IN: ReadonlySet<number> = new Set([
  ioctl.FIONBIO,
  ioctl.FIOASYNC,
  ioctl.SIOCSPGRP,
  ioctl.FIOSETOWN,
  ioctl.SIOCSIFENCAP,
]);

/** They give one. */
const NUMBER_OUT: ReadonlySet<number> = new Set([
  ioctl.TIOCOUTQ,
  ioctl.FIONREAD,
  ioctl.SIOCGPGRP,
  ioctl.FIOGETOWN,
  ioctl.SIOCATMARK,
  ioctl.SIOCOUTQNSD,
  ioctl.SIOCGIFENCAP,
]);

function numberText(bytes: Uint8Array): string {
  return `[${new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true)}]`;
}

/** True of requests whose null pointer strace prints as what it is. */
function hasPointer(request: number): boolean {
  if (!REQUESTS.has(request)) return false;
  const type = request >>> 8;
  // The newer timestamps have their size in their number.
  if (request === ioctl.SIOCGSTAMP_NEW || request === ioctl.SIOCGSTAMPNS_NEW) return true;
  return (type === 0x89 && request < ioctl.SIOCPROTOPRIVATE) || type === 0x54;
}

export const ioctlArgument: Column<Uint8Array | number | null> = {
  print(value, call, style) {
    const request = Number(call.args[1]) >>> 0;
    if (BARE.has(request)) return undefined;
    if (value === null) return hasPointer(request) ? NULL : '0';
    if (typeof value === 'number') return wideHex(asLong(value));
    const failed = call.result < 0;
    const isNumber = NUMBER_IN.has(request) || (NUMBER_OUT.has(request) && !failed);
    if (isNumber && value.length >= 4) return numberText(value);
    const ifreq =
      value.length < SIZEOF_IFREQ ? undefined : ifreqText(request, value, failed, style);
    return ifreq ?? style.addresses.of(value);
  },
};
