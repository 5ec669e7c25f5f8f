/**
 * An Express app on netfd, as it is; beside it, on the same port, a handler of netfd's own.
 *
 *   node dist/examples/express.js 127.0.0.1:8080
 */
import express from 'express';
import { listenAndServe, ServeMux } from '../src/http.ts';
import { nodeHandler } from '../src/node.ts';

const app = express();
app.use(express.json());
app.get('/users/:name', (req, res) => res.json({ name: req.params.name, ip: req.ip }));
app.post('/sum', (req, res) => {
  const numbers = req.body as readonly number[];
  res.json(numbers.reduce((sum, n) => sum + n, 0));
});

const mux = new ServeMux();
mux.handle('/', nodeHandler(app));
mux.handleFunc('GET /ping', (w) => void w.write('pong\n'));

await listenAndServe(process.argv[2] ?? '127.0.0.1:8080', mux, {
  onListen: ({ addr }) => console.log(`serving http://${String(addr)}/`),
});
