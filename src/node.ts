/**
 * netfd/node: where Node's streams and libraries meet netfd. This file joins the node layer to the
 * machine.
 */
import { linux } from './kernel/linux.ts';
import { Stack } from './net/stack.ts';
import type { NodeListener } from './node/node-handler.ts';
import { type HttpServer, NodeServer } from './node/node-server.ts';
import type { NodeServerOptions } from './node/node-server-options.ts';

const stack: Stack = new Stack(linux);

export {
  fromNodeSocket,
  type FromNodeSocketOptions,
  toNodeSocket,
} from './node/from-node-socket.ts';
export { NodeSocket, type NodeSocketOptions } from './node/node-socket.ts';
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
