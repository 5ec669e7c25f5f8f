/**
 * A chat: what one client says, all others get. One thread waits for all of them by select(2).
 *
 *   node dist/examples/select-chat.js @chat, and for each client: netfd dial unix @chat
 */
import * as sys from '../src/syscall.ts';

const name = process.argv[2] ?? '@chat';
const path = new TextEncoder().encode(name.replace(/^@/, '\0'));
const listener = sys.socket(sys.AF_UNIX, sys.SOCK_STREAM);
sys.bind(listener, { family: sys.AF_UNIX, path });
sys.listen(listener, 16);
console.log(`chatting on ${name}`);

const clients = new Set<number>();
const buf = new Uint8Array(4096);

/** What the call gives; a client for whom it fails has gone, or is too slow, and is let go. */
function attempt(fd: number, call: () => number): number {
  try {
    const size = call();
    if (size > 0) return size;
  } catch {}
  clients.delete(fd);
  sys.close(fd);
  return 0;
}

for (;;) {
  const readers = new sys.FdSet(clients.size < 1000 ? [listener, ...clients] : clients);
  sys.select(sys.FD_SETSIZE, readers, null, null, null);
  for (const fd of clients) {
    const size = readers.isSet(fd) ? attempt(fd, () => sys.read(fd, buf)) : 0;
    const others = [...clients].filter((to) => to !== fd && size > 0);
    for (const to of others) attempt(to, () => sys.send(to, buf.subarray(0, size)));
  }
  if (readers.isSet(listener)) clients.add(sys.accept4(listener, sys.SOCK_NONBLOCK).fd);
}
