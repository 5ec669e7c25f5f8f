/**
 * A second descriptor of a socket, to be given away: to a child process, to another program over a unix
 * socket, to other code in this process. What conn.file() and listener.file() return.
 *
 * It shares the socket with the first one, O_NONBLOCK too, and is not known to the poller. After the
 * os.File that Go's File methods return; dup(2), F_DUPFD_CLOEXEC of fcntl(2).
 */
import { showAs } from '../io/inspect.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { System } from '../kernel/system.ts';
import { ErrClosed } from '../poll/errors.ts';
import type { Explainer, FD } from '../poll/fd.ts';
import { F_DUPFD_CLOEXEC } from '../syscall/fcntl.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import type { Addr } from './conn.ts';
import { OpError } from './op-error.ts';

let told = false;

const registry = new FinalizationRegistry<{ system: System; fd: number }>(({ system, fd }) => {
  system.kernel.close(fd);
  if (told) return;
  told = true;
  system.warn(
    `a file of a socket (descriptor ${fd}) was garbage collected without having been closed; it is ` +
      'closed now. Call close(), or declare it with "using". This is said only once.',
  );
});

/** A second descriptor of a socket, to be given away, and to be closed on its own. */
export class SocketFile {
  /** "tcp:127.0.0.1:80->127.0.0.1:40000"; of a listener "tcp:127.0.0.1:80->". */
  readonly name: string;
  readonly #kernel: Kernel;
  #fd: number;

  /** Takes `fd`, which is open. */
  constructor(system: System, fd: number, name: string) {
    this.name = name;
    this.#kernel = system.kernel;
    this.#fd = fd;
    registry.register(this, { system, fd }, this);
  }

  /** The descriptor; -1 once it is closed or detached. It is closed on exec, but for stdio of a child. */
  get fd(): number {
    return this.#fd;
  }

  get closed(): boolean {
    return this.#fd < 0;
  }

  /** Closes this descriptor alone; the socket lives on in the others. Closing twice is an error. */
  close(): void {
    this.#kernel.close(this.#release('close'));
  }

  /** Gives the descriptor to the caller, who is to close it. */
  detach(): number {
    return this.#release('detach');
  }

  #release(op: string): number {
    const fd = this.#fd;
    if (fd < 0) throw new OpError(op, FILE_NETWORK, null, fileAddr(this.name), ErrClosed);
    this.#fd = -1;
    registry.unregister(this);
    return fd;
  }

  static {
    showAs(SocketFile, ({ name, fd }) => (fd < 0 ? `${name} (closed)` : `${name} fd ${fd}`));
  }

  [Symbol.dispose](): void {
    if (!this.closed) this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
  }
}

/** The network of errors that are about files. */
export const FILE_NETWORK = 'file+net';

export function fileAddr(name: string): Addr {
  return { network: FILE_NETWORK, toString: () => name };
}

/** A second descriptor of `fd`; OpError "file". For net's own files. */
export function fileOf(fd: FD, owner: Explainer, name: string): SocketFile {
  const copy = fd.control('file', (sysfd, kernel) => kernel.fcntl(sysfd, F_DUPFD_CLOEXEC, 0));
  if (copy < 0) throw owner.explain('file', new SyscallError('fcntl', copy));
  return new SocketFile(fd.system, copy, name);
}
