/**
 * What was being done when something failed: the last of the three forms an error takes, and the
 * one that users of net see.
 *
 * The text is exactly that of Go's net.OpError. The fields `code`, `errno`, `syscall`, `address`
 * and `port` are those of Node's system errors, read from the cause and from the address. What
 * failed is the `cause`: a SyscallError, an AddrError, ErrClosed, …, or an OpError again.
 */
import type { Addr } from './conn.ts';
import type { NetError } from './errors.ts';

/**
 * What was being done when something failed, in Go's words; `code`, `errno`, `syscall` as Node's errors have
 * them, and why it failed in `cause`.
 */
export class OpError extends Error implements NetError {
  override readonly name: string = 'OpError';
  /** "dial", "listen", "accept", "read", "write", "close", "set", "file", …. */
  readonly op: string;
  /** The network as it was asked for: "tcp", "udp6", "unix". */
  readonly net: string;
  /** This end's address, where the operation has two ends. */
  readonly source: Addr | null;
  /** The other end's address; of a listener its own. */
  readonly addr: Addr | null;
  declare readonly cause: Error;
  /**
   * Of a "write", "writev" or "readfrom": how many bytes of it were written before it failed, 0 if none; Go
   * returns that beside the error. Undefined of any other operation.
   */
  declare readonly bytesWritten: number | undefined;
  /** Of a copy ("readfrom"): how many bytes were taken from its source. */
  declare readonly bytesRead: number | undefined;

  /** `bytesWritten` counts for a "write" only. */
  constructor(
    op: string,
    net: string,
    source: Addr | null,
    addr: Addr | null,
    cause: Error,
    bytesWritten = 0,
  ) {
    super(text(op, net, source, addr, cause), { cause });
    this.op = op;
    this.net = net;
    this.source = source;
    this.addr = addr;
    if (op === 'write') this.bytesWritten = bytesWritten;
  }

  /** "ECONNREFUSED", "ENOTFOUND", …; undefined if the cause has none. */
  get code(): string | undefined {
    const { code } = this.cause as { code?: unknown };
    return typeof code === 'string' ? code : undefined;
  }

  /** The negative error number; undefined if no system call failed. */
  get errno(): number | undefined {
    const { errno } = this.cause as { errno?: unknown };
    return typeof errno === 'number' ? errno : undefined;
  }

  /** "connect": the system call that failed; undefined if none did. */
  get syscall(): string | undefined {
    const { syscall } = this.cause as { syscall?: unknown };
    return typeof syscall === 'string' && syscall !== '' ? syscall : undefined;
  }

  /** The IP address, or the path of a unix socket, of `addr`. */
  get address(): string | undefined {
    const { ip, name } = (this.addr ?? {}) as { ip?: unknown; name?: unknown };
    const address = ip ?? name;
    return typeof address === 'string' ? address : undefined;
  }

  /** The port of `addr`. */
  get port(): number | undefined {
    const { port } = (this.addr ?? {}) as { port?: unknown };
    return typeof port === 'number' ? port : undefined;
  }

  /** A deadline passed, or the kernel gave up waiting. */
  get timeout(): boolean {
    return isTrue(this.cause, 'timeout');
  }

  /** Trying again later may help. */
  get temporary(): boolean {
    return (this.op === 'accept' && this.#isPeerGone()) || isTrue(this.cause, 'temporary');
  }

  // Go's rule: it is so for a bare error number, not for one that names its call.
  #isPeerGone(): boolean {
    return this.syscall === undefined && ['ECONNRESET', 'ECONNABORTED'].includes(this.code ?? '');
  }
}

/**
 * The error of a socket that sends to others too, or has no peer, and not of its connection: its address is
 * the `target` of what failed, or null.
 */
export function aimedAt(error: OpError, isConnected: boolean, target: Addr | null): OpError {
  const { op, net, source, cause } = error;
  // Those that have no source are of this end alone.
  if (source === null || (isConnected && target === null)) return error;
  return new OpError(op, net, source, target, cause);
}

function text(
  op: string,
  net: string,
  source: Addr | null,
  addr: Addr | null,
  cause: Error,
): string {
  let subject = net === '' ? op : `${op} ${net}`;
  if (source) subject += ` ${String(source)}`;
  if (addr) subject += `${source ? '->' : ' '}${String(addr)}`;
  return `${subject}: ${cause.message}`;
}

function isTrue(error: Error, property: 'timeout' | 'temporary'): boolean {
  return (error as { timeout?: unknown; temporary?: unknown })[property] === true;
}
