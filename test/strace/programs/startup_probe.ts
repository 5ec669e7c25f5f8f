/** What the first listener costs, and the second no more. */
import { listen } from '../../../src/index.ts';
import { begin, mark } from './marks.ts';

begin();
mark('1st Listen (tcp, :0): probes');
const a = await listen('tcp', ':0');
mark('2nd Listen (tcp, :0): nothing is probed again');
const b = await listen('tcp', ':0');
a.close();
b.close();
