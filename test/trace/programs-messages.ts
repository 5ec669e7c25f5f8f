/** Golden programs: messages, their names, flags and parts; control messages; batches. */
import { encodeControlMessages } from '../../src/syscall/control-message.ts';
import { AF_UNIX, MSG_DONTWAIT, MSG_TRUNC, SOCK_DGRAM } from '../../src/syscall/socket.ts';
import { MSG_WORDS } from '../../src/kernel/kernel.ts';
import type { Program, Subject } from './program.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const counted = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i + 1);

function pair({ kernel }: Subject): [number, number] {
  const sv = new Int32Array(2);
  kernel.socketpair(AF_UNIX, SOCK_DGRAM, 0, sv);
  return [sv[0]!, sv[1]!];
}

/** Records with 8 bytes of data each. */
function batch(count: number): [Uint8Array, Uint32Array] {
  const vector = new Uint32Array(count * MSG_WORDS);
  for (let i = 0; i < count; i += 1) vector.set([i * 8, 8], i * MSG_WORDS);
  return [bytes('datagram'.repeat(count)), vector];
}

export const messages: Readonly<Record<string, Program>> = {
  'messages in parts, cut and without data'(subject) {
    const { kernel } = subject;
    const [a, b] = pair(subject);
    const name = new Uint8Array(128);
    const parts = Array.from({ length: 35 }, (_, i) => bytes(`part${i}`));
    kernel.sendmsg(a, null, parts, null, new Uint32Array(3), 0);
    kernel.recvmsg(b, name, new Uint8Array(60), null, Uint32Array.of(128, 0, 0), 0);
    for (const flags of [0, MSG_TRUNC, MSG_DONTWAIT]) {
      kernel.sendto(a, bytes('\u00e9x\0'.repeat(20)), 50, flags & MSG_DONTWAIT, null, 0);
      kernel.recvfrom(b, new Uint8Array(100), 5, flags, name, Uint32Array.of(128));
    }
    kernel.sendto(a, null, 0, 0, null, 0);
    kernel.recvfrom(b, null, 0, MSG_DONTWAIT, null, null);
    kernel.recvfrom(b, new Uint8Array(5), 5, MSG_DONTWAIT, null, null);
    kernel.sendmsg(-1, null, [], null, Uint32Array.of(9, 0, 0x4041), 0x80041);
    kernel.sendmsg(-1, null, [], null, new Uint32Array(3), 0x7fffffff);
    kernel.recvmsg(-1, name, [], null, Uint32Array.of(9, 0, 0), 0);
    kernel.close(a);
    kernel.close(b);
  },

  'control messages of every kind and length'({ kernel }) {
    const kinds = [
      ...[1, 2, 3, 4, 29, 35, 37, 40, 41, 54, 58, 61, 63, 64, 65].map((type) => [1, type]),
      ...[0, 1, 2, 3, 6, 7, 8, 10, 11, 18, 20, 23].map((type) => [0, type]),
      ...[6, 17, 40, 41, 132, 263, 283, 284, -1].map((level) => [level, 50]),
    ];
    for (const [level, type] of kinds) {
      for (const length of [0, 1, 4, 12, 13, 16, 20, 32, 33, 48, 79]) {
        const data = counted(length);
        const control = encodeControlMessages([{ level: level!, type: type!, data }]);
        kernel.sendmsg(-1, null, [], control, Uint32Array.of(0, control.length, 0), 0);
      }
      const data = new Uint8Array(40).fill(255);
      const control = encodeControlMessages([{ level: level!, type: type!, data }]);
      kernel.sendmsg(-1, null, [], control, Uint32Array.of(0, control.length, 0), 0);
    }
  },

  'control messages of odd lengths'({ kernel }) {
    const data = counted(4);
    const control = encodeControlMessages([
      { level: 1, type: 1, data },
      { level: 0, type: 2, data },
    ]);
    for (const length of [0, 1, 15, 16, 17, 19, 24, 25, 100]) {
      control[0] = length;
      for (const size of [0, 1, 15, 16, 17, 20, 24, 30, 40, 48]) {
        kernel.sendmsg(-1, null, [], control, Uint32Array.of(0, size, 0), 0);
      }
    }
  },

  'descriptors that are passed on, with room and without'(subject) {
    const { kernel } = subject;
    const [a, b] = pair(subject);
    const control = encodeControlMessages([{ level: 1, type: 1, data: Uint8Array.of(a, 0, 0, 0) }]);
    for (const room of [64, 24, 20, 16, 8, 0]) {
      kernel.sendmsg(a, null, bytes('x'), control, Uint32Array.of(0, control.length, 0), 0);
      const lengths = Uint32Array.of(0, room, 0);
      kernel.recvmsg(b, null, new Uint8Array(4), new Uint8Array(64), lengths, MSG_DONTWAIT);
    }
    kernel.close(a);
    kernel.close(b);
  },

  'batches of messages'(subject) {
    const { kernel } = subject;
    const [a, b] = pair(subject);
    kernel.sendmmsg(-1, ...batch(2), 2, 0);
    kernel.sendmmsg(a, ...batch(3), 3, MSG_DONTWAIT);
    kernel.sendmmsg(a, ...batch(0), 0, 0);
    kernel.recvmmsg(b, ...batch(5), 5, MSG_DONTWAIT, null);
    kernel.recvmmsg(b, ...batch(5), 5, MSG_DONTWAIT, null);
    kernel.sendmmsg(a, ...batch(40), 40, MSG_DONTWAIT);
    kernel.recvmmsg(b, ...batch(40), 40, MSG_DONTWAIT, null);
    const timeout = new Uint8Array(16);
    timeout[0] = 9;
    kernel.recvmmsg(-1, ...batch(1), 1, 0, timeout);
    kernel.sendmsg(-1, new Uint8Array(8), [], null, Uint32Array.of(0xffffffff, 0, 0), 0);
    kernel.sendmsg(-1, new Uint8Array(8), [], null, Uint32Array.of(1, 0, 0), 0);
    kernel.recvmmsg(b, ...batch(0), 0, 0, timeout);
    kernel.close(a);
    kernel.close(b);
  },
};
