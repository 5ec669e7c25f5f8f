/** An IP address and a port, as a value that nothing changes. Source: Go's net/netip.AddrPort. */
import { showAs } from '../io/inspect.ts';
import { Addr } from './addr.ts';

/** An IP address and a port, as a value that nothing changes. */
export class AddrPort {
  readonly addr: Addr;
  readonly port: number;

  /** RangeError for a port that is none. */
  constructor(addr: Addr, port: number) {
    if (!(addr instanceof Addr)) throw new TypeError('AddrPort: addr must be an Addr');
    if (typeof port !== 'number') throw new TypeError('AddrPort: port must be a number');
    if (!Number.isInteger(port) || port < 0 || port > 0xffff) {
      throw new RangeError(`AddrPort: port ${port} is not in 0..65535`);
    }
    this.addr = addr;
    this.port = port;
  }

  /** By address, then by port; see {@link Addr.compare}. */
  compare(other: AddrPort): -1 | 0 | 1 {
    requireAddrPort('compare', other);
    const order = this.addr.compare(other.addr);
    if (order !== 0 || this.port === other.port) return order;
    return this.port < other.port ? -1 : 1;
  }

  equals(other: AddrPort): boolean {
    requireAddrPort('equals', other);
    return this.compare(other) === 0;
  }

  /** "192.0.2.1:80", "[::1]:80", "[fe80::1%eth0]:80". */
  toString(): string {
    return this.addr.is4
      ? `${String(this.addr)}:${this.port}`
      : `[${String(this.addr)}]:${this.port}`;
  }

  toJSON(): string {
    return String(this);
  }

  static {
    showAs(AddrPort, String);
  }
}

function requireAddrPort(method: string, other: unknown): void {
  if (other instanceof AddrPort) return;
  throw new TypeError(`AddrPort.${method}: other must be an AddrPort`);
}
