/** From one connection to another, without the bytes: a proxy in one direction. */
import { copy, dial, listen } from '../../../src/index.ts';
import { stillWaiting } from '../../net/settling.ts';
import { begin, hold, mark, note } from './marks.ts';

begin();
const listener = await listen('tcp', '127.0.0.1:0');
const accepting = listener.accept();
hold(`dial ${listener.addr.port}`);
const src = await accepting;
const dst = await dial('tcp', '127.0.0.1:18471');
mark('io.Copy(dst, src)');
const copying = copy(dst, src);
hold('send through the pipe');
await stillWaiting(copying);
hold('closeWrite');
note(`n=${await copying} err=<nil>`);
mark('Close');
dst.close();
src.close();
listener.close();
