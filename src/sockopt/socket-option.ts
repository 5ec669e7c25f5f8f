/**
 * Options of a socket, by name: setsockopt(2) and getsockopt(2) of values instead of bytes.
 *
 * A failure is a SyscallError with the numbers of the option, and its name if it was given. A value that
 * is no value of the option is a TypeError or RangeError that names it, before any call is made.
 */
import type { Kernel } from '../kernel/kernel.ts';
import { EINVAL, ERANGE } from '../syscall/errno.ts';
import type { OptionAccess } from '../syscall/option.ts';
import {
  type ReadableOptionName,
  socketOption,
  type SocketOptionName,
  type SocketOptionValue,
  type WritableOptionName,
} from '../syscall/options.ts';
import { SyscallError } from '../syscall/syscall-error.ts';

/** What a SyscallError of setsockopt or getsockopt has besides: which option it was. */
export interface SocketOptionDetails {
  readonly level: number;
  readonly optname: number;
  /** Its C name. */
  readonly option?: SocketOptionName;
}

/** The longest value that is asked for: a list may be as long as it likes. */
const MAX_SIZE = 1 << 20;

/** The value of the option `name`. SyscallError; TypeError for a name that cannot be read. */
export function getSocketOption<K extends ReadableOptionName>(
  kernel: Kernel,
  sysfd: number,
  name: K,
): SocketOptionValue<K> {
  const { access, level, optname, codec } = socketOption(name);
  if ((access as OptionAccess) === 'write-only') throw new TypeError(`${name} can only be set`);
  const read = codec.exact === true ? readExactly : readAll;
  return codec.decode(read(kernel, sysfd, { level, optname, option: name }, codec.size));
}

/** Sets the option `name`. SyscallError; TypeError or RangeError for what is no value of it. */
export function setSocketOption<K extends WritableOptionName>(
  kernel: Kernel,
  sysfd: number,
  name: K,
  value: SocketOptionValue<K>,
): void {
  const { access, level, optname, codec, levelOf } = socketOption(name);
  if ((access as OptionAccess) === 'read-only') throw new TypeError(`${name} can only be read`);
  const bytes = codec.encode(name, value);
  write(kernel, sysfd, { level: levelOf?.(value) ?? level, optname, option: name }, bytes);
}

/** The bytes of any option: as many as the kernel gives, but no more than `size`. SyscallError. */
export function getSocketOptionBytes(
  kernel: Kernel,
  sysfd: number,
  level: number,
  optname: number,
  size: number,
): Uint8Array {
  if (!Number.isInteger(size) || size < 0 || size > MAX_SIZE) {
    throw new RangeError(`getsockopt: size must be an integer in 0..${MAX_SIZE}`);
  }
  const bytes = new Uint8Array(size);
  const length = new Uint32Array([size]);
  const result = kernel.getsockopt(sysfd, level, optname, bytes, length);
  if (result < 0) throw new SyscallError('getsockopt', result, { fd: sysfd, level, optname });
  return bytes.subarray(0, Math.min(length[0]!, size));
}

/** Sets any option to these bytes. SyscallError. */
export function setSocketOptionBytes(
  kernel: Kernel,
  sysfd: number,
  level: number,
  optname: number,
  bytes: Uint8Array,
): void {
  write(kernel, sysfd, { level, optname }, bytes);
}

function write(
  kernel: Kernel,
  sysfd: number,
  details: SocketOptionDetails,
  bytes: Uint8Array,
): void {
  const result = kernel.setsockopt(sysfd, details.level, details.optname, bytes, bytes.length);
  if (result < 0) throw new SyscallError('setsockopt', result, { fd: sysfd, ...details });
}

/** With as much room as is needed: the kernel says how much that is, failing or not. */
function readAll(
  kernel: Kernel,
  sysfd: number,
  details: SocketOptionDetails,
  size: number,
): Uint8Array {
  const length = new Uint32Array(1);
  for (let room = size; ; room = length[0]!) {
    const bytes = new Uint8Array(room);
    length[0] = room;
    const result = kernel.getsockopt(sysfd, details.level, details.optname, bytes, length);
    const tooSmall = length[0] > room && length[0] <= MAX_SIZE;
    if (result < 0 && !(tooSmall && (result === -ERANGE || result === -EINVAL))) {
      throw new SyscallError('getsockopt', result, { fd: sysfd, ...details });
    }
    if (!tooSmall) return bytes.subarray(0, Math.min(room, length[0]));
  }
}

/** With the most room that the kernel takes, found by halving. What fails with any, fails with none. */
function readExactly(
  kernel: Kernel,
  sysfd: number,
  details: SocketOptionDetails,
  size: number,
): Uint8Array {
  const bytes = new Uint8Array(size);
  const length = new Uint32Array(1);
  let [taken, refused] = [-1, size + 1];
  for (let room = 0; refused - taken > 1; room = (taken + refused) >> 1) {
    length[0] = room;
    const result = kernel.getsockopt(sysfd, details.level, details.optname, bytes, length);
    if (result === 0) taken = room;
    else if (result === -EINVAL && taken >= 0) refused = room;
    else throw new SyscallError('getsockopt', result, { fd: sysfd, ...details });
  }
  // The last try need not have been one that the kernel took.
  length[0] = taken;
  const result = kernel.getsockopt(sysfd, details.level, details.optname, bytes, length);
  if (result < 0) throw new SyscallError('getsockopt', result, { fd: sysfd, ...details });
  return bytes.subarray(0, taken);
}
