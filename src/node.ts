/**
 * netfd/node: where Node's streams and libraries meet netfd. This file joins the node layer to the
 * machine.
 */
export {
  fromNodeSocket,
  type FromNodeSocketOptions,
  toNodeSocket,
} from './node/from-node-socket.ts';
export { NodeSocket, type NodeSocketOptions } from './node/node-socket.ts';
