/**
 * Accepts connections that each wait for a byte, and tells how much of the heap they take: run by
 * idle.test.ts with --expose-gc. The other ends are bare descriptors, which take none.
 */
import { listen, type ReadyListener, type TCPConn } from '../../../src/index.ts';
import { linux } from '../../../src/kernel/linux.ts';
import { encodeSockaddr } from '../../../src/syscall/sockaddr.ts';
import { AF_INET, SOCK_CLOEXEC, SOCK_STREAM } from '../../../src/syscall/socket.ts';
import { print } from './output.ts';

const EARLY = 500;
const MEASURED = 5000;

const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('run with --expose-gc');

const { kernel } = linux;
const listener = await listen('tcp', '127.0.0.1:0');
const { port } = listener.addr;
const address = encodeSockaddr({ family: AF_INET, addr: Uint8Array.of(127, 0, 0, 1), port });
const byte = new Uint8Array(1);
let received = 0;

/** What a program has for each connection, at the least. */
class Waiting implements ReadyListener {
  readonly conn: TCPConn;

  constructor(conn: TCPConn) {
    this.conn = conn;
    conn.whenReadable(this);
  }

  ready(): void {
    if (this.conn.tryRead(byte) === undefined) this.conn.whenReadable(this);
    else received++;
  }
}

/** The last connection's other end. */
async function open(count: number): Promise<number> {
  let peer = -1;
  for (let i = 0; i < count; i++) {
    peer = kernel.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const result = kernel.connect(peer, address, address.length);
    if (peer < 0 || result < 0) throw new Error(`connect: ${result}`);
    new Waiting(await listener.accept());
  }
  return peer;
}

async function heap(): Promise<number> {
  await new Promise(setImmediate);
  collect!();
  return process.memoryUsage().heapUsed;
}

await open(EARLY);
const before = await heap();
const peer = await open(MEASURED);
const bytes = ((await heap()) - before) / MEASURED;
kernel.write(peer, byte, 1);
while (received === 0) await new Promise(setImmediate);
print({ bytes, received });
process.exit();
