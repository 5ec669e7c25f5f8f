/** Connections that send too little, too slowly, or too much: one after the other, a step each. */
import { Server } from '../../../src/http.ts';
import { listen } from '../../../src/index.ts';
import { begin, hold, mark, note } from './marks.ts';

/** What the harness sends on each connection stands there by the same names. */
const STEPS = [
  'nothing sent',
  'request line only',
  'half a header line without colon',
  'half a header line with colon',
  'request then idle',
  'header too large',
];

let step = 0;
const server = new Server((w) => void w.write('ok\n'), {
  readHeaderTimeout: 500,
  idleTimeout: 300,
  maxHeaderBytes: 1024,
  connState: (_conn, state) => {
    if (state === 'new') {
      const name = STEPS[step++]!;
      mark(name);
      setImmediate(() => hold(`send ${name}`)); // it waits for it by then
    }
    note(`ConnState ${state}`);
    if (state === 'closed') setImmediate(next);
  },
});

function next(): void {
  if (step === STEPS.length) process.exit();
  else hold(`dial ${listener.addr.port}`);
}

begin();
const listener = await listen('tcp', '127.0.0.1:0');
setImmediate(next);
await server.serve(listener);
