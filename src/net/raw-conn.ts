/**
 * The bare descriptor of a connection or listener, for calls that nothing else here makes: it cannot be
 * closed while it is used, and waiting is done as for every other operation. After Go's syscall.RawConn,
 * net/rawconn.go and RawRead, RawWrite of internal/poll/fd_unix.go.
 *
 *   read(f):  lock the direction ──► f(fd) ── true ──► done
 *                                     ▲   │ false
 *                               edge  └───┘ wait; a deadline or close ends it
 */
import { ignore, isThenable } from '../io/thenable.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { FD } from '../poll/fd.ts';
import type { Mode } from '../poll/fd-mutex.ts';
import { EAGAIN, EINVAL } from '../syscall/errno.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { inTurn } from './transfer.ts';

/** Uses the descriptor, which is not to be closed. All is done when it returns. */
export type RawControl = (fd: number, kernel: Kernel) => void | undefined;

/** One try: true when it is done, false to try again once the descriptor is ready. */
export type RawAttempt = (fd: number, kernel: Kernel) => boolean;

/**
 * The bare descriptor of a connection or listener, which cannot be closed while it is used: what
 * `syscallConn()` gives.
 */
export class RawConn {
  protected readonly fd: FD;

  constructor(fd: FD) {
    this.fd = fd;
  }

  /**
   * Calls `f` once with the descriptor and the kernel to use it with. OpError "raw-control" if it is
   * closed, else whatever `f` throws; TypeError if `f` returns a promise.
   */
  control(f: RawControl): void {
    requireFunction('control', f);
    this.fd.control('raw-control', (sysfd, kernel) => {
      const result: unknown = f(sysfd, kernel);
      if (!isThenable(result)) return;
      ignore(result); // its descriptor may be gone when it ends
      throw new TypeError('control: f must not be asynchronous');
    });
  }

  /**
   * Calls `f`, which should read without waiting, until it returns true, and waits for the next event each
   * time it returns false, as it should at EAGAIN only. No other read goes on meanwhile. OpError "raw-read" at
   * a deadline or a close, else whatever `f` throws.
   */
  read(f: RawAttempt): Promise<void> {
    return this.#repeat('read', f);
  }

  /** As {@link RawConn.read}, for writing. OpError "raw-write". */
  write(f: RawAttempt): Promise<void> {
    return this.#repeat('write', f);
  }

  async #repeat(mode: Mode, f: RawAttempt): Promise<void> {
    requireFunction(mode, f);
    const names = { op: `raw-${mode}`, syscall: '' };
    const attempt = (kernel: Kernel, sysfd: number): number => {
      return isDone(mode, f, sysfd, kernel) ? 0 : -EAGAIN;
    };
    await inTurn(this.fd, this.fd.call(mode, names, attempt));
  }
}

/** That of a listener, which can be neither read nor written: EINVAL, bare as in Go. */
export class RawListener extends RawConn {
  override async read(_: RawAttempt): Promise<void> {
    throw new SyscallError('', -EINVAL);
  }

  override async write(_: RawAttempt): Promise<void> {
    throw new SyscallError('', -EINVAL);
  }
}

function isDone(method: string, f: RawAttempt, sysfd: number, kernel: Kernel): boolean {
  let result: unknown;
  try {
    result = f(sysfd, kernel);
  } catch (thrown) {
    if (thrown instanceof Error) throw thrown;
    throw new TypeError(`${method}: f threw what is no Error`, { cause: thrown });
  }
  if (typeof result === 'boolean') return result;
  if (isThenable(result)) ignore(result);
  throw new TypeError(`${method}: f must return true or false`);
}

function requireFunction(method: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${method}: f must be a function`);
}
