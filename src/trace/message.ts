/** struct msghdr as strace(1) prints it, of recvmsg(2) and sendmsg(2). Control messages: control.ts. */
import type { Iov } from '../kernel/kernel.ts';
import type { Call } from './call.ts';
import { controlText } from './control.ts';
import { iovText, partsOf } from './iov.ts';
import { MSG_FLAGS } from './flags.ts';
import { flagsOf } from './names.ts';
import { payloadText } from './payload.ts';
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

function nameText(name: Uint8Array | null, length: number, style: Style): string {
  return name === null ? 'NULL' : sockaddrText(name.subarray(0, length), style);
}

function sizeOf(iov: Iov): number {
  return partsOf(iov).reduce((sum, part) => sum + part.length, 0);
}

function headerText(
  {
    name,
    namelen,
    iov,
    fd,
    count,
    control,
    controllen,
  }: {
    name: string;
    namelen: string;
    iov: Iov;
    fd: number;
    count: number;
    control: Uint8Array | null;
    controllen: number;
  },
  style: Style,
): string {
  const fields = [
    `msg_name=${name}`,
    `msg_namelen=${namelen}`,
    `msg_iov=${iovText(iov, count, style, (bytes) => payloadText(fd, bytes, style))}`,
    `msg_iovlen=${partsOf(iov).length}`,
  ];
  if (control !== null)
    fields.push(`msg_control=${controlText(control.subarray(0, controllen), style)}`);
  fields.push(`msg_controllen=${controllen}`);
  return fields.join(', ');
}

/** In the place of `name`: the whole struct. The other parts are hidden. */
export const sentMessage: Column<Uint8Array | null> = {
  print(_value, call: Call, style) {
    const [fd, name, iov, control, lengths] = call.args as unknown as Arguments;
    const namelen = lengths[NAME]!;
    const text = headerText(
      {
        name: nameText(name, namelen, style),
        namelen: String(namelen),
        iov,
        fd,
        count: sizeOf(iov),
        control,
        controllen: lengths[CONTROL]!,
      },
      style,
    );
    return `{${text}, msg_flags=0}`;
  },
};

/** Of a call that fails strace tells no more than how long the name could have been. */
export const receivedMessage: Column<Uint8Array | null> = {
  print(_value, call: Call, style) {
    const [fd, name, iov, control, lengths] = call.args as unknown as Arguments;
    const before = call.before[4] as Uint32Array;
    if (call.result < 0) return `{msg_namelen=${before[NAME]}}`;
    const [was, is] = [before[NAME]!, lengths[NAME]!];
    const empty = is === 0 && name !== null;
    const text = headerText(
      {
        name: empty ? style.addresses.of(name) : nameText(name, Math.min(was, is), style),
        namelen: was === is ? String(is) : `${was} => ${is}`,
        iov,
        fd,
        count: call.result,
        control: lengths[CONTROL] === 0 ? null : control,
        controllen: lengths[CONTROL]!,
      },
      style,
    );
    return `{${text}, msg_flags=${flagsOf(lengths[FLAGS]!, MSG_FLAGS)}}`;
  },
};
