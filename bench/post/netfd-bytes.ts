/** netfd's HTTP server collecting what is posted to /upload in memory, and answering its length. */
import { handleFunc, listenAndServe } from '../../src/http.ts';

const port = process.argv[2] ?? '8080';

handleFunc('POST /upload', async (w, r) => {
  const body = await r.body.bytes();
  w.header().set('Content-Type', 'text/plain; charset=utf-8');
  void w.write(String(body.length));
});

const served = listenAndServe(`127.0.0.1:${port}`);
console.log(`listening ${port}`);
await served;
