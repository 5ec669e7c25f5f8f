/** Messages: their boundaries, what a short buffer loses, the end. */
import { listen } from '../../../src/index.ts';
import { begin, hold, mark, note, readResult } from './marks.ts';

begin();
mark('Listen(unixpacket)');
const listener = await listen('unixpacket', `${process.argv[2]}/run3.sock`);
mark('Accept');
const accepting = listener.accept();
hold('dial');
const conn = await accepting;
const buf = new Uint8Array(4);
mark('Read 4-byte buffer twice');
let reading = conn.read(buf);
hold('send one and two-two');
for (let i = 0; i < 2; i++) {
  const { n, err } = await readResult(reading);
  note(`Read: n=${n} "${Buffer.from(buf.subarray(0, n)).toString()}" err=${err}`);
  if (i === 0) reading = conn.read(buf);
}
mark('Write');
await conn.write('bye');
mark('Read at peer close');
reading = conn.read(buf);
hold('close');
const { n, err } = await readResult(reading);
note(`Read: n=${n} err=${err}`);
conn.close();
mark('ln.Close');
listener.close();
