/** netfd as a relay of datagrams: what has come is sent on in the same pieces, as examples/udp-relay.ts does. */
import { DatagramBatch, listenPacket, resolveUDPAddr } from '../../src/index.ts';

const port = process.argv[2] ?? '8080';

const conn = await listenPacket('udp4', `127.0.0.1:${port}`);
const target = await resolveUDPAddr('udp4', `127.0.0.2:${port}`);
console.log(`listening ${port}`);
const batch = new DatagramBatch();
for (;;) {
  const count = await conn.readBatch(batch);
  for (let i = 0; i < count; i++) batch.setAddr(i, target);
  await conn.writeBatch(batch);
}
