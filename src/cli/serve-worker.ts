/**
 * netfd serve --workers: what runs in each of its threads, a program of its own with the arguments of the
 * whole. The main thread has looked at them already, and is told what fails.
 */
import { Activity } from '../http/server/activity.ts';
import { listenAndServe, type ListenAndServeOptions, listenAndServeTLS } from '../http.ts';
import type { WorkersOption } from '../node/serve-by-workers.ts';
import { parseCommandLine } from './arguments.ts';
import { serveOptions } from './serve-options.ts';
import { handlerFor, tellWaiting } from './serve-site.ts';
import type { Arguments } from './usage.ts';

async function serveHere(args: Arguments): Promise<void> {
  const options = serveOptions(args);
  const { addr, network, tls, end } = options;
  const activity = new Activity(Date.now);
  const handler = await handlerFor(options, activity);
  const inside: ListenAndServeOptions & WorkersOption = {
    network,
    workers: options.workers ?? undefined,
    lameDuck: end.lameDuck,
    connState: activity.connState,
    onListen: (_listener, server) => server.registerOnShutdown(() => tellWaiting(server)),
  };
  if (tls === null) return listenAndServe(addr, handler, inside);
  return listenAndServeTLS(addr, tls.cert, tls.key, handler, inside);
}

const request = parseCommandLine(process.argv.slice(2));
// What it rejects with has been told to the main thread, which ends this one.
if (request.kind === 'run') await serveHere(request.args);
