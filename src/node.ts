/**
 * netfd/node: where Node's streams and libraries meet netfd. This file joins the node layer to the
 * machine.
 */
import { linux } from './kernel/linux.ts';
import { Stack } from './net/stack.ts';
import type { NodeListener } from './node/node-handler.ts';
import { type HttpServer, NodeServer } from './node/node-server.ts';
import type { NodeServerOptions } from './node/node-server-options.ts';
import {
  type RedisConnector,
  redisConnector as redisConnectorOn,
  type UndiciConnector,
  undiciConnector as undiciConnectorOn,
  type UndiciConnectorOptions,
} from './node/client-connectors.ts';
import {
  connectSocket as connectSocketOn,
  dialSocket as dialSocketOn,
  type DialSocketOptions,
} from './node/dialing-socket.ts';
import type { NetSocket } from './node/from-node-socket.ts';

const stack: Stack = new Stack(linux);

/**
 * A stream that is not connected: its `connect(port, host)`, `connect(path)` or `connect({ … })` dials.
 * For libraries that connect by themselves, as pg: `new Client({ stream: () => dialSocket() })`.
 */
export function dialSocket(options?: DialSocketOptions): NetSocket {
  return dialSocketOn(stack, options);
}

/** A stream that connects at once, as net.connect gives one: "connect" is emitted, or "error". */
export function connectSocket(
  network: string,
  address: string,
  options?: DialSocketOptions,
): NetSocket {
  return connectSocketOn(stack, network, address, options);
}

/** For undici: `new Agent({ connect: undiciConnector() })`. */
export function undiciConnector(options?: UndiciConnectorOptions): UndiciConnector {
  return undiciConnectorOn(stack, options);
}

/** For ioredis: `new Redis({ host, port, Connector: redisConnector() })`. */
export function redisConnector(options?: DialSocketOptions): RedisConnector {
  return redisConnectorOn(stack, options);
}

export type {
  RedisConnector,
  UndiciCallback,
  UndiciConnector,
  UndiciConnectorOptions,
  UndiciConnectOptions,
} from './node/client-connectors.ts';
export type { DialSocketOptions } from './node/dialing-socket.ts';
export {
  fromNodeSocket,
  type FromNodeSocketOptions,
  type NetSocket,
  toNodeSocket,
} from './node/from-node-socket.ts';
export { NodeSocket, type NodeSocketOptions } from './node/node-socket.ts';
export { TLSConn } from './node/tls-conn.ts';
export { TLSListener, tlsListener } from './node/tls-listener.ts';
export type { PEM, TLSCertificate, TLSOptions } from './node/tls-options.ts';
export { NodeHandler, nodeHandler, type UpgradeListener } from './node/node-handler.ts';
export { type NodeUpgrade, upgradeToNode } from './node/upgrade.ts';
export type { NodeListenOptions } from './node/listen-place.ts';
export type { HttpServer, NodeListener, NodeServer, NodeServerOptions };

/**
 * As http.createServer, over netfd: `createServer(app).listen(3000)`. Fastify takes it as its
 * `serverFactory`: `Fastify({ serverFactory: (handler) => createServer(handler) })`. It is no instance of
 * http.Server; the type says so that it can be passed as one.
 */
export function createServer(listener?: NodeListener): HttpServer;
export function createServer(options: NodeServerOptions, listener?: NodeListener): HttpServer;
export function createServer(
  first?: NodeServerOptions | NodeListener,
  second?: NodeListener,
): HttpServer {
  const server =
    typeof first === 'function'
      ? new NodeServer(stack, {}, first)
      : new NodeServer(stack, first ?? {}, second);
  return server as HttpServer; // see above
}
