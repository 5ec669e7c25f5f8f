/** What a Resolver can be told, what each lookup can, and what may stand in a Resolver's place. */
import type { System } from '../kernel/system.ts';
import { requireString } from './arguments.ts';
import { Cancellation } from './cancellation.ts';
import { joinHostPort, splitHostPort } from './host-port.ts';
import { IPAddr } from './ip-addr.ts';
import {
  optionalBoolean,
  optionalDuration,
  optionalFunction,
  optionalInteger,
  optionalSignal,
  requireOptions,
} from './options.ts';
import { parsePort } from './service-port.ts';

/** Of one lookup. */
export interface LookupOptions {
  /** Gives up. Others that wait for the same lookup get its result. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole lookup; none or 0: as long as its queries may take. */
  readonly timeout?: number | undefined;
}

export interface ResolverOptions {
  /** The DNS servers to ask, in place of those in /etc/resolv.conf: "1.1.1.1", "[::1]:5353". */
  readonly servers?: readonly string[] | undefined;
  /** Milliseconds that each query of a server may take (/etc/resolv.conf, else 5 s). */
  readonly timeout?: number | undefined;
  /** How often each server is asked (/etc/resolv.conf, else 2). */
  readonly attempts?: number | undefined;
  /**
   * A server that fails for now makes the lookup fail, where otherwise the addresses of the other family
   * count, or the next domain of the search list.
   */
  readonly strictErrors?: boolean | undefined;
  /**
   * Who looks up host names that are not in /etc/hosts. 'dns': netfd asks the servers, as Go with
   * PreferGo. 'system': getaddrinfo(3), with all that the machine has. By default the first, unless
   * /etc/nsswitch.conf or /etc/resolv.conf want what only the second can do.
   */
  readonly prefer?: 'dns' | 'system' | undefined;
  /** Chance, for the order of MX and SRV records: at least 0 and less than 1 (Math.random). */
  readonly random?: (() => number) | undefined;
}

/** What dial and listen take for a resolver: a {@link Resolver}, or something like it. */
export interface HostResolver {
  /** The addresses of a host as literals, in the order to try. */
  lookupHost(host: string, options: LookupOptions): Promise<readonly string[]>;
}

const MAX_SERVERS = 64;
const MAX_ATTEMPTS = 100;
const DNS_PORT = 53;

/** Throws a TypeError that says what is wrong with the options of a Resolver. */
export function requireResolverOptions(options: ResolverOptions): void {
  const method = 'Resolver';
  requireOptions(method, options);
  optionalInteger(method, 'attempts', options.attempts, 1, MAX_ATTEMPTS);
  optionalBoolean(method, 'strictErrors', options.strictErrors);
  optionalFunction(method, 'random', options.random);
  optionalDuration(method, 'timeout', options.timeout);
  if (options.timeout !== undefined && !(options.timeout > 0 && options.timeout <= 2 ** 31 - 1)) {
    throw new TypeError('Resolver: option timeout must be a positive number of milliseconds');
  }
  if (options.prefer !== undefined && !['dns', 'system'].includes(options.prefer)) {
    throw new TypeError("Resolver: option prefer must be 'dns' or 'system'");
  }
}

/** The servers as "host:port"; null if none are given. */
export function serverAddresses(servers: readonly string[] | undefined): readonly string[] | null {
  if (servers === undefined) return null;
  if (!Array.isArray(servers) || servers.length === 0 || servers.length > MAX_SERVERS) {
    throw new TypeError(
      `Resolver: option servers must be an array of 1 to ${MAX_SERVERS} addresses`,
    );
  }
  return (servers as readonly unknown[]).map(serverAddress);
}

function serverAddress(server: unknown): string {
  const wrong = new TypeError(
    `Resolver: option servers must hold IP addresses with or without a port, not ${String(server)}`,
  );
  if (typeof server !== 'string') throw wrong;
  if (IPAddr.parse(server) !== null) return joinHostPort(server, DNS_PORT);
  try {
    const [host, text] = splitHostPort(server);
    const port = parsePort(text);
    if (IPAddr.parse(host) === null || port === null || port < 1 || port > 0xffff) throw wrong;
    return joinHostPort(host, port);
  } catch {
    throw wrong;
  }
}

/** The right to go on of a lookup with these options. Checks them and the names that it is given. */
export function lookupCancellation(
  system: System,
  method: string,
  options: LookupOptions,
  names: Readonly<Record<string, unknown>>,
): Cancellation {
  for (const [argument, value] of Object.entries(names)) requireString(method, argument, value);
  requireOptions(method, options);
  optionalDuration(method, 'timeout', options.timeout);
  optionalSignal(method, options.signal);
  const { timeout, signal } = options;
  const { clock } = system;
  // A time that is over is not the same as none (0).
  const end =
    timeout === undefined || timeout === 0
      ? 0
      : Math.max(clock.monotonic() + timeout, Number.MIN_VALUE);
  return new Cancellation(clock, end, signal === undefined ? [] : [signal]);
}

/** Throws a TypeError if `value` is no resolver for dial or listen. */
export function optionalResolver(method: string, value: unknown): void {
  if (value === undefined) return;
  if (typeof (value as Partial<HostResolver> | null)?.lookupHost === 'function') return;
  throw new TypeError(`${method}: option resolver must have a method lookupHost`);
}
