/**
 * Watches the kernel's view of a connection: its round trip, its window, what is not sent yet.
 *
 *     node dist/examples/tcp-info.js
 */
import { dial, listen } from '../src/index.ts';

const listener = await listen('tcp', '127.0.0.1:0');
const conn = await dial('tcp', String(listener.addr));
const peer = await listener.accept();

function show(when: string): void {
  const { tcpi_rtt, tcpi_snd_cwnd, tcpi_notsent_bytes, tcpi_bytes_acked } = conn.options.TCP_INFO;
  console.log(
    `${when}: round trip ${tcpi_rtt} us, window ${tcpi_snd_cwnd} segments, ` +
      `${tcpi_bytes_acked} bytes acknowledged, ${tcpi_notsent_bytes} not sent yet`,
  );
}

show('connected');
const writing = conn.write(new Uint8Array(16 << 20));
show('written and not read');
const buf = new Uint8Array(1 << 20);
for (let left = 16 << 20; left > 0;) left -= (await peer.read(buf)) ?? left;
await writing;
show('read');

peer.close();
conn.close();
listener.close();
