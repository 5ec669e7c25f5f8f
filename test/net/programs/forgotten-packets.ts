/** Forgets a connection of datagrams, and prints what becomes of it. Run with --expose-gc. */
import { setImmediate as immediate } from 'node:timers/promises';
import { DatagramBatch, listenPacket } from '../../../src/index.ts';
import { openSockets } from '../machine.ts';
import { print } from './output.ts';

const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('run with --expose-gc');

const warnings: string[] = [];
process.on('warning', ({ message }) => warnings.push(message));

/** Uses a connection for everything, and keeps nothing of it. */
async function useAndForget(): Promise<void> {
  const conn = await listenPacket('udp', '127.0.0.1:0');
  await conn.writeTo('x', conn.localAddr);
  await conn.readFrom(new Uint8Array(1));
  const batch = new DatagramBatch();
  await conn.writeTo('y', conn.localAddr);
  await conn.readBatch(batch);
  await conn.writeBatch(batch);
}

const before = openSockets();
await useAndForget();
for (let round = 0; round < 100 && openSockets() > before; round++) {
  await immediate();
  collect();
}
await immediate();
print({ left: openSockets() - before, warnings });
