/**
 * Between Node's streams and connections: a Conn over any Duplex, and, the other way, what is used in the
 * place of a net.Socket over any Conn.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Addr, Conn } from '../net/conn.ts';
import { requireOptions } from '../net/options.ts';
import { TCPAddr } from '../net/tcp-addr.ts';
import { DuplexConn } from './duplex-conn.ts';
import { NODE_SOCKET_OPTIONS, NodeSocket, type NodeSocketOptions } from './node-socket.ts';
import { namesOf, refuseUnknown } from '../http/option-names.ts';

/** A NodeSocket where a net.Socket is asked for: it is none, but has what those who ask need. */
export type NetSocket = NodeSocket & Socket;

/** What a stream cannot say itself. */
export interface FromNodeSocketOptions {
  readonly localAddr?: Addr | undefined;
  readonly remoteAddr?: Addr | undefined;
}

const KNOWN: ReadonlySet<string> = namesOf<FromNodeSocketOptions>({
  localAddr: true,
  remoteAddr: true,
});

/** The address of a stream that has none: "stream". */
const NO_ADDR: Addr = { network: 'stream', toString: () => 'stream' };

const METHODS = ['on', 'pause', 'resume', 'write', 'end', 'destroy'] as const;

/**
 * The Conn over a Duplex of bytes, which is its own from now on: a net.Socket, a TLSSocket, the stream of
 * another library. Addresses are those that the stream tells; of one that tells none, "stream".
 */
export function fromNodeSocket(duplex: Duplex, options: FromNodeSocketOptions = {}): Conn {
  for (const method of METHODS) {
    if (typeof (duplex as Partial<Duplex> | null | undefined)?.[method] === 'function') continue;
    throw new TypeError(`fromNodeSocket: duplex must be a Duplex stream, with a method ${method}`);
  }
  requireOptions('fromNodeSocket', options);
  refuseUnknown('fromNodeSocket', options, KNOWN);
  const below = duplex instanceof NodeSocket ? duplex.conn : null;
  const socket = duplex as Partial<Socket>;
  const local = options.localAddr ?? below?.localAddr;
  const remote = options.remoteAddr ?? below?.remoteAddr;
  const localAddr = local ?? addrOf(socket.localAddress, socket.localPort);
  const remoteAddr = remote ?? addrOf(socket.remoteAddress, socket.remotePort);
  const network = (below as { network?: string } | null)?.network ?? localAddr.network;
  return new DuplexConn(duplex, network, localAddr, remoteAddr);
}

function addrOf(address: string | undefined, port: number | undefined): Addr {
  if (typeof address !== 'string' || typeof port !== 'number') return NO_ADDR;
  const [ip = '', zone = ''] = address.split('%');
  return new TCPAddr(ip, port, zone);
}

/**
 * A stream over `conn` with what libraries ask of a net.Socket: no-delay, keep-alive and timeouts,
 * addresses, counters, the events in net's order. `conn` is the stream's own from now on, and so are its
 * deadlines and its end. It is no instance of net.Socket; the type says so that it can be passed as one.
 */
export function toNodeSocket(conn: Conn, options: NodeSocketOptions = {}): NetSocket {
  if (typeof (conn as Partial<Conn> | null | undefined)?.whenReadable !== 'function') {
    throw new TypeError('toNodeSocket: conn must be a connection, as of dial or accept');
  }
  requireOptions('toNodeSocket', options);
  refuseUnknown('toNodeSocket', options, NODE_SOCKET_OPTIONS);
  const { network } = conn.localAddr;
  if (network === 'unixpacket' || network === 'unixgram' || network === 'udp') {
    throw new TypeError(`toNodeSocket: conn must be one of bytes, not of ${network}`);
  }
  return new NodeSocket(conn, options) as unknown as NetSocket; // see above
}
