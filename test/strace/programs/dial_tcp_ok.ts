/** Dialling: an exchange and its end, without keep-alive, and with an empty host. */
import { dial, type TCPConn } from '../../../src/index.ts';
import { begin, errorOf, failureOf, hold, mark, note, readResult, reason } from './marks.ts';

const buf = new Uint8Array(64);

function redact(op: string, error: unknown): string {
  return `${op} tcp <laddr>-><raddr>: ${reason(error)}`;
}

const port = hold('listen');
begin();
mark('Dial(tcp, 127.0.0.1:PORT)');
let conn: TCPConn = await dial('tcp', `127.0.0.1:${port}`);
mark('Write, Read');
await conn.write('hello');
hold('echo');
await conn.read(buf);
mark('CloseWrite, Read EOF, Close');
conn.closeWrite();
hold('close');
const { n, err } = await readResult(conn.read(buf));
note(`Read n=${n} err=${err}`);
conn.close();
mark('after Close: Read, Write, Close, SetDeadline');
note(`Read: ${redact('read', await failureOf(conn.read(buf)))}`);
note(`Write: ${redact('write', await failureOf(conn.write(buf)))}`);
note(
  `Close: ${redact(
    'close',
    errorOf(() => conn.close()),
  )}`,
);
mark('Dialer{KeepAlive:-1}');
conn = await dial('tcp', `127.0.0.1:${port}`, { keepAlive: false });
conn.close();
mark('Dial(tcp, :PORT)');
conn = await dial('tcp', `:${port}`);
conn.close();
