/** netfd's UDPConn as an echo server, in batches: what has come is received and sent back together. */
import { DatagramBatch, listenPacket } from '../../src/index.ts';

const port = process.argv[2] ?? '8080';

const conn = await listenPacket('udp4', `127.0.0.1:${port}`);
console.log(`listening ${port}`);
const batch = new DatagramBatch();
for (;;) {
  await conn.readBatch(batch);
  await conn.writeBatch(batch);
}
