/** The bare descriptor: of a listener, and of a connection that is peeked at, written to and closed. */
import { listen } from '../../../src/index.ts';
import { EAGAIN } from '../../../src/syscall/errno.ts';
import { MSG_PEEK, SO_REUSEADDR, SOL_SOCKET } from '../../../src/syscall/socket.ts';
import { begin, errorOf, failureOf, hold, mark, note, reason } from './marks.ts';

const buf = new Uint8Array(64);
const addr = new Uint8Array(112);
const value = new Uint8Array(4);

begin();
const listener = await listen('tcp', '127.0.0.1:0');
const ofListener = listener.syscallConn();
mark('listener RawConn.Control getsockopt');
ofListener.control((fd, kernel) => {
  kernel.getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, value, Uint32Array.of(4));
});
note(`listener RawConn.Read err=${reason(await failureOf(ofListener.read(() => true)))}`);
const accepting = listener.accept();
hold(`dial ${listener.addr.port}`);
const conn = await accepting;
const raw = conn.syscallConn();
mark('RawConn.Read: recvfrom MSG_PEEK, EAGAIN -> false -> wait -> again');
const peeking = raw.read((fd, kernel) => {
  const length = Uint32Array.of(addr.length);
  return kernel.recvfrom(fd, buf, buf.length, MSG_PEEK, addr, length) !== -EAGAIN;
});
hold('send data');
note(`err=${reason(await failureOf(peeking))}`);
await conn.read(buf);
mark('RawConn.Write');
const written = await failureOf(
  raw.write((fd, kernel) => kernel.write(fd, Buffer.from('raw'), 3) !== -EAGAIN),
);
note(`err=${reason(written)}`);
conn.close();
mark('RawConn after Close');
note(`Control err=${reason(errorOf(() => raw.control(() => {})))}`);
note(`Read err=${reason(await failureOf(raw.read(() => true)))}`);
listener.close();
