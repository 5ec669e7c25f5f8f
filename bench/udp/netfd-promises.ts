/** netfd's UDPConn as an echo server, as most programs would write it: two promises a datagram. */
import { listenPacket } from '../../src/index.ts';

const port = process.argv[2] ?? '8080';

const conn = await listenPacket('udp4', `127.0.0.1:${port}`);
console.log(`listening ${port}`);
const buf = new Uint8Array(65536);
for (;;) {
  const { size, addr } = await conn.readFrom(buf);
  await conn.writeTo(buf.subarray(0, size), addr);
}
