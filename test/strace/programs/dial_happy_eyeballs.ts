/** Dialling a name whose first address never answers: the second one is raced, or has its share of time. */
import { dial, type DialOptions } from '../../../src/index.ts';
import { begin, hold, mark, note } from './marks.ts';

async function connect(options: DialOptions): Promise<void> {
  const conn = await dial('tcp', 'localhost:18455', options);
  note(`connected to ${String(conn.remoteAddr)}`);
  conn.close();
}

hold('fill the backlog');
begin();
mark('Dial(tcp, localhost): default FallbackDelay');
await connect({});
mark('Dialer{FallbackDelay: 50ms}');
await connect({ fallbackDelay: 50 });
mark('Dialer{FallbackDelay:-1, Timeout:3s}: serial, half the time per address (at least 2s)');
await connect({ fallbackDelay: -1, timeout: 3000 });
