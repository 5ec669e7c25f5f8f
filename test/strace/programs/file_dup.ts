/** Files of a listener and of a connection, and what is made of them. */
import { fileConn, fileListener, listen } from '../../../src/index.ts';
import type { TCPListener } from '../../../src/index.ts';
import { begin, hold, mark } from './marks.ts';

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
