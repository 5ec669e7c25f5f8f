/**
 * Relays datagrams to another address and the answers back to whoever was heard last, many by one call:
 * what was received is sent as it is, with another address.
 *
 *   node dist/examples/udp-relay.js 127.0.0.1:7777 127.0.0.1:53
 */
import { DatagramBatch, listenPacket, resolveUDPAddr, type UDPAddr } from '../src/index.ts';

const [, , address = '127.0.0.1:7777', to = '127.0.0.1:53'] = process.argv;
const target = await resolveUDPAddr('udp', to);
const conn = await listenPacket('udp', address);
console.log(`relaying on ${String(conn.localAddr)}`);

let client: UDPAddr | null = null;
const batch = new DatagramBatch();
for (;;) {
  const count = await conn.readBatch(batch);
  for (let i = 0; i < count; i++) {
    const from = batch.addr(i)!;
    if (!from.equals(target)) {
      client = from;
      batch.setAddr(i, target);
    } else if (client !== null) batch.setAddr(i, client);
    else batch.drop(i);
  }
  await conn.writeBatch(batch).catch((error: Error) => console.error(error.message));
}
