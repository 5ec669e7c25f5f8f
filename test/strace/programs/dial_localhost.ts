/** Dialling a name with an address of each family, where one of them, both or none listen. */
import { dial } from '../../../src/index.ts';
import { begin, failureOf, hold, mark, note } from './marks.ts';

async function connect(network: 'tcp' | 'tcp4'): Promise<void> {
  const conn = await dial(network, 'localhost:18456');
  note(`connected to ${String(conn.remoteAddr)}`);
  conn.close();
}

async function fail(dialing: Promise<unknown>): Promise<void> {
  note(`error: ${((await failureOf(dialing)) as Error).message}`);
}

hold('listen4');
begin();
mark('Dial(tcp, localhost) only v4 listens');
await connect('tcp');
mark('Dial(tcp4, localhost)');
await connect('tcp4');
mark('Dial(tcp6, localhost) refused');
await fail(dial('tcp6', 'localhost:18456'));
hold('listen6');
mark('Dial(tcp, localhost) both listen');
await connect('tcp');
mark("Dial(tcp, localhost) nobody listens: the primary's error is returned");
await fail(dial('tcp', 'localhost:18499'));
mark('Dial(tcp, localhost) Dialer{FallbackDelay:-1}: serial');
await fail(dial('tcp', 'localhost:18499', { fallbackDelay: -1 }));
