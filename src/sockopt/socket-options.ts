/**
 * The options of one socket as properties under their C names: `options.TCP_NODELAY = true`,
 * `options.TCP_INFO.tcpi_rtt`. Reading a property is a getsockopt(2), assigning one a setsockopt(2);
 * nothing is remembered. Any other option is got and set by its numbers.
 *
 * The properties stand on the prototype, made from the table, so an object costs one field.
 */
import type { Kernel } from '../kernel/kernel.ts';
import {
  type ReadableOptionName,
  SOCKET_OPTION_NAMES,
  type SocketOptionValues,
  type WritableOptionName,
} from '../syscall/options.ts';
import { bool, int } from '../syscall/option-codecs.ts';
import {
  getSocketOption,
  getSocketOptionBytes,
  setSocketOption,
  setSocketOptionBytes,
} from './socket-option.ts';

/**
 * Lets `use` have the descriptor, and the kernel that it is one of, while nothing closes it. Where it is
 * closed, or `use` throws a SyscallError, it may throw an error in its own words: that is what a reader
 * or writer of a property gets. `call` is what is about to be made.
 */
export type UseDescriptor = <T>(
  call: 'getsockopt' | 'setsockopt',
  use: (sysfd: number, kernel: Kernel) => T,
) => T;

const encoder = new TextEncoder();

// The accessors that this declares are made in the static block.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface SocketOptions extends SocketOptionValues {}

// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export class SocketOptions {
  readonly #use: UseDescriptor;

  constructor(use: UseDescriptor) {
    this.#use = use;
    // A name that is no option's would be set here, and the socket would be as before.
    Object.preventExtensions(this);
  }

  /**
   * The bytes of any option by its numbers: what the kernel gives, and `size` at most. SyscallError. By its
   * name an option is a property: `options.TCP_INFO`.
   */
  get(level: number, optname: number, size: number = 256): Uint8Array {
    return this.#use('getsockopt', (sysfd, kernel) =>
      getSocketOptionBytes(kernel, sysfd, level, optname, size),
    );
  }

  /** Any option that is an int, by its numbers. SyscallError. */
  getInt(level: number, optname: number): number {
    return int.decode(this.get(level, optname, 4));
  }

  /**
   * Sets any option by its numbers: to an int, to 1 or 0, to these bytes, or to those of a text, without
   * a NUL. SyscallError; TypeError or RangeError for any other value.
   */
  set(level: number, optname: number, value: number | boolean | string | Uint8Array): void {
    const bytes = bytesOf(value);
    this.#use('setsockopt', (sysfd, kernel) => {
      setSocketOptionBytes(kernel, sysfd, level, optname, bytes);
    });
  }

  static {
    for (const name of SOCKET_OPTION_NAMES) {
      Object.defineProperty(this.prototype, name, {
        get(this: SocketOptions): unknown {
          return this.#use('getsockopt', (sysfd, kernel) =>
            getSocketOption(kernel, sysfd, name as ReadableOptionName),
          );
        },
        set(this: SocketOptions, value: never) {
          this.#use('setsockopt', (sysfd, kernel) => {
            setSocketOption(kernel, sysfd, name as WritableOptionName, value);
          });
        },
      });
    }
  }
}

function bytesOf(value: number | boolean | string | Uint8Array): Uint8Array {
  if (typeof value === 'number') return int.encode('setsockopt: value', value);
  if (typeof value === 'boolean') return bool.encode('setsockopt: value', value);
  if (typeof value === 'string') return encoder.encode(value);
  if (value instanceof Uint8Array) return value;
  throw new TypeError('setsockopt: value must be a number, a boolean, a string or a Uint8Array');
}
