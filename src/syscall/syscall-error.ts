/**
 * A system call's failure as an exception: the second of the three forms an error takes, after the
 * negative number a Kernel call returns and before OpError, which says what was being done.
 *
 * `code`, `errno` and `syscall` are the fields of Node's system errors, `errno` negative as there.
 * The message and the two booleans are Go's: os.SyscallError over syscall.Errno.
 */
import { EAGAIN, EINTR, EMFILE, ENFILE, ETIMEDOUT, errnoName, errnoText } from './errno.ts';

/** A call that failed: `syscall`, `errno`, `code`, and the arguments that matter. */
export class SyscallError extends Error {
  override readonly name: string = 'SyscallError';
  /** The call's name: "connect". */
  readonly syscall: string;
  /** The error number, negative. */
  readonly errno: number;
  /** The error's C name: "ECONNREFUSED". */
  readonly code: string;
  /** The descriptor that the call was made on. It and what follows are there where they were given. */
  declare readonly fd?: number;
  /** The IP address that was bound, connected or sent to, as text. */
  declare readonly address?: string;
  declare readonly port?: number;
  /** A file's, or a unix socket's; an abstract name begins with "@". */
  declare readonly path?: string;
  /** Of setsockopt and getsockopt, as is `optname`. */
  declare readonly level?: number;
  declare readonly optname?: number;

  /**
   * `errno` is what the Kernel call returned, so negative; its sign is not looked at. With an empty
   * `syscall` the text is the error's alone: for a failure that no call has reported. `details` become
   * properties of the error: the arguments that matter.
   */
  constructor(syscall: string, errno: number, details?: Readonly<Record<string, unknown>>) {
    const positive = Math.abs(errno);
    super(syscall === '' ? errnoText(positive) : `${syscall}: ${errnoText(positive)}`);
    this.syscall = syscall;
    this.errno = -positive;
    this.code = errnoName(positive);
    if (details !== undefined) Object.assign(this, details);
  }

  /** Whether it was only a matter of time: EAGAIN, ETIMEDOUT. */
  get timeout(): boolean {
    return this.errno === -EAGAIN || this.errno === -ETIMEDOUT;
  }

  /** Whether trying again later may help: the timeouts, EINTR, EMFILE, ENFILE. */
  get temporary(): boolean {
    return (
      this.timeout || this.errno === -EINTR || this.errno === -EMFILE || this.errno === -ENFILE
    );
  }
}
