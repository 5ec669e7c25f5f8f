/**
 * What a random program has made so far: its descriptors. All of them are nonblocking, so that no call waits; those that
 * are made without it are told so by a call of their own.
 */
import type { Kernel } from '../../src/kernel/kernel.ts';
import { F_SETFL, O_NONBLOCK } from '../../src/syscall/fcntl.ts';
import type { Random } from '../native/random.ts';

/** Nobody has these. */
const STRANGE = [-1, -100, 777, 2 ** 31 - 1];

/** Where dup3 may put one: not where the program that runs this has its own. */
const FREE = 220;

export class World {
  readonly kernel: Kernel;
  readonly #fds: Map<number, number> = new Map();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  get fds(): readonly number[] {
    return [...this.#fds.keys()];
  }

  /** One that is open, most times. */
  fd(random: Random): number {
    const { fds } = this;
    return fds.length === 0 || random.chance(0.07) ? random.pick(STRANGE) : random.pick(fds);
  }

  /** The family of its socket; -1: none. */
  familyOf(fd: number): number {
    return this.#fds.get(fd) ?? -1;
  }

  newFd(random: Random): number {
    return random.chance(0.5) ? this.fd(random) : FREE + random.below(8);
  }

  /** A call has made `fd`, if it is one. */
  made(fd: number, family: number = -1): void {
    if (fd < 0) return;
    this.#fds.set(fd, family);
    this.kernel.fcntl(fd, F_SETFL, O_NONBLOCK);
  }

  close(fd: number): void {
    this.kernel.close(fd);
    this.#fds.delete(fd);
  }

  end(): void {
    for (const fd of this.fds) this.close(fd);
  }
}
