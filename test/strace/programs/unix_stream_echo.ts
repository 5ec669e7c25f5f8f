/** A unix listener: echo, a second listener on its path, and what closing does to the file. */
import { linux, listen } from '../../../src/index.ts';
import { cString } from '../../../src/syscall/c-string.ts';
import { AT_FDCWD } from '../../../src/syscall/fcntl.ts';
import { begin, errorOf, failureOf, hold, mark, note, readResult } from './marks.ts';

const path = `${process.argv[2]}/run.sock`;

begin();
mark('Listen(unix)');
let listener = await listen('unix', path);
mark('Accept');
const accepting = listener.accept();
hold('dial run.sock');
const conn = await accepting;
note(`LocalAddr="${String(conn.localAddr)}" RemoteAddr="${String(conn.remoteAddr)}"`);
mark('Read/Write');
const buf = new Uint8Array(64);
for (const request of ['send hello', 'closeWrite']) {
  const reading = conn.read(buf);
  hold(request);
  const { n, err } = await readResult(reading);
  if (n === 0) note(`Read: n=${n} err=${err}`);
  else await conn.write(buf.subarray(0, n));
}
mark('conn.Close');
conn.close();
mark('second Listen on the existing path');
note(`error: ${((await failureOf(listen('unix', path))) as Error).message}`);
mark('ln.Close (unlink, then close)');
listener.close();
mark('ln.Close again');
note(`error: ${(errorOf(() => listener.close()) as Error).message}`);
mark('Listen + SetUnlinkOnClose(false) + Close: no unlink');
listener = await listen('unix', path);
listener.setUnlinkOnClose(false);
listener.close();
linux.kernel.unlinkat(AT_FDCWD, cString(path), 0);
