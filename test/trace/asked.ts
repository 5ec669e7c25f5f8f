/** The kernel that a trace asks in a test: what it asks stands between marks, so that it is not compared. */
import { linux } from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { ASKING } from './marks.ts';

function marked<A extends readonly unknown[]>(
  call: (...args: A) => number,
): (...args: A) => number {
  return (...args) => {
    linux.kernel.close(ASKING);
    const result = call(...args);
    linux.kernel.close(ASKING);
    return result;
  };
}

export const asked: Kernel = {
  ...linux.kernel,
  getsockopt: marked((...args) => linux.kernel.getsockopt(...args)),
  ioctl: marked((...args) => linux.kernel.ioctl(...args)),
  readlinkat: marked((...args) => linux.kernel.readlinkat(...args)),
  statx: marked((...args) => linux.kernel.statx(...args)),
  getsockname: marked((...args) => linux.kernel.getsockname(...args)),
  getpeername: marked((...args) => linux.kernel.getpeername(...args)),
  socket: marked((...args) => linux.kernel.socket(...args)),
  sendto: marked((...args) => linux.kernel.sendto(...args)),
  recvfrom: marked((...args) => linux.kernel.recvfrom(...args)),
  close: marked((...args) => linux.kernel.close(...args)),
};
