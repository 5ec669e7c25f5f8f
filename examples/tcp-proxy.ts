/**
 * A proxy: what comes in goes on to another address, and back. The bytes never come into this process:
 * `copy` moves them from socket to socket by splice(2).
 *
 *   node dist/examples/tcp-proxy.js 127.0.0.1:7000 127.0.0.1:7777
 */
import { type Conn, copy, dial, listen } from '../src/index.ts';

const [, , from = '127.0.0.1:7000', to = '127.0.0.1:7777'] = process.argv;

/** One direction, and its end. */
async function forward(dst: Conn, src: Conn): Promise<void> {
  await copy(dst, src);
  dst.closeWrite();
}

async function proxy(client: Conn): Promise<void> {
  await using _ = client;
  await using server = await dial('tcp', to);
  await Promise.all([forward(server, client), forward(client, server)]);
}

const listener = await listen('tcp', from);
console.log(`to ${to} from ${String(listener.addr)}`);
for await (const conn of listener) {
  proxy(conn).catch((error: Error) => console.error(error.message));
}
