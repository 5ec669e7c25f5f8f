/** netfd's HTTP server answering GET /hello, which is one pattern among two hundred. */
import { listenAndServe, ServeMux } from '../../src/http.ts';

const port = process.argv[2] ?? '8080';

const mux = new ServeMux();
const kinds = ['users', 'orders', 'invoices', 'products', 'teams', 'keys', 'hooks', 'files'];
for (const kind of kinds) {
  for (let version = 1; version <= 5; version++) {
    const place = `/v${version}/${kind}`;
    mux.handleFunc(`GET ${place}`, (w) => void w.write(place));
    mux.handleFunc(`POST ${place}`, (w) => void w.write(place));
    mux.handleFunc(`GET ${place}/{id}`, (w, r) => void w.write(r.pathValue('id')));
    mux.handleFunc(`DELETE ${place}/{id}`, (w, r) => void w.write(r.pathValue('id')));
    mux.handleFunc(`GET ${place}/{id}/files/{path...}`, (w, r) => void w.write(r.path));
  }
}
mux.handleFunc('GET /hello', (w) => {
  w.header().set('Content-Type', 'text/plain; charset=utf-8');
  void w.write('Hello, world!');
});

const served = listenAndServe(`127.0.0.1:${port}`, mux);
console.log(`listening ${port}`);
await served;
