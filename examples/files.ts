/**
 * The files of a folder as a web site, with a cache for what never changes; and one that is made on the spot.
 *
 *   node dist/examples/files.js 8080 public
 */
import { fileServer, nodeFiles, Server, serveContent, ServeMux } from '../src/http.ts';
import { listen } from '../src/index.ts';

const [, , port = '8080', folder = '.'] = process.argv;

const mux = new ServeMux();
mux.handle(
  '/',
  fileServer(await nodeFiles(folder), {
    listings: false,
    precompressed: true,
    notFound: '404.html',
    cacheControl: (path) =>
      path.startsWith('assets/') ? 'max-age=31536000, immutable' : 'no-cache',
  }),
);

// Ranges, and If-Modified-Since, of something that is no file.
const started = new Date();
mux.handleFunc('/started.txt', (w, r) =>
  serveContent(w, r, 'started.txt', started, `${started.toISOString()}\n`),
);

const listener = await listen('tcp', `127.0.0.1:${port}`);
console.log(`serving http://${String(listener.addr)}/`);
await new Server(mux).serve(listener);
