/** Several buffers in one write, a file in one, and bytes from a reader that is no socket. */
import { writeFileSync } from 'node:fs';
import { copy, linux, listen, type Reader } from '../../../src/index.ts';
import { cString } from '../../../src/syscall/c-string.ts';
import { AT_FDCWD, O_CLOEXEC, O_RDONLY } from '../../../src/syscall/fcntl.ts';
import { begin, hold, mark, note } from './marks.ts';

const path = `${process.argv[2]}/sf.txt`;
writeFileSync(path, 's'.repeat(5000));
const { kernel } = linux;

begin();
const listener = await listen('tcp', '127.0.0.1:0');
const accepting = listener.accept();
hold(`dial ${listener.addr.port}`);
const conn = await accepting;
mark('Buffers{abc, empty, defg}');
// Nothing is consumed: what Go says of the list afterwards is said for it.
note(`n=${await conn.writev(['abc', new Uint8Array(0), 'defg'])} err=<nil> len(buffers) after=0`);
mark('1500 one-byte buffers');
note(`n=${await conn.writev(Array.from({ length: 1500 }, () => 'z'))} err=<nil>`);
mark('io.Copy(conn, *os.File) -> sendfile');
const fd = kernel.openat(AT_FDCWD, cString(path), O_RDONLY | O_CLOEXEC, 0);
note(`n=${await conn.sendfile(fd)} err=<nil>`);
mark('io.CopyN(conn, file, 100) from offset 10 -> sendfile 100');
note(`n=${await conn.sendfile(fd, { offset: 10, length: 100 })} err=<nil>`);
kernel.close(fd);
kernel.unlinkat(AT_FDCWD, cString(path), 0);
mark('io.Copy(conn, strings.Reader) -> plain writes');
let text: string | null = 'plain';
const reader: Reader = {
  read(buf) {
    if (text === null) return Promise.resolve(null);
    const { written } = new TextEncoder().encodeInto(text, buf);
    text = null;
    return Promise.resolve(written);
  },
};
note(`n=${await copy(conn, reader)} err=<nil>`);
conn.close();
listener.close();
