/**
 * netfd serve --workers: the main thread's side. It starts the threads, says where they listen, and ends
 * them by the same steps as a server of its own. What each of them does is in serve-worker.ts.
 */
import { availableParallelism } from 'node:os';
import { WorkerPool } from '../node/worker-pool.ts';
import type { ServeOptions } from './serve-options.ts';
import { announce, tellLameDuck } from './serve-site.ts';
import { nextSignal, untilEnded } from './signals.ts';

/** Until it is told to end; gives the exit status. */
export async function serveByWorkers(
  options: ServeOptions,
  workers: number | 'auto',
): Promise<number> {
  const count = workers === 'auto' ? availableParallelism() : workers;
  const module = new URL('./serve-worker.js', import.meta.url);
  const log = (line: string): void => console.error(line);
  const ended = nextSignal();
  const site = WorkerPool.nextSite('netfd serve', { count, module }, log);
  const begun = await Promise.race([ended, site.listens]);
  if (begun !== 'SIGINT' && begun !== 'SIGTERM') {
    announce(options, begun, `, ${count} ${count === 1 ? 'worker' : 'workers'}`);
    await Promise.race([ended, site.finished]);
  }
  const second = nextSignal();
  const { lameDuck, always, grace } = options.end;
  if (always && lameDuck > 0) tellLameDuck(lameDuck);
  site.end('shutdown');
  const status = await untilEnded(site.finished, second, lameDuck + grace);
  site.end('close');
  return status;
}
