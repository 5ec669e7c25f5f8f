/** Dialling unix sockets: an exchange, a missing path, one where nobody listens, a local name. */
import { dial, linux, listen, UnixAddr } from '../../../src/index.ts';
import { cString } from '../../../src/syscall/c-string.ts';
import { AT_FDCWD } from '../../../src/syscall/fcntl.ts';
import { begin, failureOf, hold, mark, note, readResult } from './marks.ts';

const folder = process.argv[2]!;
const path = `${folder}/run2.sock`;

async function fails(name: string, localAddr?: UnixAddr): Promise<void> {
  const error = (await failureOf(dial('unix', name, { localAddr }))) as Error;
  note(`error: ${error.message}`);
}

hold('listen run2.sock');
begin();
mark('Dial(unix)');
const conn = await dial('unix', path);
note(`LocalAddr="${String(conn.localAddr)}" RemoteAddr="${String(conn.remoteAddr)}"`);
mark('Write/Read');
const buf = new Uint8Array(64);
await conn.write('hello');
hold('echo');
await conn.read(buf);
mark('CloseWrite, Read EOF, Close');
conn.closeWrite();
hold('close all');
note(`Read err=${(await readResult(conn.read(buf))).err}`);
conn.close();
mark('Dial a missing path');
await fails(`${folder}/nosuch.sock`);
mark('Dial a stale path (file exists, nobody listens)');
const listener = await listen('unix', path);
listener.setUnlinkOnClose(false);
listener.close();
await fails(path);
linux.kernel.unlinkat(AT_FDCWD, cString(path), 0);
mark('Dial(unix) with LocalAddr');
await fails(path, new UnixAddr('@facts-local'));
