/**
 * Calls on sockets themselves: making, naming, connecting and shutting them, and their options. What
 * they send and receive is in message-calls.ts.
 */
import { getSocketOption, setSocketOption } from '../sockopt/socket-option.ts';
import { decodeInt } from '../syscall/ancillary.ts';
import {
  type ReadableOptionName,
  SOCKET_OPTION_NAMES,
  type SocketOptionValue,
  type WritableOptionName,
} from '../syscall/options.ts';
import { decodeSockaddr, type Sockaddr, SOCKADDR_STORAGE_SIZE } from '../syscall/sockaddr.ts';
import { SOMAXCONN } from '../syscall/socket.ts';
import { type Address, addressBytes, addressDetails, addressRoom } from './address.ts';
import { bytesOf, integer, word } from './arguments.ts';
import { checked, type Details } from './failure.ts';
import { TransferCalls } from './transfer-calls.ts';

/** A connection that was accepted. */
export interface Accepted {
  /** Yours to close. */
  readonly fd: number;
  /** The peer's address. Of a unix socket without a name the path is empty. */
  readonly addr: Sockaddr;
}

/** The longest value that getsockopt is given room for. */
const MAX_OPTION_SIZE = 1 << 20;

export class SocketCalls extends TransferCalls {
  /**
   * socket(2): a new socket, yours to close. `type` may have SOCK_NONBLOCK and SOCK_CLOEXEC added. Errors:
   * EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT, EPERM (raw sockets), EMFILE, ….
   */
  socket(domain: number, type: number, protocol: number = 0): number {
    const fd = this.kernel.socket(domain, type, protocol);
    return checked('socket', fd, { domain, type, protocol });
  }

  /** socketpair(2): two sockets that are connected to each other. Of AF_UNIX, as a rule. */
  socketpair(domain: number, type: number, protocol: number = 0): [number, number] {
    const sv = new Int32Array(2);
    const result = this.kernel.socketpair(domain, type, protocol, sv);
    checked('socketpair', result, { domain, type, protocol });
    return [sv[0]!, sv[1]!];
  }

  /**
   * bind(2): gives the socket its own address. `addr` is an address or the bytes of one, of which
   * `addrlen` are passed (all, if not given). Null is a null pointer, which is EFAULT.
   */
  bind(fd: number, addr: Address | null, addrlen?: number): void {
    const bytes = addr === null ? null : addressBytes('bind', 'addr', addr);
    const result = this.kernel.bind(fd, bytes as Uint8Array, addrlen ?? bytes?.length ?? 0);
    if (result < 0) checked('bind', result, { fd, ...addressDetails(bytes) });
  }

  /**
   * connect(2): blocks until there is a connection, or the attempt has failed; on a nonblocking socket it
   * throws EINPROGRESS, and SO_ERROR tells of the outcome once the socket is writable. Arguments as of
   * {@link bind}; AF_UNSPEC dissolves the connection of a datagram socket.
   */
  connect(fd: number, addr: Address | null, addrlen?: number): void {
    const bytes = addr === null ? null : addressBytes('connect', 'addr', addr);
    const result = this.kernel.connect(fd, bytes as Uint8Array, addrlen ?? bytes?.length ?? 0);
    if (result < 0) checked('connect', result, { fd, ...addressDetails(bytes) });
  }

  /** listen(2): takes connections from now on. `backlog` of them may wait; the kernel has its own limit. */
  listen(fd: number, backlog: number = SOMAXCONN): void {
    checked('listen', this.kernel.listen(fd, backlog), { fd, backlog });
  }

  /**
   * accept(2): the next connection. Blocks until there is one, unless the socket is nonblocking. `addrlen`
   * is the room for the peer's address, which is cut if it is longer. A negative one is EINVAL, and the
   * connection lost: the kernel has taken it from the queue by then.
   */
  accept(fd: number, addrlen: number = SOCKADDR_STORAGE_SIZE): Accepted {
    const call: AddressCall = (addr, length) => this.kernel.accept(fd, addr, length);
    return addressFrom('accept', { fd }, addrlen, call);
  }

  /** accept4(2): {@link accept}, with SOCK_NONBLOCK and SOCK_CLOEXEC for the new socket. */
  accept4(fd: number, flags: number = 0, addrlen: number = SOCKADDR_STORAGE_SIZE): Accepted {
    const call: AddressCall = (addr, length) => this.kernel.accept4(fd, addr, length, flags);
    return addressFrom('accept4', { fd, flags }, addrlen, call);
  }

  /** shutdown(2): ends one direction, or both, for all who have the socket. `how`: SHUT_RD, SHUT_WR, …. */
  shutdown(fd: number, how: number): void {
    checked('shutdown', this.kernel.shutdown(fd, how), { fd, how });
  }

