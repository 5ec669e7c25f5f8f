/** A socket of both families, and those of one. */
import { listenPacket } from '../../../src/index.ts';
import { begin, hold, mark, note } from './marks.ts';

begin();
mark('ListenPacket(udp, :18466)');
const conn = await listenPacket('udp', ':18466');
note(`LocalAddr ${String(conn.localAddr)}`);
const buf = new Uint8Array(64);
for (const host of ['127.0.0.1', '::1']) {
  mark('ReadFrom, WriteTo');
  const reading = conn.readFrom(buf);
  hold(`hi ${host}`);
  const { size, addr } = await reading;
  note(`ReadFrom n=${size} ip=${addr.ip} len(ip)=${addr.bytes!.length} err=<nil>`);
  await conn.writeTo(buf.subarray(0, size), addr);
}
conn.close();
for (const [network, address] of [
  ['udp4', ':0'],
  ['udp6', ':0'],
  ['udp', '[::1]:0'],
] as const) {
  mark(`ListenPacket(${network}, ${address})`);
  const each = await listenPacket(network, address);
  each.close();
}
