/** netfd's HTTP server reading what is posted to /upload to its end, and answering its length. */
import { handleFunc, listenAndServe } from '../../src/http.ts';

const port = process.argv[2] ?? '8080';
const buf = new Uint8Array(64 * 1024);

handleFunc('POST /upload', async (w, r) => {
  let length = 0;
  for (let count; (count = await r.body.read(buf)) !== null;) length += count;
  w.header().set('Content-Type', 'text/plain; charset=utf-8');
  void w.write(String(length));
});

const served = listenAndServe(`127.0.0.1:${port}`);
console.log(`listening ${port}`);
await served;
