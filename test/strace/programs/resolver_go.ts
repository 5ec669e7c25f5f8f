/** Looking up names in /etc/hosts and at a server, one of them over TCP; then ports. */
import { Resolver } from '../../../src/index.ts';
import { begin, hold, mark, note, reason } from './marks.ts';

const resolver = new Resolver({ prefer: 'dns' });

async function lookupHost(host: string): Promise<void> {
  mark(`LookupHost(${host})`);
  try {
    note(`[${(await resolver.lookupHost(host)).join(' ')}] err=<nil>`);
  } catch (error) {
    note(`[] err=${reason(error)}`);
  }
}

hold('serve');
begin();
for (const host of ['localhost', 'dual.test', 'missing.test', 'big.test', '127.0.0.1', '']) {
  await lookupHost(host);
}
mark('LookupPort(tcp, ssh), again (cached), unknown');
note(`${await resolver.lookupPort('tcp', 'ssh')} err=<nil>`);
note(`${await resolver.lookupPort('udp', 'domain')} err=<nil>`);
await resolver.lookupPort('tcp', 'nosuch').catch((error: unknown) => note(`err=${reason(error)}`));
