/**
 * TLS for an HTTP server: both versions offered, the limits of the server for handshakes too. Loaded only
 * by programs that serve https.
 */
import type { ServerOptions } from '../http/server/server-options.ts';
import type { Listener } from '../net/conn.ts';
import { requireOptions } from '../net/options.ts';
import { http2Conns } from './http2-conn.ts';
import { TLSConfig } from './tls-config.ts';
import { TLSListener } from './tls-listener.ts';
import type { TLSOptions } from './tls-options.ts';

/** The best one first. */
const PROTOCOLS = ['h2', 'http/1.1'];

/** Reads certificates and keys; what comes back makes a TLSListener of a listener. */
export async function secureListener(
  method: string,
  tls: TLSOptions,
  server: Pick<ServerOptions, 'errorLog' | 'readHeaderTimeout'>,
): Promise<(listener: Listener) => Listener> {
  requireOptions(`${method}: tls`, tls);
  const { errorLog, readHeaderTimeout } = server;
  const config = await TLSConfig.load(method, {
    ALPNProtocols: PROTOCOLS,
    errorLog,
    handshakeTimeout: readHeaderTimeout,
    ...tls,
  });
  return (listener) => new TLSListener(listener, config, http2Conns);
}
