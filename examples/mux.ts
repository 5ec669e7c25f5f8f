/**
 * Handlers of every kind behind one mux: files of a folder, a web-standard handler, a redirect.
 *
 *   node dist/examples/mux.js 127.0.0.1:8080 examples
 */
import {
  fetchHandler,
  fileServer,
  listenAndServe,
  nodeFiles,
  redirectHandler,
  ServeMux,
  stripPrefix,
} from '../src/http.ts';

const [addr = '127.0.0.1:8080', folder = 'examples'] = process.argv.slice(2);
const mux = new ServeMux();

mux.handle('/files/', stripPrefix('/files', fileServer(await nodeFiles(folder))));

mux.handle('/api/', fetchHandler({ fetch: ({ method, url }) => Response.json({ method, url }) }));

mux.handle('/{$}', redirectHandler('/files/', 302));

await listenAndServe(addr, mux, {
  onListen: (listener) => console.log(`serving http://${String(listener.addr)}/`),
});
