/** Closing ends a read, a write and an accept that wait. */
import { ErrClosed, listen } from '../../../src/index.ts';
import { begin, errorOf, failureOf, hold, mark, note, reason } from './marks.ts';

begin();
const listener = await listen('tcp', '127.0.0.1:0');
const accepting = listener.accept();
hold(`dial twice ${listener.addr.port}`);
const c = await accepting;
const d = await listener.accept();
mark('Read blocked; Close from another goroutine');
const reading = failureOf(c.read(new Uint8Array(64)));
c.close();
const cut = await reading;
const isClosed = (cut as Error).cause === ErrClosed;
note(`Read err=${reason(cut)} Is(net.ErrClosed)=${isClosed}`);
mark('Write blocked; Close from another goroutine');
const writing = failureOf(d.write(new Uint8Array(16 << 20)));
d.close();
const error = await writing;
const { bytesWritten = 0 } = error as { bytesWritten?: number };
note(`Write 0<n: ${bytesWritten > 0} err=${reason(error)}`);
mark('Accept blocked; Close from another goroutine');
const next = failureOf(listener.accept());
listener.close();
note(`Accept err=${reason(await next)}`);
mark('double Close');
note(`err=${reason(errorOf(() => listener.close()))}`);
hold('end');
