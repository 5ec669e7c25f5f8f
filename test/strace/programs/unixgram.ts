/** Datagrams: senders with a name and without, an empty one, a missing receiver, the file that stays. */
import { existsSync } from 'node:fs';
import { linux, listenPacket, UnixAddr, type UnixConn } from '../../../src/index.ts';
import { cString } from '../../../src/syscall/c-string.ts';
import { AT_FDCWD } from '../../../src/syscall/fcntl.ts';
import { begin, failureOf, hold, mark, note } from './marks.ts';

const path = `${process.argv[2]}/g-server.sock`;
const buf = new Uint8Array(64);
let sender: UnixAddr | null = null;

async function readFrom(reading: ReturnType<UnixConn['readFrom']>): Promise<void> {
  const { size, addr } = await reading;
  sender = addr;
  note(`ReadFrom: n=${size} addr=${addr === null ? '<nil>' : String(addr)} err=<nil>`);
}

begin();
mark('ListenPacket(unixgram)');
const conn = await listenPacket('unixgram', path);
mark('ReadFrom (bound sender), WriteTo');
let reading = conn.readFrom(buf);
hold('bound');
await readFrom(reading);
await conn.writeTo('reply', sender!);
mark('ReadFrom (unbound sender): nil addr');
reading = conn.readFrom(buf);
hold('unbound');
await readFrom(reading);
mark('ReadFrom zero-length datagram: n=0, no EOF');
await readFrom(conn.readFrom(buf));
mark('WriteTo a missing path');
const missing = new UnixAddr(`${process.argv[2]}/nosuch.sock`, 'unixgram');
note(`error: ${((await failureOf(conn.writeTo('x', missing))) as Error).message}`);
mark('Close');
conn.close();
note(`path still exists: ${existsSync(path)}`);
linux.kernel.unlinkat(AT_FDCWD, cString(path), 0);
