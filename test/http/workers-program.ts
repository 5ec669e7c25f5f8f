/**
 * A program with workers for workers.test.ts: `program MODE [PORT]`. Its main thread prints lines of JSON:
 * what it listens on, and how it ended.
 */
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';
import { handleFunc, listenAndServe, serve, ServeMux } from '../../src/http.ts';

const [, , mode = '', port = '0'] = process.argv;

const print = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

const stop = new AbortController();
if (isMainThread) {
  const ending = new BroadcastChannel('ending');
  ending.unref();
  process.on('SIGTERM', () => {
    stop.abort();
    ending.postMessage('now');
  });
}

handleFunc('/id', (w) => void w.write(String(threadId)));
handleFunc('/crash', () => {
  setImmediate(() => {
    throw new Error('crashed on purpose');
  });
});
// Waits until the main thread has begun to end.
handleFunc('/slow', async (w) => {
  const ending = new BroadcastChannel('ending');
  const told = new Promise((resolve) => (ending.onmessage = resolve));
  w.writeHeader(200);
  await w.flush();
  await told;
  ending.close();
  void w.write('slow and whole');
});

const errorLog = (message: string): void => print({ log: message });
const onListen = (listener: { addr: unknown }): void => print({ listening: String(listener.addr) });

async function main(): Promise<void> {
  if (mode === 'throws' && !isMainThread) throw new Error('no program');
  if (mode === 'fetch') {
    const running = await serve({
      hostname: '127.0.0.1',
      port: Number(port),
      workers: 2,
      fetch: () => new Response(String(threadId)),
    });
    if (!isMainThread) return running.finished;
    print({ url: running.url, addr: String(running.addr) });
    process.on('SIGTERM', () => void running.shutdown());
    await running.finished;
    return;
  }
  const options = { workers: 2, signal: stop.signal, errorLog, onListen };
  if (mode === 'two') {
    const mux = new ServeMux();
    mux.handleFunc('/', (w) => void w.write('second'));
    await Promise.all([
      listenAndServe('127.0.0.1:0', undefined, options),
      listenAndServe('127.0.0.1:0', mux, options),
    ]);
    return;
  }
  await listenAndServe(`127.0.0.1:${port}`, undefined, options);
}

try {
  await main();
  print({ ended: isMainThread ? 'main' : 'worker' });
} catch (error) {
  if (!isMainThread) throw error;
  const { message, code, syscall } = error as NodeJS.ErrnoException;
  print({ failed: message, code, syscall });
  process.exitCode = 1;
}
