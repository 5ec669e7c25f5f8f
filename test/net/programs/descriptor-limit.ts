/**
 * Runs out of descriptors on purpose: started with a low limit, it listens, takes all descriptors that
 * are left, accepts in vain, gives one back and accepts again. See faults.test.ts.
 */
import { dial, listen, OpError } from '../../../src/index.ts';
import { linux } from '../../../src/kernel/linux.ts';
import { cString } from '../../../src/syscall/c-string.ts';
import { AT_FDCWD, O_CLOEXEC, O_RDONLY } from '../../../src/syscall/fcntl.ts';
import { print, told } from './output.ts';

const { kernel } = linux;

function openNull(): number {
  return kernel.openat(AT_FDCWD, cString('/dev/null'), O_RDONLY | O_CLOEXEC, 0);
}

function describe(error: unknown): object {
  if (!(error instanceof OpError)) return { message: String(error) };
  const { message, code, syscall, temporary, timeout } = error;
  return { message, code, syscall, temporary, timeout };
}

const lines = told();
const listener = await listen('tcp', '127.0.0.1:0');
print(String(listener.addr));
await lines.next(); // the test has connected

const taken: number[] = [];
for (let fd = openNull(); fd >= 0; fd = openNull()) taken.push(fd);

for (let i = 0; i < 2; i++) await listener.accept().catch((error) => print(describe(error)));
await dial('tcp', '127.0.0.1:1').catch((error) => print(describe(error)));
await listen('tcp', '127.0.0.1:0').catch((error) => print(describe(error)));

kernel.close(taken.pop()!);
const conn = await listener.accept();
print(String(conn.remoteAddr));
await conn.write('accepted at last');
conn.close();
listener.close();
process.stdin.destroy();
