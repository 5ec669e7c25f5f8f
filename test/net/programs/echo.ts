/** An echo server for volume.test.ts: `echo.js NETWORK ADDRESS`. Ends when its standard input does. */
import { listen } from '../../../src/index.ts';
import type { Conn } from '../../../src/net/conn.ts';
import { print } from './output.ts';

const [, , network = '', address = ''] = process.argv;

async function echo(conn: Conn): Promise<void> {
  await using closing = conn;
  const buf = new Uint8Array(64 * 1024);
  for (;;) {
    const count = await closing.read(buf);
    if (count === null) return;
    await conn.write(buf.subarray(0, count));
  }
}

const listener = await listen(network, address);
print(String(listener.addr));
process.stdin.on('end', () => listener.close()).resume();
for await (const conn of listener) {
  echo(conn).catch((error) => {
    throw error; // nobody's mistake but the test's
  });
}
