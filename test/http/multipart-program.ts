/** Posts itself a file that is larger than this process may write, and prints what became of it. */
import { readdirSync } from 'node:fs';
import { Server } from '../../src/http.ts';
import { parseMultipartForm } from '../../src/node/multipart-form.ts';
import { listen } from '../../src/index.ts';

const folder = process.argv[2] as string;
let code: unknown;
const server = new Server(
  async (_w, r) => {
    try {
      await parseMultipartForm(r, { maxMemory: 0, folder });
    } catch (error) {
      code = (error as { code?: unknown }).code;
      throw error;
    }
  },
  { errorLog: () => {} },
);
const listener = await listen('tcp', '127.0.0.1:0');
const served = server.serve(listener);
const body = new FormData();
body.append('f', new Blob(['x'.repeat(1_000_000)]), 'f');
const { status } = await fetch(`http://${String(listener.addr)}/`, { method: 'POST', body });
console.log(JSON.stringify({ status, code, left: readdirSync(folder).length }));
server.close();
await served;
