/** A server of "hello\n"; one client, two requests on one connection. */
import { listenAndServe } from '../../../src/http.ts';
import { begin, hold, mark } from './marks.ts';

begin();
mark('http.ListenAndServe');
await new Promise<void>((resolve) => {
  const handler = (w: { write(text: string): Promise<number> }): void => void w.write('hello\n');
  void listenAndServe(':18480', handler, { onListen: () => resolve() });
});
setImmediate(() => {
  hold('connect and get /a'); // it waits to accept by now
  hold('get /b when /a has come, then close');
  process.stdin.once('data', () => process.exit());
});
