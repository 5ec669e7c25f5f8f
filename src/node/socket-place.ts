/** Where net.Socket.connect is asked to connect to: its three forms of arguments as one. */
import { joinHostPort } from '../net/host-port.ts';

/** As dial takes it. */
export interface Place {
  /** "tcp", "tcp4", "tcp6" or "unix"; empty if nothing was said. */
  readonly network: string;
  readonly address: string;
}

const NOWHERE: Place = { network: '', address: '' };

const FAMILIES: Readonly<Record<string, string>> = {
  4: 'tcp4',
  6: 'tcp6',
  IPv4: 'tcp4',
  IPv6: 'tcp6',
};

/** Of (options), (path) or (port, host), a callback at the end left out. TypeError for anything else. */
export function placeOf(args: readonly unknown[]): Place {
  const [first, second] = args;
  if (typeof first === 'object' && first !== null) return placeOfOptions(first);
  if (first === undefined || first === null || typeof first === 'function') return NOWHERE;
  if (typeof first === 'string' && !isPort(first)) return placeOfPath(first);
  return placeOfPort(first, second, 'tcp');
}

function placeOfOptions(options: object): Place {
  const { path, port, host, family } = options as Record<string, unknown>;
  if (typeof path === 'string') return placeOfPath(path);
  if (port === undefined) return NOWHERE;
  return placeOfPort(port, host, FAMILIES[String(family)] ?? 'tcp');
}

/** Node writes an abstract name with a NUL in front, dial with an '@'. */
function placeOfPath(path: string): Place {
  return { network: 'unix', address: path.startsWith('\0') ? `@${path.slice(1)}` : path };
}

function placeOfPort(port: unknown, host: unknown, network: string): Place {
  if (!isPort(port)) throw new TypeError('connect: port must be an integer in 0..65535');
  const name = typeof host === 'string' ? host : 'localhost';
  return { network, address: joinHostPort(name, Number(port)) };
}

function isPort(value: unknown): boolean {
  if (typeof value === 'string') return /^\d{1,5}$/.test(value) && Number(value) <= 65535;
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65535;
}
