/** Shutting down while one connection is idle and another one's request is being answered. */
import { Server, ServeMux } from '../../../src/http.ts';
import { listen } from '../../../src/index.ts';
import { begin, hold, mark, note } from './marks.ts';

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const mux = new ServeMux();
let ended = Promise.resolve();
mux.handleFunc('/', (w) => void w.write('hello\n'));
mux.handleFunc('/slow', async (w) => {
  await turn(); // the server has seen that nobody else waits to be accepted
  mark('Shutdown called');
  ended = server.shutdown();
  await turn();
  void w.write('slow\n');
});
const server = new Server(mux, {
  connState: (_conn, state) => {
    note(`ConnState ${state}`);
    if (state === 'idle') setImmediate(() => hold(`get /slow ${listener.addr.port}`));
  },
});

begin();
const listener = await listen('tcp', '127.0.0.1:0');
setImmediate(() => hold(`get / ${listener.addr.port}`)); // it waits to accept by then
await server.serve(listener);
note('Serve returned: <nil>');
await ended;
mark('Shutdown returned');
note('Shutdown error: <nil>');
