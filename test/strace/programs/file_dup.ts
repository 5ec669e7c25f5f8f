/** Files of a listener, of a connection and of datagrams, and what is made of them. */
import {
  fileConn,
  fileListener,
  filePacketConn,
  listen,
  listenPacket,
} from '../../../src/index.ts';
import type { TCPListener } from '../../../src/index.ts';
import { begin, errorOf, hold, mark, note, reason } from './marks.ts';

begin();
const listener = await listen('tcp', '127.0.0.1:0');
mark('TCPListener.File');
const file = listener.file();
mark('FileListener(f)');
const copy = fileListener(file) as TCPListener;
mark('close f, close the original listener; the copy still accepts');
file.close();
listener.close();
const accepting = copy.accept();
hold(`dial ${copy.addr.port}`);
const conn = await accepting;
mark('TCPConn.File');
const connFile = conn.file();
mark('FileConn(cf)');
const second = fileConn(connFile);
connFile.close();
mark('Read on the copy, close both');
await second.read(new Uint8Array(8));
conn.close();
await second.write('bye');
second.close();
copy.close();
mark('FileListener/FileConn of a non-socket');
const packets = await listenPacket('udp', '127.0.0.1:0');
const packetsFile = packets.file();
note(`FileListener(udp file) error: ${reason(errorOf(() => fileListener(packetsFile)))}`);
filePacketConn(packetsFile).close();
packetsFile.close();
packets.close();
