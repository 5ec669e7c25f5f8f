/**
 * An echo server. Each connection is served on its own; a slow client makes only itself wait.
 *
 *   node dist/examples/tcp-echo.js 127.0.0.1:7777
 */
import { type Conn, listen } from '../src/index.ts';

async function echo(conn: Conn): Promise<void> {
  await using _ = conn;
  const buf = new Uint8Array(16 * 1024);
  for (let n = await conn.read(buf); n !== null; n = await conn.read(buf)) {
    await conn.write(buf.subarray(0, n));
  }
}

const listener = await listen('tcp', process.argv[2] ?? '127.0.0.1:7777');
console.log(`echoing on ${String(listener.addr)}`);
for await (const conn of listener) {
  echo(conn).catch((error: Error) => console.error(error.message));
}
