/**
 * Deadlines: a read that gives up, and a connection that is as good as before. Setting one makes no
 * system call.
 *
 *   node dist/examples/deadline.js
 */
import { dial, listen, OpError } from '../src/index.ts';

const listener = await listen('tcp', '127.0.0.1:0');
const [client, server] = await Promise.all([dial('tcp', String(listener.addr)), listener.accept()]);
const buf = new Uint8Array(64);

client.setReadDeadline(Date.now() + 50);
try {
  await client.read(buf);
} catch (error) {
  if (!(error instanceof OpError)) throw error;
  console.log(`timeout: ${error.timeout}, after "${error.op}"`);
}

client.setReadDeadline(null);
await server.write('late, but not lost');
const n = await client.read(buf);
console.log(new TextDecoder().decode(buf.subarray(0, n ?? 0)));

for (const end of [client, server, listener]) end.close();
