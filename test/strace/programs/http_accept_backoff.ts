/** A server that is out of descriptors: it says so, waits longer and longer, and goes on. */
import { notFound, Server } from '../../../src/http.ts';
import { linux, listen } from '../../../src/index.ts';
import { cString } from '../../../src/syscall/c-string.ts';
import { AT_FDCWD, O_CLOEXEC, O_RDONLY } from '../../../src/syscall/fcntl.ts';
import { begin, hold, mark, note } from './marks.ts';

const { kernel } = linux;

/** How often accepting failed while the golden text was recorded. */
const FAILURES = 6;

begin();
const listener = await listen('tcp', '127.0.0.1:0');
const lowest = kernel.openat(AT_FDCWD, cString('/dev/null'), O_RDONLY | O_CLOEXEC, 0);
kernel.close(lowest);
hold(`limit ${process.pid} ${lowest}`);
hold(`dial ${listener.addr.port}`);
let failures = 0;
const server = new Server(notFound, {
  errorLog: (message) => {
    note(`log: ${message.replace(`:${listener.addr.port}:`, ':P1:')}`);
    if (++failures < FAILURES) return;
    mark('limit restored');
    hold(`limit ${process.pid} off`);
  },
  connState: (_conn, state) => {
    if (state === 'closed') setImmediate(() => process.exit());
  },
});
await server.serve(listener);
