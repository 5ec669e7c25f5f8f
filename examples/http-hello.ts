/**
 * Go's hello world: handlers by pattern, and one call that listens and serves. Ctrl-C lets it complete
 * the replies that it has begun.
 *
 *   node dist/examples/http-hello.js 127.0.0.1:8080
 */
import { handleFunc, listenAndServe } from '../src/http.ts';

handleFunc('GET /hello', async (w) => {
  await w.write('Hello, world!\n');
});

handleFunc('GET /hello/{name}', async (w, r) => {
  w.header().set('Content-Type', 'text/plain; charset=utf-8');
  await w.write(`Hello, ${r.pathValue('name')}!\n`);
});

handleFunc('POST /count', async (w, r) => {
  let bytes = 0;
  for await (const chunk of r.body) bytes += chunk.length;
  await w.write(`${bytes} bytes\n`);
});

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

await listenAndServe(process.argv[2] ?? '127.0.0.1:8080', undefined, {
  signal: stop.signal,
  onListen: ({ addr }) => console.log(`serving http://${String(addr)}/`),
});
console.log('all replies are complete');
