/** Out of descriptors: with nothing to accept, with a connection waiting, and after that. */
import { linux, listen, type OpError } from '../../../src/index.ts';
import { cString } from '../../../src/syscall/c-string.ts';
import { AT_FDCWD, O_CLOEXEC, O_RDONLY } from '../../../src/syscall/fcntl.ts';
import { begin, failureOf, hold, mark, note, reason } from './marks.ts';

const { kernel } = linux;

begin();
const listener = await listen('tcp', '127.0.0.1:0');
const lowest = kernel.openat(AT_FDCWD, cString('/dev/null'), O_RDONLY | O_CLOEXEC, 0);
kernel.close(lowest);
mark('RLIMIT_NOFILE = lowest free fd; nothing pending; Accept');
hold(`limit ${process.pid} ${lowest}`);
note(`err=${reason(await failureOf(listener.accept()))}`);
hold(`dial ${listener.addr.port}`);
mark('a connection is pending; Accept');
const error = (await failureOf(listener.accept())) as OpError;
const { temporary, timeout, code } = error;
const flags = `Temporary=${temporary} Timeout=${timeout} Is(EMFILE)=${code === 'EMFILE'}`;
note(`err=${reason(error)} | ${flags}`);
mark('limit restored; Accept');
hold(`limit ${process.pid} off`);
const conn = await listener.accept();
note('err=<nil>');
conn.close();
listener.close();
