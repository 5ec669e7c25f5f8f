/** What is traced in trace.test.ts: a few calls, and then an end of the kind that is asked for. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
import { linux } from '../../src/index.ts';

const { kernel } = linux;
const file = fileURLToPath(import.meta.url);
const kind = process.argv[2];

/** Of everything that a listener does, what is the same each time. */
function calls(): void {
  const fd = kernel.socket(2, 0x80801, 0);
  kernel.setsockopt(fd, 1, 2, Uint8Array.of(1, 0, 0, 0), 4);
  kernel.bind(fd, Uint8Array.of(2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0), 16);
  kernel.listen(fd, 511);
  kernel.accept4(fd, null, null, 0x80800);
  kernel.shutdown(fd, 2);
  kernel.close(fd);
}

/** Alive, until a signal comes. */
function wait(): void {
  setInterval(() => {}, 60_000);
  // In the next turn: what was traced in this one is in the file.
  setImmediate(() => setImmediate(() => process.stdout.write('ready\n')));
}

const ENDS: Readonly<Record<string, () => void>> = {
  exit: () => process.exit(7),
  throw: () => {
    throw new Error('the program has failed');
  },
  abort: () => process.abort(),
  kill: () => setImmediate(() => setImmediate(() => process.kill(process.pid, 'SIGKILL'))),
  wait,
  handle: () => {
    process.on('SIGTERM', () => process.exit(9));
    wait();
  },
  stdin: () => process.stdin.pipe(process.stdout),
  worker: () => new Worker(file, { argv: ['none'] }),
  child: () => spawnSync(process.execPath, [file, 'none'], { stdio: 'inherit' }),
  none: () => {},
};

calls();
if (isMainThread || kind === 'none') ENDS[kind ?? 'none']?.();
