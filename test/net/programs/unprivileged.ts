/** Asks for a raw socket, without the right to it, and prints what it is told. */
import { listenPacket, OpError } from '../../../src/index.ts';
import { print } from './output.ts';

try {
  (await listenPacket('ip4:icmp', '127.0.0.1')).close();
  print('it was allowed');
} catch (error) {
  const { message, code } = error as OpError;
  print({ message, code });
}
