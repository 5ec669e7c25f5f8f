/**
 * Every socket option by its C name: the types of their values, and the one table of them.
 *
 * The options themselves are in options-socket.ts, -ip.ts, -ipv6.ts, -tcp.ts and -protocol.ts; an option
 * that is not there is still to be had by its numbers. Calls nothing; src/sockopt does.
 */
import type {
  OptionTable,
  OptionValue,
  ReadableName,
  SocketOption,
  WritableName,
} from './option.ts';
import { IP_LEVEL_OPTIONS, type IpOptions } from './options-ip.ts';
import { IPV6_LEVEL_OPTIONS, type Ipv6Options } from './options-ipv6.ts';
import { PROTOCOL_OPTIONS, type ProtocolOptions } from './options-protocol.ts';
import { SOCKET_LEVEL_OPTIONS, type SocketLevelOptions } from './options-socket.ts';
import { TCP_LEVEL_OPTIONS, type TcpOptions } from './options-tcp.ts';
import { SOL_IP, SOL_IPV6 } from './inet.ts';

/** What each option is, by its name. */
export interface SocketOptionValues
  extends SocketLevelOptions, IpOptions, Ipv6Options, TcpOptions, ProtocolOptions {}

export type SocketOptionName = keyof SocketOptionValues;
export type ReadableOptionName = ReadableName<SocketOptionValues>;
export type WritableOptionName = WritableName<SocketOptionValues>;
/** What the option `K` is set to, and read as. */
export type SocketOptionValue<K extends SocketOptionName> = OptionValue<SocketOptionValues[K]>;

export const SOCKET_OPTIONS: OptionTable<SocketOptionValues> = {
  ...SOCKET_LEVEL_OPTIONS,
  ...IP_LEVEL_OPTIONS,
  ...IPV6_LEVEL_OPTIONS,
  ...TCP_LEVEL_OPTIONS,
  ...PROTOCOL_OPTIONS,
};

export const SOCKET_OPTION_NAMES: readonly SocketOptionName[] = Object.keys(
  SOCKET_OPTIONS,
) as SocketOptionName[];

/** The row of `name`. TypeError if there is no such option. */
export function socketOption<K extends SocketOptionName>(
  name: K,
): SocketOption<SocketOptionValue<K>> {
  if (!Object.hasOwn(SOCKET_OPTIONS, name)) {
    throw new TypeError(`${String(name)} is not a socket option that has a name here`);
  }
  // The table says so of every name, which the compiler cannot follow for one that it does not know.
  return SOCKET_OPTIONS[name] as unknown as SocketOption<SocketOptionValue<K>>;
}

const readable: ReadonlyMap<string, SocketOptionName> = byNumbers('write-only');
const writable: ReadonlyMap<string, SocketOptionName> = byNumbers('read-only');

/**
 * The name of the option with these numbers that can be read (or set): some numbers mean one option to
 * getsockopt(2) and another one to setsockopt(2). Of several names it is the first in the table.
 */
export function socketOptionName(
  use: 'getsockopt' | 'setsockopt',
  level: number,
  optname: number,
): SocketOptionName | undefined {
  return (use === 'getsockopt' ? readable : writable).get(`${level}/${optname}`);
}

function byNumbers(not: 'read-only' | 'write-only'): Map<string, SocketOptionName> {
  const names = new Map<string, SocketOptionName>();
  for (const name of SOCKET_OPTION_NAMES) {
    const { access, level, optname, levelOf } = socketOption(name);
    if (access === not) continue;
    for (const each of levelOf === undefined ? [level] : [SOL_IP, SOL_IPV6]) {
      const key = `${each}/${optname}`;
      if (!names.has(key)) names.set(key, name);
    }
  }
  return names;
}
