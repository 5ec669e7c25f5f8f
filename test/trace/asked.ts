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
};
