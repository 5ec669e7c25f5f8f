/**
 * https, HTTP/2 with those who speak it. After a new certificate is in place, SIGHUP reads it; connections
 * that are open stay.
 *
 *   node dist/examples/tls.js 127.0.0.1:8443 cert.pem key.pem
 */
import { listenAndServeTLS, type TLSListener } from '../src/http.ts';

const [, , addr = '127.0.0.1:8443', cert = 'cert.pem', key = 'key.pem'] = process.argv;
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

await listenAndServeTLS(
  addr,
  cert,
  key,
  async (w, r) => {
    await w.write(`${r.proto}, ${r.tls?.version}, ${r.tls?.serverName || 'no name'}\n`);
  },
  {
    signal: stop.signal,
    onListen: (listener) => {
      console.log(`on ${String(listener.addr)}`);
      process.on('SIGHUP', () => {
        (listener as TLSListener).reload().then(
          () => console.log('read again'),
          (error: Error) => console.error(error.message),
        );
      });
    },
  },
);
console.log('all replies are complete');
