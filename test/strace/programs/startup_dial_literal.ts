/** The first thing is to dial a literal address, and then one with the name of a service. */
import { dial } from '../../../src/index.ts';
import { begin, failureOf, hold, mark, note } from './marks.ts';

const port = hold('listen');
begin();
mark('Dial literal');
const conn = await dial('tcp', `127.0.0.1:${port}`);
conn.close();
mark('Dial with a service name: /etc/services');
const error = (await failureOf(dial('tcp', '127.0.0.1:tcpmux'))) as Error;
note(`error: ${error.message}`);
