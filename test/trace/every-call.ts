/** Makes every call of Kernel once, on descriptors that nobody has: for strace to show which it takes for what. */
import { linux } from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { cString } from '../../src/syscall/c-string.ts';

const { kernel } = linux;
const bytes = new Uint8Array(256);
const words = new Uint32Array(64);
const path = cString('/dev/null');

/** Complete by its type. */
const every: Readonly<Record<keyof Kernel, () => number>> = {
  socket: () => kernel.socket(-1, 0, 0),
  socketpair: () => kernel.socketpair(-1, 0, 0, new Int32Array(2)),
  bind: () => kernel.bind(-1, bytes, 16),
  listen: () => kernel.listen(-1, 1),
  accept: () => kernel.accept(-1, null, null),
  accept4: () => kernel.accept4(-1, null, null, 0),
  connect: () => kernel.connect(-1, bytes, 16),
  shutdown: () => kernel.shutdown(-1, 0),
  getsockname: () => kernel.getsockname(-1, bytes, Uint32Array.of(16)),
  getpeername: () => kernel.getpeername(-1, bytes, Uint32Array.of(16)),
  setsockopt: () => kernel.setsockopt(-1, 1, 2, bytes, 4),
  getsockopt: () => kernel.getsockopt(-1, 1, 2, bytes, Uint32Array.of(4)),
  read: () => kernel.read(-1, bytes, 1),
  write: () => kernel.write(-1, bytes, 1),
  pread64: () => kernel.pread64(-1, bytes, 1, 0),
  readv: () => kernel.readv(-1, bytes),
  writev: () => kernel.writev(-1, bytes),
  recvfrom: () => kernel.recvfrom(-1, bytes, 1, 0, null, null),
  sendto: () => kernel.sendto(-1, bytes, 1, 0, null, 0),
  recvmsg: () => kernel.recvmsg(-1, null, bytes, null, new Uint32Array(3), 0),
  sendmsg: () => kernel.sendmsg(-1, null, bytes, null, new Uint32Array(3), 0),
  recvmmsg: () => kernel.recvmmsg(-1, bytes, words, 1, 0, null),
  sendmmsg: () => kernel.sendmmsg(-1, bytes, words, 1, 0),
  sendfile: () => kernel.sendfile(-1, -1, null, 1),
  splice: () => kernel.splice(-1, null, -1, null, 1, 0),
  close: () => kernel.close(-1),
  dup: () => kernel.dup(-1),
  dup3: () => kernel.dup3(-1, -1, 0),
  fcntl: () => kernel.fcntl(-1, 1, 0),
  ioctl: () => kernel.ioctl(-1, 0x541b, new Uint8Array(4)),
  openat: () => kernel.openat(-1, path.subarray(1), 0, 0),
  openat2: () => kernel.openat2(-1, path.subarray(1), new Uint8Array(24), 24),
  unlinkat: () => kernel.unlinkat(-1, path.subarray(1), 0),
  readlinkat: () => kernel.readlinkat(-1, path.subarray(1), bytes, 256),
  statx: () => kernel.statx(-1, path.subarray(1), 0, 0, bytes),
  pipe2: () => kernel.pipe2(new Int32Array(2), -1),
  eventfd2: () => kernel.eventfd2(0, -1),
  select: () => kernel.select(0, null, null, null, new Uint8Array(16)),
  pselect6: () => kernel.pselect6(0, null, null, null, new Uint8Array(16), null),
  poll: () => kernel.poll(null, 0, 0),
  ppoll: () => kernel.ppoll(null, 0, new Uint8Array(16), null),
  epoll_create: () => kernel.epoll_create(0),
  epoll_create1: () => kernel.epoll_create1(-1),
  epoll_ctl: () => kernel.epoll_ctl(-1, 1, -1, null),
  epoll_wait: () => kernel.epoll_wait(-1, words, 1, 0),
};

kernel.close(-7001);
for (const call of Object.values(every)) call();
kernel.close(-7002);
