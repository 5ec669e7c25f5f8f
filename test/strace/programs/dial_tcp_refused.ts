/** Dialling a port where nobody listens, and a network that cannot be reached. */
import { dial } from '../../../src/index.ts';
import { begin, failureOf, mark, note } from './marks.ts';

async function refused(address: string, timeout?: number): Promise<void> {
  const error = (await failureOf(dial('tcp', address, { timeout }))) as Error;
  note(`error: ${error.message}`);
}

begin();
mark('Dial refused (v4)');
await refused('127.0.0.1:18499');
mark('Dial refused (v6)');
await refused('[::1]:18499');
mark('DialTimeout refused');
await refused('127.0.0.1:18499', 10_000);
mark('Dial an unreachable network (namespace has only lo)');
await refused('192.0.2.1:80');
