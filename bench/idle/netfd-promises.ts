/** netfd with many idle connections, each with an async function that waits. One buffer for all. */
import { listen } from '../../src/index.ts';
import type { Conn } from '../../src/index.ts';
import { settleOnSignal } from './settle.ts';

const port = process.argv[2] ?? '8080';
const buffer = new Uint8Array(65536);
settleOnSignal();

async function echo(conn: Conn): Promise<void> {
  for (;;) {
    await conn.readable();
    const count = conn.tryRead(buffer);
    if (count === null) break;
    // Not from the shared buffer, which is another's while this waits.
    if (count !== undefined) await conn.write(buffer.slice(0, count));
  }
  conn.close();
}

const listener = await listen('tcp', `127.0.0.1:${port}`);
console.log(`listening ${port}`);
for await (const conn of listener) echo(conn).catch(() => conn.close());
