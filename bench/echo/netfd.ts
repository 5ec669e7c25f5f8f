/** netfd's connections as an echo server: the promises, as most programs would use them. */
import { listen } from '../../src/index.ts';
import type { Conn } from '../../src/index.ts';

const port = process.argv[2] ?? '8080';

async function echo(conn: Conn): Promise<void> {
  const buf = new Uint8Array(65536);
  for (;;) {
    const n = await conn.read(buf);
    if (n === null) break;
    await conn.write(buf.subarray(0, n));
  }
  conn.close();
}

const listener = await listen('tcp', `127.0.0.1:${port}`);
console.log(`listening ${port}`);
for await (const conn of listener) echo(conn).catch(() => conn.close());
