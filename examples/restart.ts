/**
 * A restart without a lost connection: the old process passes its listening socket to the new one, both
 * accept from the same queue, then the old one stops. Clients connect all the while.
 *
 *   node dist/examples/restart.js
 */
import { spawn } from 'node:child_process';
import { dial, fileListener, type Listener, listen } from '../src/index.ts';

let [byOld, byNew] = [0, 0];

async function serve(listener: Listener, name: string): Promise<void> {
  for await (const conn of listener) {
    await conn.write(name);
    conn.close();
  }
}

/** Fails if a connection is refused, reset, or closed without a word. */
async function client(address: string): Promise<void> {
  for (const buf = new Uint8Array(1); byNew < 500; buf[0] === 0x4f ? byOld++ : byNew++) {
    await using conn = await dial('tcp', address);
    if ((await conn.read(buf)) !== 1) throw new Error('lost');
  }
}

if (process.argv[2] === 'new') await serve(fileListener(3), 'N');
const listener = await listen('tcp', '127.0.0.1:0');
const clients = Promise.all(Array.from({ length: 8 }, () => client(String(listener.addr))));
const serving = serve(listener, 'O');
using file = listener.file();
const next = spawn(process.execPath, [process.argv[1]!, 'new'], { stdio: [0, 1, 2, file.fd] });
while (byNew === 0) await new Promise(setImmediate); // the new one serves
listener.close();
await Promise.all([serving, clients]);
next.kill();
console.log(byOld > 0 ? 'served by both, none was lost' : 'the old one had nothing to do');
