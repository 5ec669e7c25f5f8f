/** netfd's UDPConn as an echo server, one datagram at a time, waiting only when there is none. */
import { listenPacket } from '../../src/index.ts';

const port = process.argv[2] ?? '8080';

const conn = await listenPacket('udp4', `127.0.0.1:${port}`);
console.log(`listening ${port}`);
const buf = new Uint8Array(65536);
for (;;) {
  const received = conn.tryReadFrom(buf);
  if (received === undefined) {
    await conn.readable();
    continue;
  }
  const { size, addr } = received;
  while (conn.tryWriteTo(buf, addr, size) === undefined) await conn.writable();
}
