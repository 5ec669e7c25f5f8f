/**
 * netfd serve: from its arguments to a handler, a listener, a server, and to its end.
 *
 *   listening ──signal──► lame duck ──its time──► draining ──all replies complete──► 0
 *                             │                      ├──────the time is up─────────► closed at once: 0
 *                             └──────────────────────┴──────the second signal──────► closed at once:
 *                                                                         128 + the signal's number
 *
 * With --workers others serve, and this thread only watches: serve-workers.ts.
 */
import { Activity } from '../http/server/activity.ts';
import { Server } from '../http.ts';
import { listen, type Listener } from '../index.ts';
import { type End, type ServeOptions, serveOptions } from './serve-options.ts';
import { announce, handlerFor, requireFiles, tellLameDuck, tellWaiting } from './serve-site.ts';
import { type EndSignal, nextSignal, untilEnded } from './signals.ts';
import type { Arguments } from './usage.ts';

/** Serves until it is told to end; gives the exit status. */
export async function serve(args: Arguments): Promise<number> {
  const options = serveOptions(args);
  await requireFiles(options.tls);
  if (options.workers !== null) {
    return (await import('./serve-workers.ts')).serveByWorkers(options, options.workers);
  }
  const { network, addr } = options;
  const activity = new Activity(Date.now);
  const handler = await handlerFor(options, activity);
  const wrap = await wrapperFor(options);
  const listener = wrap(await listen(network, addr));
  const ended = nextSignal(); // before anybody knows that there is something to end
  const server = new Server(handler, { connState: activity.connState });
  announce(options, String(listener.addr), '');
  return run(server, listener, ended, options.end);
}

/** TLS, and what it needs, only if it is asked for. */
async function wrapperFor({ tls }: ServeOptions): Promise<(listener: Listener) => Listener> {
  if (tls === null) return (listener) => listener;
  const { secureListener } = await import('../node/tls-server.ts');
  return secureListener('netfd serve', tls, {});
}

async function run(
  server: Server,
  listener: Listener,
  ended: Promise<EndSignal>,
  end: End,
): Promise<number> {
  const served = server.serve(listener);
  server.registerOnShutdown(() => tellWaiting(server));
  await Promise.race([ended, served]);
  const second = nextSignal();
  const lameDuck = end.always || server.connections.size > 0 ? end.lameDuck : 0;
  if (end.always && lameDuck > 0) tellLameDuck(lameDuck);
  const drained = server.shutdown({ lameDuck });
  const status = await untilEnded(drained, second, lameDuck + end.grace);
  server.close();
  await served;
  return status;
}
