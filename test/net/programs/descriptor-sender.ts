/**
 * The other process of descriptors.test.ts: `descriptor-sender.js PATH` connects, passes both ends of a
 * pipe, prints its pid, and writes to the pipe what it is sent.
 */
import { dial, linux } from '../../../src/index.ts';
import { O_CLOEXEC } from '../../../src/syscall/fcntl.ts';
import { print } from './output.ts';

const [, , path = ''] = process.argv;
const conn = await dial('unix', path);
const ends = new Int32Array(2);
if (linux.kernel.pipe2(ends, O_CLOEXEC) < 0) throw new Error('pipe2');
const [reading, writing] = ends as unknown as [number, number];
await conn.sendDescriptors([reading, { fd: writing }], 'a pipe');
linux.kernel.close(reading);
print({ pid: process.pid });
const buf = new Uint8Array(64);
const size = (await conn.read(buf)) ?? 0;
linux.kernel.write(writing, buf, size);
linux.kernel.close(writing);
conn.close();
