/**
 * Writes to one who does not read: `slow-reader.js ADDRESS MIB`, run by volume.test.ts. Each write is
 * awaited, so no more than one of them and what the kernel takes is on its way. Prints when a write
 * waits, and at the end how much memory it took.
 */
import { dial } from '../../../src/index.ts';
import { stillWaiting } from '../settling.ts';
import { RandomBytes } from '../traffic.ts';
import { print } from './output.ts';

const [, , address = '', mebibytes = ''] = process.argv;
const CHUNK = 1 << 20;

const conn = await dial('tcp', address);
const chunk = new RandomBytes(1).fill(new Uint8Array(CHUNK));
const start = process.memoryUsage.rss();
let most = start;
let waited = false;
for (let written = 0; written < Number(mebibytes); written++) {
  const writing = conn.write(chunk);
  if (!waited && (await stillWaiting(writing))) {
    waited = true;
    print({ written });
  }
  await writing;
  most = Math.max(most, process.memoryUsage.rss());
}
conn.close();
print({ grown: most - start });
