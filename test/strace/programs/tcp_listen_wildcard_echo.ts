/** Listen on any address, accept one, echo two messages, see the end, close all. */
import { listen } from '../../../src/index.ts';
import { begin, hold, mark, note, readResult } from './marks.ts';

begin();
mark('Listen');
const listener = await listen('tcp', ':18421');
mark('Accept');
const accepting = listener.accept();
hold('dial');
const conn = await accepting;
note(`LocalAddr=${String(conn.localAddr)} RemoteAddr is ${conn.remoteAddr.ip}:<port>`);
mark('Read/Write loop');
const buf = new Uint8Array(64);
for (const request of ['send ping1', 'send ping2', 'closeWrite']) {
  const reading = conn.read(buf);
  hold(request);
  const { n, err } = await readResult(reading);
  if (n === 0) note(`Read: n=${n} err=${err}`);
  else await conn.write(buf.subarray(0, n));
}
mark('conn.Close');
conn.close();
mark('ln.Close');
listener.close();
