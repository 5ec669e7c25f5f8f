/**
 * What happens in a server: a line of JSON for each request, numbers for Prometheus, and a name for each
 * request. Whatever takes longer than a second is answered 503.
 *
 *   node dist/examples/observability.js 127.0.0.1:8080
 *   curl http://127.0.0.1:8080/metrics
 */
import {
  accessLog,
  listenAndServe,
  Metrics,
  requestId,
  ServeMux,
  timeoutHandler,
} from '../src/http.ts';

const [addr = '127.0.0.1:8080'] = process.argv.slice(2);
const metrics = new Metrics();
const mux = new ServeMux();

mux.handleFunc('GET /hello/{name}', async (w, r) => {
  await w.write(`Hello, ${r.pathValue('name')}!\n`);
});
mux.handleFunc('GET /slow', (_w, r) => new Promise((done) => (r.signal.onabort = done)));
mux.handle('GET /metrics', metrics.page);

const measured = metrics.handler(timeoutHandler(mux, 1000));
const handler = accessLog(requestId(measured), { format: 'json', write: process.stdout });

await listenAndServe(addr, handler, {
  onListen: (listener, server) => {
    metrics.watch(server);
    console.log(`serving http://${String(listener.addr)}/`);
  },
});
