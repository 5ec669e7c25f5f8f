/**
 * Both ends of a unix socket, here with an abstract name: no file is made, and none is left behind.
 *
 *   node dist/examples/unix-echo.js
 */
import { dial, listen } from '../src/index.ts';

const listener = await listen('unix', `@netfd-example-${process.pid}`);
console.log(`listening on ${listener.addr.isAbstract ? 'an abstract name' : 'a path'}`);

async function serveOne(): Promise<void> {
  await using conn = await listener.accept();
  await conn.readStream.pipeTo(conn.writeStream);
}

const served = serveOne();
await using conn = await dial('unix', String(listener.addr));
const decoder = new TextDecoder();
for (const word of ['one', 'two', 'three']) {
  await conn.write(word);
  const buf = new Uint8Array(64);
  const n = await conn.read(buf);
  console.log(`${word} → ${decoder.decode(buf.subarray(0, n ?? 0))}`);
}
conn.closeWrite();
console.log(`then ${await conn.read(new Uint8Array(1))}`);
await served;
listener.close();
