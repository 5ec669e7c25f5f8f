/** Dialling an address that never answers: a timeout, an abort, and a deadline that is over already. */
import { dial, ErrDeadlineExceeded, type OpError } from '../../../src/index.ts';
import { begin, failureOf, hold, mark, note, reason } from './marks.ts';

function redact(error: OpError): string {
  const source = error.source === null ? '' : '<laddr>->';
  return `${error.op} ${error.net} ${source}${error.addr === null ? '' : '<raddr>'}: ${reason(error)}`;
}

const address = hold('fill the backlog');
begin();
mark('DialTimeout 200ms');
let error = (await failureOf(dial('tcp', address, { timeout: 200 }))) as OpError;
const isOwn = error.code === 'ETIMEDOUT' && error.syscall === undefined;
note(
  `error: ${redact(error)} | Timeout=${error.timeout} ` +
    `Is(os.ErrDeadlineExceeded)=${error.cause === ErrDeadlineExceeded} ` +
    `Is(context.DeadlineExceeded)=${isOwn}`,
);
mark('DialContext cancelled after 100ms');
const controller = new AbortController();
setImmediate(() => controller.abort());
error = (await failureOf(dial('tcp', address, { signal: controller.signal }))) as OpError;
const isCanceled = error.code === 'ABORT_ERR';
note(
  `error: ${redact(error)} | Timeout=${error.timeout} Is(context.Canceled)=${String(isCanceled)}`,
);
mark('Dialer.Deadline in the past: no socket call at all');
error = (await failureOf(dial('tcp', address, { deadline: new Date(1000) }))) as OpError;
note(`error: ${redact(error)} | Timeout=${error.timeout}`);
