/**
 * Half-close: the client says that it is done, and still gets its answer. A server that counts what it
 * reads until the end of the stream needs no length and no protocol.
 *
 *   node dist/examples/half-close.js
 */
import { dial, listen } from '../src/index.ts';

const listener = await listen('tcp', '127.0.0.1:0');

async function countOne(): Promise<void> {
  await using conn = await listener.accept();
  let bytes = 0;
  for await (const chunk of conn) bytes += chunk.length;
  await conn.write(`you sent ${bytes} bytes`);
}

const counted = countOne();
await using conn = await dial('tcp', String(listener.addr));
for (let i = 0; i < 100; i++) await conn.write('0123456789'.repeat(1000));
conn.closeWrite();

let answer = '';
for await (const chunk of conn) answer += new TextDecoder().decode(chunk);
console.log(answer);
await counted;
listener.close();
