/**
 * The contract of System.park, on both ways that the addon knows: uv_poll, and the thread that Bun and
 * Deno need, which works on Node as well.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { setImmediate as immediate } from 'node:timers/promises';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EPOLL_CTL_ADD, EPOLLIN } from '../../src/syscall/epoll.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../../src/syscall/fcntl.ts';
import { addon, callOf } from './addon.ts';

const program: string = fileURLToPath(new URL('./park-program.js', import.meta.url));

/** Long enough for a busy machine; no test waits for it unless it fails. */
const LIMIT = 60_000;

/** How often in a row `ready` is called without others having had their turn: PARK_ROUNDS. */
const ROUNDS = 16;

interface Outcome {
  readonly status: number | null;
  readonly printed: unknown;
  readonly stderr: string;
}

function run(scene: string, way: string): Promise<Outcome> {
  const child = spawn(process.execPath, [program, scene, way], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status, printed: stdout === '' ? null : JSON.parse(stdout), stderr });
    });
  });
}

/** An epoll descriptor that watches the read end of a pipe. */
class WatchedPipe {
  readonly epfd: number = callOf('epoll_create1')(O_CLOEXEC);
  readonly #reader: number;
  readonly #writer: number;

  constructor() {
    const ends = new Int32Array(2);
    assert.equal(callOf('pipe2')(ends, O_CLOEXEC | O_NONBLOCK), 0);
    [this.#reader = -1, this.#writer = -1] = ends;
    const event = new Uint32Array([EPOLLIN, this.#reader, 0]);
    assert.equal(callOf('epoll_ctl')(this.epfd, EPOLL_CTL_ADD, this.#reader, event), 0);
  }

  fill(): void {
    assert.equal(callOf('write')(this.#writer, Buffer.from('x'), 1), 1);
  }

  drain(): void {
    assert.equal(callOf('read')(this.#reader, new Uint8Array(64), 64), 1);
  }

  close(): void {
    for (const fd of [this.epfd, this.#reader, this.#writer]) callOf('close')(fd);
  }
}

/** Lets the event loop turn until `done`, for at most {@link LIMIT}. */
async function until(done: () => boolean): Promise<void> {
  const start = performance.now();
  while (!done()) {
    assert.ok(performance.now() - start < LIMIT, 'it did not come');
    await immediate();
  }
}

for (const way of ['uv', 'thread']) {
  const threaded = way === 'thread';

  suite(`parking by ${way}`, () => {
    test('ready is called when the descriptor is readable, each time', async () => {
      const pipe = new WatchedPipe();
      let calls = 0;
      const ready = (): boolean => {
        calls++;
        pipe.drain();
        return false;
      };
      const handle = addon.park(pipe.epfd, ready, threaded);
      for (let i = 0; i < 5; i++) await immediate();
      assert.equal(calls, 0);
      for (let times = 1; times <= 3; times++) {
        pipe.fill();
        assert.equal(calls, times - 1, 'never from within another call');
        await until(() => calls === times);
      }
      addon.parkClose(handle);
      pipe.close();
    });

    test('ready is called again while it asks for it, and others have their turn', async () => {
      const pipe = new WatchedPipe();
      let calls = 0;
      let callsBeforeOthers = 0;
      let microtasks = 0;
      const ready = (): boolean => {
        assert.equal(microtasks, calls, 'the microtasks of the call before have run');
        calls++;
        queueMicrotask(() => microtasks++);
        if (calls === 1) setImmediate(() => (callsBeforeOthers = calls));
        if (calls === 10 * ROUNDS) pipe.drain();
        return calls < 10 * ROUNDS;
      };
      const handle = addon.park(pipe.epfd, ready, threaded);
      pipe.fill();
      await until(() => calls === 10 * ROUNDS);
      // With a thread, how many wake-ups are taken at a time is for the runtime to say.
      if (!threaded) assert.equal(callsBeforeOthers, ROUNDS);
      addon.parkClose(handle);
      pipe.close();
    });

    test('closing twice is fine, also from within ready, which is not called again', async () => {
      const pipe = new WatchedPipe();
      let calls = 0;
      const handle = addon.park(
        pipe.epfd,
        () => {
          calls++;
          addon.parkClose(handle);
          addon.parkClose(handle);
          return true;
        },
        threaded,
      );
      pipe.fill();
      await until(() => calls > 0);
      for (let i = 0; i < 20; i++) await immediate();
      assert.equal(calls, 1);
      addon.parkClose(handle);
      addon.parkRef(handle);
      addon.parkUnref(handle);
      pipe.close();
    });

    test('the descriptor stays open, and may be parked anew', async () => {
      const pipe = new WatchedPipe();
      let calls = 0;
      const ready = (): boolean => {
        calls++;
        pipe.drain();
        return false;
      };
      addon.parkClose(addon.park(pipe.epfd, ready, threaded));
      await immediate();
      const handle = addon.park(pipe.epfd, ready, threaded);
      pipe.fill();
      await until(() => calls === 1);
      addon.parkClose(handle);
      pipe.close();
    });

    test('many at a time', async () => {
      const calls: number[] = [];
      const pipes = Array.from({ length: 20 }, () => new WatchedPipe());
      const handles = pipes.map((pipe, i) =>
        addon.park(
          pipe.epfd,
          () => {
            calls.push(i);
            pipe.drain();
            return false;
          },
          threaded,
        ),
      );
      for (const pipe of pipes) pipe.fill();
      await until(() => calls.length === pipes.length);
      assert.deepEqual(
        [...calls].sort((a, b) => a - b),
        [...pipes.keys()],
      );
      for (const handle of handles) addon.parkClose(handle);
      for (const pipe of pipes) pipe.close();
    });

    test('unreferenced, the process ends by itself', async () => {
      assert.deepEqual(await run('unref', way), {
        status: 0,
        printed: { parked: true },
        stderr: '',
      });
    });

    test('referenced, it does not, until the reference is gone', async () => {
      assert.deepEqual(await run('ref', way), { status: 0, printed: { alive: true }, stderr: '' });
    });

    test('closing ends a referenced wait', async () => {
      assert.deepEqual(await run('close', way), {
        status: 0,
        printed: { alive: true },
        stderr: '',
      });
    });

    test('an exception in ready is an uncaught one, and the wait goes on', async () => {
      assert.deepEqual(await run('throw', way), {
        status: 0,
        printed: { seen: ['from ready'] },
        stderr: '',
      });
    });

    test('an exception in ready that nobody listens for ends the process', async () => {
      const { status, stderr } = await run('die', way);
      assert.equal(status, 1);
      assert.match(stderr, /Error: from ready/);
    });

    test('the process may exit from within ready', async () => {
      assert.deepEqual(await run('exit', way), { status: 7, printed: null, stderr: '' });
    });
  });
}

test('an epoll descriptor that is parked cannot be parked again', () => {
  const pipe = new WatchedPipe();
  const handle = addon.park(pipe.epfd, () => false, false);
  assert.throws(() => addon.park(pipe.epfd, () => false, false), /that is not parked yet/);
  addon.parkClose(handle);
  pipe.close();
});
