/**
 * A logger for this machine: each datagram to its socket is a line, with the sender as the kernel knows
 * it. Nobody has to connect, and nobody can say to be another (but root). It ends on SIGINT.
 *
 *   node dist/examples/unix-logger.js /tmp/log.sock
 *   logger --socket /tmp/log.sock --stderr hello
 */
import { ErrClosed, listenPacket, type OpError } from '../src/index.ts';

const [, , path = '/tmp/log.sock'] = process.argv;
const conn = await listenPacket('unixgram', path);
conn.setUnlinkOnClose(true);
conn.passCredentials(true);
process.once('SIGINT', () => conn.close());
console.log(`logging what comes to ${String(conn.localAddr)}`);

const buf = new Uint8Array(8192);
const oob = new Uint8Array(64);
const decoder = new TextDecoder();
try {
  for (;;) {
    const message = (await conn.readMsg(buf, oob))!;
    const { pid, uid } = message.credentials!;
    const text = decoder.decode(buf.subarray(0, message.size)).trimEnd();
    console.log(`process ${pid} of user ${uid}: ${text}${message.truncated ? ' ...' : ''}`);
  }
} catch (error) {
  if ((error as OpError).cause !== ErrClosed) throw error;
}
