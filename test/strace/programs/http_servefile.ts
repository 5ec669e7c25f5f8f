/** Two files, one of them also asked for by HEAD and in part: a connection each, one after the other. */
import { utimesSync, writeFileSync } from 'node:fs';
import { nodeFiles, Server, serveFile } from '../../../src/http.ts';
import { linux, listen } from '../../../src/index.ts';
import { cString } from '../../../src/syscall/c-string.ts';
import { AT_FDCWD } from '../../../src/syscall/fcntl.ts';
import { begin, hold, mark } from './marks.ts';

const folder = process.argv[2]!;
const REQUESTS = ['GET /big', 'GET /small', 'HEAD /big', 'GET /big, a part'];

for (const [name, text] of [
  ['big.bin', 'A'.repeat(100_000)],
  ['small.txt', 'b'.repeat(300)],
] as const) {
  writeFileSync(`${folder}/${name}`, text, { mode: 0o644 });
  utimesSync(`${folder}/${name}`, 1_700_000_000, 1_700_000_000);
}
const files = await nodeFiles(folder);

let step = 0;
const server = new Server(
  (w, r) => {
    mark(`ServeFile ${r.method} ${r.path} ${r.header.get('Range') ?? ''}`);
    const served = serveFile(w, r, files, r.path === '/big' ? 'big.bin' : 'small.txt');
    if (served !== undefined) throw new Error('it has to wait');
    mark('handler returned');
  },
  {
    connState: (_conn, state) => {
      // It waits for the request by then, and to accept.
      if (state === 'new') setImmediate(() => hold(`send ${REQUESTS[step++]!}`));
      if (state === 'closed') setImmediate(next);
    },
  },
);

function next(): void {
  if (step < REQUESTS.length) return void hold(`dial ${listener.addr.port}`);
  for (const name of ['big.bin', 'small.txt']) {
    linux.kernel.unlinkat(AT_FDCWD, cString(`${folder}/${name}`), 0);
  }
  process.exit();
}

begin();
const listener = await listen('tcp', '127.0.0.1:0');
setImmediate(next);
await server.serve(listener);
