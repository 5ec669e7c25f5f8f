/** Half closes, a peer that resets, a connection that is reset by closing it. */
import { listen } from '../../../src/index.ts';
import { begin, errorOf, failureOf, hold, mark, note, readResult, reason } from './marks.ts';

const buf = new Uint8Array(64);

begin();
const listener = await listen('tcp', '127.0.0.1:0');
let accepting = listener.accept();
hold(`dial ${listener.addr.port}`);
let conn = await accepting;
mark('CloseWrite; Write after it');
note(`CloseWrite err=${reason(errorOf(() => conn.closeWrite()))}`);
const broken = await failureOf(conn.write('x'));
note(`Write err=${reason(broken)} Is(EPIPE)=${(broken as NodeJS.ErrnoException).code === 'EPIPE'}`);
mark('CloseRead; Read after it gives EOF');
note(`CloseRead err=${reason(errorOf(() => conn.closeRead()))}`);
note(`Read err=${(await readResult(conn.read(buf))).err}`);
mark('Close; CloseRead after Close');
conn.close();
note(`CloseRead err=${reason(errorOf(() => conn.closeRead()))}`);
mark('peer resets: Read ECONNRESET, next Read EOF, Write EPIPE');
accepting = listener.accept();
hold(`dial ${listener.addr.port}`);
conn = await accepting;
hold('reset');
const reset = await failureOf(conn.read(buf));
const { code } = reset as NodeJS.ErrnoException;
note(`Read err=${reason(reset)} Is(ECONNRESET)=${code === 'ECONNRESET'}`);
note(`Read err=${(await readResult(conn.read(buf))).err}`);
note(`Write err=${reason(await failureOf(conn.write('x')))}`);
conn.close();
mark('SetLinger(0); Close resets');
hold(`dial ${listener.addr.port}`);
conn = await listener.accept();
conn.setLinger(0);
conn.close();
listener.close();
