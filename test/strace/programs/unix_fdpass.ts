/** A descriptor that comes over a stream and one that goes, and the end. */
import { linux, listen, type UnixMessage } from '../../../src/index.ts';
import { encodeRights } from '../../../src/syscall/ancillary.ts';
import { cString } from '../../../src/syscall/c-string.ts';
import { encodeControlMessages } from '../../../src/syscall/control-message.ts';
import { AT_FDCWD, O_CLOEXEC } from '../../../src/syscall/fcntl.ts';
import { SCM_RIGHTS, SOL_SOCKET } from '../../../src/syscall/socket.ts';
import { begin, hold, mark, note } from './marks.ts';

const { kernel } = linux;
const buf = new Uint8Array(16);
const oob = new Uint8Array(64);

/** In Go's words: the count, and the end as an error that it makes beside the flags. */
function noteMessage(message: UnixMessage): void {
  const { size, oobSize, flags, addr } = message;
  const from = addr === null ? '<nil>' : String(addr);
  note(`n=${size} oobn=${oobSize} flags=0x${flags.toString(16)} addr=${from} err=<nil>`);
}

begin();
const listener = await listen('unix', `${process.argv[2]}/run4.sock`);
const accepting = listener.accept();
hold('dial');
const conn = await accepting;
mark('ReadMsgUnix');
const reading = conn.readMsg(buf, oob);
hold('send');
const message = (await reading)!;
noteMessage(message);
const [received = -1] = message.descriptors;
mark('write to and close the received fd');
kernel.write(received, Buffer.from('thru-fd'), 7);
kernel.close(received);
mark('WriteMsgUnix');
const file = kernel.openat(AT_FDCWD, cString('/dev/null'), O_CLOEXEC, 0);
const rights = { level: SOL_SOCKET, type: SCM_RIGHTS, data: encodeRights([file]) };
const control = encodeControlMessages([rights]);
const sent = await conn.writeMsg(Buffer.from('G'), control);
note(`n=${sent} oobn=${control.length} err=<nil>`);
kernel.close(file);
mark('ReadMsgUnix at EOF');
hold('close');
note(`end: ${(await conn.readMsg(buf, oob)) === null ? 'null' : 'none'}`);
conn.close();
listener.close();