  /** getsockname(2): the socket's own address. `addrlen` as of {@link accept}. */
  getsockname(fd: number, addrlen: number = SOCKADDR_STORAGE_SIZE): Sockaddr {
    const call: AddressCall = (addr, length) => this.kernel.getsockname(fd, addr, length);
    return addressFrom('getsockname', { fd }, addrlen, call).addr;
  }

  /** getpeername(2): the address it is connected to. ENOTCONN. `addrlen` as of {@link accept}. */
  getpeername(fd: number, addrlen: number = SOCKADDR_STORAGE_SIZE): Sockaddr {
    const call: AddressCall = (addr, length) => this.kernel.getpeername(fd, addr, length);
    return addressFrom('getpeername', { fd }, addrlen, call).addr;
  }

  /**
   * setsockopt(2) of an option by its C name, with a value of its own type: `setsockopt(fd, 'SO_LINGER', 5)`.
   * TypeError or RangeError, naming the option, for what is no value of it.
   */
  setsockopt<K extends WritableOptionName>(fd: number, name: K, value: SocketOptionValue<K>): void;
  /**
   * setsockopt(2). A number is an int of C, a boolean one of 1 or 0, text its bytes without a NUL; a
   * struct is the bytes of it. RangeError for an option whose value holds an address of memory.
   */
  setsockopt(
    fd: number,
    level: number,
    optname: number,
    value: number | boolean | string | Uint8Array,
  ): void;
  setsockopt(
    fd: number,
    level: number | WritableOptionName,
    optname: unknown,
    value?: number | boolean | string | Uint8Array,
  ): void {
    if (typeof level === 'string') {
      setSocketOption(this.kernel, fd, known('setsockopt', level), optname as never);
      return;
    }
    this.#setOption(fd, level, optname as number, value);
  }

  #setOption(fd: number, level: number, optname: number, value: unknown): void {
    const bytes = optionBytes(value);
    const result = this.kernel.setsockopt(fd, level, optname, bytes, bytes.length);
    checked('setsockopt', result, { fd, level, optname });
  }

  /** getsockopt(2) of an option by its C name: `getsockopt(fd, 'TCP_INFO').tcpi_rtt`. */
  getsockopt<K extends ReadableOptionName>(fd: number, name: K): SocketOptionValue<K>;
  /** getsockopt(2) of an option that is an int. RangeError if the kernel gives something else. */
  getsockopt(fd: number, level: number, optname: number): number;
  /** getsockopt(2) of any option: as many bytes as the kernel gives, but no more than `size`. */
  getsockopt(fd: number, level: number, optname: number, size: number): Uint8Array;
  getsockopt(
    fd: number,
    level: number | ReadableOptionName,
    optname?: number,
    size?: number,
  ): unknown {
    if (typeof level === 'string')
      return getSocketOption(this.kernel, fd, known('getsockopt', level));
    return this.#getOption(fd, level, optname as number, size);
  }

  #getOption(
    fd: number,
    level: number,
    optname: number,
    size: number | undefined,
  ): number | Uint8Array {
    const room = size === undefined ? 4 : integer('getsockopt', 'size', size, 0, MAX_OPTION_SIZE);
    const bytes = new Uint8Array(room);
    const optlen = Uint32Array.of(room);
    const result = this.kernel.getsockopt(fd, level, optname, bytes, optlen);
    checked('getsockopt', result, { fd, level, optname });
    const value = bytes.subarray(0, optlen[0]);
    if (size !== undefined) return value;
    if (value.length === 3 || value.length === 0) {
      throw new RangeError('getsockopt: size must be given for an option that is no int');
    }
    return decodeInt(value);
  }
}

/** A call that writes an address, and its length. */
type AddressCall = (addr: Uint8Array, length: Uint32Array) => number;

/** What such a call returns, which is a descriptor or nothing, and the address. */
function addressFrom(
  syscall: string,
  details: Details,
  addrlen: number,
  call: AddressCall,
): Accepted {
  const addr = addressRoom(syscall, addrlen);
  const length = Uint32Array.of(addrlen);
  const fd = checked(syscall, call(addr, length), details);
  return { fd, addr: decodeSockaddr(addr, length[0]!) };
}

function known<K extends string>(call: string, name: K): K {
  if ((SOCKET_OPTION_NAMES as readonly string[]).includes(name)) return name;
  throw new TypeError(
    `${call}: level must be a number, or the name of an option that has one here`,
  );
}

function optionBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array || typeof value === 'string') return bytesOf(value);
  if (typeof value !== 'number' && typeof value !== 'boolean') {
    throw new TypeError('setsockopt: value must be a number, a boolean, a string or a Uint8Array');
  }
  return new Uint8Array(Int32Array.of(word('setsockopt', 'value', Number(value))).buffer);
}
