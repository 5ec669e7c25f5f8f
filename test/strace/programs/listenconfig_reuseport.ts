/** Listening with a control function: two listeners on one port, and a control that fails. */
import { type Control, listen, listenPacket } from '../../../src/index.ts';
import { SyscallError } from '../../../src/syscall/syscall-error.ts';
import { EPERM } from '../../../src/syscall/errno.ts';
import { SO_REUSEADDR, SO_REUSEPORT, SOL_SOCKET } from '../../../src/syscall/socket.ts';
import { begin, failureOf, hold, mark, note } from './marks.ts';

const ADDRESS = '127.0.0.1:18470';
const one = new Uint8Array(new Int32Array([1]).buffer);

const control: Control = (network, address, fd, kernel) => {
  note(`Control("${network}", "${address}")`);
  kernel.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, one, one.length);
};

begin();
mark('Listen 1');
const first = await listen('tcp', ADDRESS, { keepAlive: false, control });
mark('Listen 2, same port');
const second = await listen('tcp', ADDRESS, { keepAlive: false, control });
mark('close 1');
first.close();
mark('Accept on 2');
const accepting = second.accept();
hold('dial');
const conn = await accepting;
conn.close();
second.close();
mark('Control error');
const failing: Control = () => {
  throw new SyscallError('', -EPERM);
};
const error = await failureOf(listen('tcp', '127.0.0.1:0', { control: failing }));
note(`error: ${(error as Error).message}`);
mark('ListenConfig.ListenPacket with Control (udp)');
const reuse: Control = (network, address, fd, kernel) => {
  note(`Control("${network}", "${address}")`);
  kernel.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, one, one.length);
};
const packets = await listenPacket('udp', '127.0.0.1:0', { control: reuse });
packets.close();
