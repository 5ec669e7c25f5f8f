/** struct msghdr as strace(1) prints it, of recvmsg(2) and sendmsg(2). Control messages: control.ts. */
import type { Iov } from '../kernel/kernel.ts';
import { NULL } from './columns.ts';
import type { Call } from './call.ts';
import { controlText } from './control.ts';
import { iovText, partsOf, sizeOf } from './iov.ts';
import { MSG_FLAGS } from './flags.ts';
import { flagsOf } from './names.ts';
import { namedPayloadText } from './payload.ts';
import type { Column } from './signature.ts';
import { sockaddrText } from './sockaddr.ts';
import type { Style } from './style.ts';

/** The words of `lengths`. */
const NAME = 0;
const CONTROL = 1;
const FLAGS = 2;

/** The arguments of recvmsg and sendmsg in Kernel. */
type Arguments = readonly [
  sockfd: number,
  name: Uint8Array | null,
  iov: Iov,
  control: Uint8Array | null,
  lengths: Uint32Array,
  flags: number,
];

/** A struct msghdr, and what it had been before the call. */
export interface Header {
  readonly name: Uint8Array | null;
  /** What msg_namelen was, and is; the same if it was given only. */
  readonly capacity: number;
  readonly namelen: number;
  readonly iov: Iov;
  /** The socket: what its bytes mean depends on its protocol. */
  readonly fd: number;
  /** How many bytes of the parts are data. */
  readonly count: number;
  readonly control: Uint8Array | null;
  readonly controllen: number;
  readonly flags: number;
}

/** The first `length` bytes; what is no sockaddr is an address. */
function nameText(name: Uint8Array | null, length: number, style: Style): string {
  if (name === null) return NULL;
  return length < 2 ? style.addresses.of(name) : sockaddrText(name.subarray(0, length), style);
}

/** What of the name is its family; null: it has none. */
function familyOf(name: Uint8Array | null, length: number): number | null {
  return name === null || Math.min(name.length, length) < 2 ? null : name[0]! | (name[1]! << 8);
}

export function headerText(header: Header, style: Style): string {
  const { name, iov, control, controllen } = header;
  const was = header.capacity | 0;
  const is = header.namelen | 0;
  const named = Math.min(was, is);
  const family = familyOf(name, named);
  const partText = (bytes: Uint8Array): string => namedPayloadText(family, header.fd, bytes, style);
  const fields = [
    `msg_name=${nameText(name, named, style)}`,
    `msg_namelen=${was === is ? is : `${was} => ${is}`}`,
    `msg_iov=${iovText(iov, header.count, style, partText)}`,
    `msg_iovlen=${partsOf(iov).length}`,
  ];
  if (controllen !== 0) {
    const text = control === null ? NULL : controlText(control.subarray(0, controllen), style);
    fields.push(`msg_control=${text}`);
  }
  fields.push(`msg_controllen=${controllen}`, `msg_flags=${flagsOf(header.flags, MSG_FLAGS)}`);
  return `{${fields.join(', ')}}`;
}

function headerOf(call: Call, capacity: number, count: number): Header {
  const [fd, name, iov, control, lengths] = call.args as unknown as Arguments;
  return {
    name,
    capacity,
    namelen: lengths[NAME]!,
    iov,
    fd,
    count,
    control,
    controllen: lengths[CONTROL]!,
    flags: lengths[FLAGS]!,
  };
}

/** In the place of `name`: the whole struct. The other parts are hidden. */
export const sentMessage: Column<Uint8Array | null> = {
  print(_value, call: Call, style) {
    const [, , iov, , lengths] = call.args as unknown as Arguments;
    return headerText(headerOf(call, lengths[NAME]!, sizeOf(iov)), style);
  },
};

/** Of a call that fails strace tells no more than how long the name could have been. */
export const receivedMessage: Column<Uint8Array | null> = {
  print(_value, call: Call, style) {
    const capacity = (call.before[4] as Uint32Array)[NAME]!;
    if (call.result < 0) return `{msg_namelen=${capacity | 0}}`;
    return headerText(headerOf(call, capacity, call.result), style);
  },
};
