/** netfd's HTTP server answering GET /hello. Serves the http, pipelined and churn workloads. */
import { handleFunc, listenAndServe } from '../../src/http.ts';

const port = process.argv[2] ?? '8080';

handleFunc('/hello', (w) => {
  w.header().set('Content-Type', 'text/plain; charset=utf-8');
  void w.write('Hello, world!');
});

const served = listenAndServe(`127.0.0.1:${port}`);
console.log(`listening ${port}`);
await served;
