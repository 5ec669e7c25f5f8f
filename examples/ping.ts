/**
 * ping: ICMP echo by a ping socket, or by a raw one where those are forbidden (net.ipv4.ping_group_range).
 *
 *   node dist/examples/ping.js 127.0.0.1 3
 */
import { dial, type OpError } from '../src/index.ts';

const [, , host = '127.0.0.1', count = '3'] = process.argv;

const conn = await dial('ping4', host).catch((error: OpError) => {
  if (error.code !== 'EACCES') throw error;
  return dial('ip4:icmp', host);
});

/** Type 8, code 0, the checksum over all, identifier, sequence number. */
function echoRequest(sequence: number): Uint8Array {
  const message = Uint8Array.of(8, 0, 0, 0, 0x6e, 0x66, sequence >> 8, sequence & 255);
  const sum = 0x800 + 0x6e66 + sequence;
  const checksum = ~((sum & 0xffff) + (sum >> 16));
  return message.fill(checksum >> 8, 2, 3).fill(checksum, 3, 4);
}

const buf = new Uint8Array(1500);
for (let sequence = 1; sequence <= Number(count); sequence++) {
  const start = performance.now();
  conn.setReadDeadline(Date.now() + 2000);
  await conn.write(echoRequest(sequence));
  for (;;) {
    const { size, addr } = await conn.readFrom(buf); // without the IP header
    const isReply = size >= 8 && buf[0] === 0 && ((buf[6]! << 8) | buf[7]!) === sequence;
    if (!isReply) continue; // a raw socket gets the requests, too
    const time = (performance.now() - start).toFixed(3);
    console.log(`${size} bytes from ${String(addr)}: seq=${sequence} ${time} ms`);
    break;
  }
}
console.log(conn.network === 'ping4' ? 'by a ping socket' : 'by a raw socket');
conn.close();
