/**
 * Linux with some of its calls replaced: what a test wants to see or to spoil. Each such System has a
 * poller of its own.
 */
import type { Kernel } from '../../src/kernel/kernel.ts';
import { linux } from '../../src/kernel/linux.ts';
import type { NameService } from '../../src/kernel/name-service.ts';
import type { System } from '../../src/kernel/system.ts';
import { cString } from '../../src/syscall/c-string.ts';
import { decodeSockaddr, type Sockaddr } from '../../src/syscall/sockaddr.ts';

/** The kernel that the replacements stand in front of. */
export const real: Kernel = linux.kernel;

/** Linux with the calls of `calls`, and perhaps another clock or lookup. */
export function wrapped(calls: Partial<Kernel>, rest: Partial<System> = {}): System {
  return { ...linux, ...rest, kernel: { ...real, ...calls } };
}

/** Names that only `lookup` knows: no servers are asked. */
export function lookupOnly(lookup: NameService['lookup']): NameService {
  return { setElsewhere: false, lookup, query: null };
}

/** The calls that find other files at these paths. */
export function redirected(files: Readonly<Record<string, string>>): Partial<Kernel> {
  const found = (path: Uint8Array): Uint8Array => {
    const other = files[Buffer.from(path).toString().slice(0, -1)];
    return other === undefined ? path : cString(other);
  };
  return {
    openat: (dirfd, path, flags, mode) => real.openat(dirfd, found(path), flags, mode),
    statx: (dirfd, path, flags, mask, buf) => real.statx(dirfd, found(path), flags, mask, buf),
  };
}

/** Linux whose /etc/hosts is the file `hosts`, and whose lookup gives `lookup`. */
export function withHosts(hosts: string, lookup: NameService['lookup']): System {
  return wrapped(redirected({ '/etc/hosts': hosts }), { names: lookupOnly(lookup) });
}

/** What happened instead of a call, in order; then the call itself happens. */
export class Instead {
  readonly #results: number[];
  /** How often the call itself was made. */
  calls = 0;

  constructor(...results: number[]) {
    this.#results = results;
  }

  /** Whether every result has been given. */
  get usedUp(): boolean {
    return this.#results.length === 0;
  }

  /** The next result, or that of `call`. */
  or(call: () => number): number {
    const result = this.#results.shift();
    if (result !== undefined) return result;
    this.calls++;
    return call();
  }
}

/** The address that a call was given. */
export function sockaddrOf(addr: Uint8Array, addrlen: number): Sockaddr {
  return decodeSockaddr(addr, addrlen);
}

/** An int option of a socket; a negative errno if it cannot be asked for. */
export function getInt(fd: number, level: number, option: number): number {
  const value = new Int32Array(1);
  const length = new Uint32Array([4]);
  const result = real.getsockopt(fd, level, option, new Uint8Array(value.buffer), length);
  return result < 0 ? result : value[0]!;
}

export function setInt(
  kernel: Kernel,
  fd: number,
  level: number,
  option: number,
  to: number,
): number {
  return kernel.setsockopt(fd, level, option, new Uint8Array(Int32Array.of(to).buffer), 4);
}

/** The port that a socket is bound to: 0 for none, -1 if it has no ports. */
export function boundPort(fd: number): number {
  const addr = new Uint8Array(112);
  const length = new Uint32Array([addr.length]);
  if (real.getsockname(fd, addr, length) < 0) return -1;
  const sockaddr = decodeSockaddr(addr, length[0]!);
  return 'port' in sockaddr ? sockaddr.port : -1;
}
