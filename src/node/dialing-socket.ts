/**
 * Streams that connect by dial: in the place of `new net.Socket()` and of `net.connect()`. Everything that
 * dial can do is there for them: unix sockets by abstract name, `control`, `localAddr`, both families
 * raced, a resolver of one's own.
 */
import { namesOf, refuseUnknown } from '../http/option-names.ts';
import type { DialOptions } from '../net/dialer.ts';
import { requireOptions } from '../net/options.ts';
import type { Stack } from '../net/stack.ts';
import { requireString } from '../net/arguments.ts';
import type { NetSocket } from './from-node-socket.ts';
import { NodeSocket, type NodeSocketOptions } from './node-socket.ts';
import type { Place } from './socket-place.ts';

/** Of the stream, and of the dial. */
export interface DialSocketOptions extends NodeSocketOptions, DialOptions {
  /** Where to connect to, whatever `connect` is told: with `address`, as dial takes them. */
  readonly network?: string | undefined;
  readonly address?: string | undefined;
}

const KNOWN: ReadonlySet<string> = namesOf<DialSocketOptions>({
  allowHalfOpen: true,
  highWaterMark: true,
  timeout: true,
  deadline: true,
  signal: true,
  localAddr: true,
  control: true,
  keepAlive: true,
  fallbackDelay: true,
  resolver: true,
  network: true,
  address: true,
});

/** TypeError of `method` if these are no options of dialSocket. */
export function checkDialSocketOptions(method: string, options: DialSocketOptions): void {
  requireOptions(method, options);
  refuseUnknown(method, options, KNOWN);
}

/**
 * A stream that is not connected: `connect(port, host)`, `connect(path)` or `connect({ … })` dials, as
 * that of `new net.Socket()` does. For libraries that connect by themselves: pg's option `stream`.
 */
export function dialSocket(stack: Stack, options: DialSocketOptions = {}): NetSocket {
  checkDialSocketOptions('dialSocket', options);
  const { network, address } = options;
  if ((network === undefined) !== (address === undefined)) {
    throw new TypeError('dialSocket: options network and address go together');
  }
  const fixed = network === undefined ? null : { network, address: address! };
  const connect = (asked: Place, signal: AbortSignal): ReturnType<Stack['dial']> => {
    const place = fixed ?? asked;
    if (place.network === '') throw new TypeError('connect: path, or port and host, must be given');
    const signals = options.signal === undefined ? [signal] : [options.signal, signal];
    const dialOptions = { ...options, signal: AbortSignal.any(signals) };
    return stack.dial(place.network, place.address, dialOptions);
  };
  return new NodeSocket(null, options, async (...args) => connect(...args)) as NetSocket;
}

/** A stream that connects at once, as net.connect gives one: "connect" is emitted, or "error". */
export function connectSocket(
  stack: Stack,
  network: string,
  address: string,
  options: DialSocketOptions = {},
): NetSocket {
  requireString('connectSocket', 'network', network);
  requireString('connectSocket', 'address', address);
  checkDialSocketOptions('connectSocket', options);
  return dialSocket(stack, { ...options, network, address }).connect();
}
