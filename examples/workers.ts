/**
 * A server on several CPUs: every thread runs this program, and the kernel deals the connections out.
 *
 *   node dist/examples/workers.js 8080
 */
import { isMainThread, threadId } from 'node:worker_threads';
import { serve } from '../src/http.ts';

const server = await serve({
  hostname: '127.0.0.1',
  port: Number(process.argv[2] ?? 8080),
  workers: 2,
  fetch: () => new Response(`Thread ${threadId} is at your service.\n`),
});

// Signals come to the main thread, which does not serve, and ends those that do.
if (isMainThread) {
  console.log(`serving ${server.url}`);
  process.once('SIGTERM', () => void server.shutdown());
  await server.finished;
  console.log('all threads have ended');
}
