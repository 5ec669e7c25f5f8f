/**
 * The classic sequential echo server: socket, bind, listen; accept, read, write, close; and again. Each
 * call blocks, so one client is served at a time, and the next one waits in the kernel's queue.
 *
 *   node dist/examples/sequential-echo.js 7777
 */
import {
  accept,
  AF_INET,
  bind,
  close,
  getsockname,
  listen,
  read,
  setsockopt,
  SO_REUSEADDR,
  SOCK_STREAM,
  socket,
  SOL_SOCKET,
  write,
} from '../src/syscall.ts';

const listener = socket(AF_INET, SOCK_STREAM);
setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, true);
const addr = Uint8Array.of(127, 0, 0, 1);
bind(listener, { family: AF_INET, addr, port: Number(process.argv[2] ?? 7777) });
listen(listener, 16);
const name = getsockname(listener);
console.log(`echoing on ${'port' in name ? name.port : ''}`);

const buf = new Uint8Array(4096);
for (;;) {
  const { fd } = accept(listener);
  for (let size = read(fd, buf); size > 0; size = read(fd, buf)) {
    for (let sent = 0; sent < size;) sent += write(fd, buf.subarray(sent, size));
  }
  close(fd);
}
