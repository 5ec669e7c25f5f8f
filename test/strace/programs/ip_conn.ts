/** Raw IP: a packet to ourselves, whose header is taken away; a peer; protocols that are not there. */
import { dial, IPAddr, listenPacket } from '../../../src/index.ts';
import { begin, failureOf, mark, note } from './marks.ts';

begin();
mark('ListenPacket(ip4:icmp, 127.0.0.1)');
const conn = await listenPacket('ip4:icmp', '127.0.0.1');
note(`LocalAddr ${String(conn.localAddr)}`);
mark('WriteTo echo request; ReadFrom strips the IPv4 header');
await conn.writeTo(Uint8Array.of(8, 0, 0xf7, 0xfe, 0, 1, 0, 0), new IPAddr('127.0.0.1'));
note('WriteTo err=<nil>');
const buf = new Uint8Array(128);
const { size, addr } = await conn.readFrom(buf);
note(`ReadFrom n=${size} type=${buf[0]} from ${String(addr)} err=<nil>`);
conn.close();
mark('Dial(ip4:253, 127.0.0.1)');
const dialled = await dial('ip4:253', '127.0.0.1');
note(`LocalAddr ${String(dialled.localAddr)} RemoteAddr ${String(dialled.remoteAddr)}`);
dialled.close();
mark('bad protocol name');
for (const network of ['ip4:nosuchproto', 'ip4']) {
  const error = await failureOf(listenPacket(network, '127.0.0.1'));
  note(`error: ${(error as Error).message}`);
}
