import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { listenAndServe, serve } from '../../src/http.ts';

const PROGRAM = fileURLToPath(new URL('workers-program.js', import.meta.url));
const MOST_REQUESTS = 500;

interface Line {
  readonly listening?: string;
  readonly url?: string;
  readonly addr?: string;
  readonly log?: string;
  readonly ended?: string;
  readonly failed?: string;
  readonly code?: string;
  readonly syscall?: string;
}

/** The program of workers-program.ts as a process, and the lines that it prints. */
class Program {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<unknown[]>;

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [PROGRAM, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#closed = once(this.child, 'close');
    this.#lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  async next(): Promise<Line> {
    const { value, done } = await this.#lines.next();
    assert.ok(done !== true, 'the program has ended');
    return JSON.parse(value) as Line;
  }

  /** Where it listens, as soon as both workers do. */
  async listening(): Promise<string> {
    const [first, second] = [await this.next(), await this.next()];
    assert.equal(first.listening, second.listening);
    return `http://${first.listening}`;
  }

  async end(): Promise<number | null> {
    this.child.kill('SIGTERM');
    await this.#closed;
    return this.child.exitCode;
  }

  async exited(): Promise<number | null> {
    await this.#closed;
    return this.child.exitCode;
  }
}

async function withProgram(args: string[], use: (program: Program) => Promise<void>) {
  const program = new Program(...args);
  try {
    await use(program);
  } finally {
    program.child.kill('SIGKILL');
  }
}

async function get(url: string): Promise<string> {
  const response = await fetch(url, { headers: { Connection: 'close' } });
  return response.text();
}

/** Asks on new connections until `enough` has been answered. */
async function idsUntil(url: string, enough: (ids: Set<string>) => boolean): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let i = 0; i < MOST_REQUESTS && !enough(ids); i++) ids.add(await get(url));
  assert.ok(enough(ids), `only ${[...ids].join(', ')}`);
  return ids;
}

describe('workers', { concurrency: false }, () => {
  it('all serve on one port, and end together', async () => {
    await withProgram(['plain'], async (program) => {
      const url = await program.listening();
      await idsUntil(`${url}/id`, (ids) => ids.size === 2);
      assert.equal(await program.end(), 0);
      const ended = [await program.next(), await program.next(), await program.next()];
      const who = ended.map((line) => line.ended ?? '').toSorted((a, b) => (a < b ? -1 : 1));
      assert.deepEqual(who, ['main', 'worker', 'worker']);
    });
  });

  it('finish what they have begun when they end', async () => {
    await withProgram(['plain'], async (program) => {
      const url = await program.listening();
      const slow = await fetch(`${url}/slow`);
      assert.equal(await program.end(), 0);
      assert.equal(await slow.text(), 'slow and whole');
    });
  });

  it('are followed by others when they die, while the rest serves on', async () => {
    await withProgram(['plain'], async (program) => {
      const url = await program.listening();
      const before = await idsUntil(`${url}/id`, (ids) => ids.size === 2);
      await get(`${url}/crash`).catch(() => '');
      const { log = '' } = await program.next();
      assert.match(
        log,
        /^http: worker [12] has ended, another one follows in 100 ms: Error: crashed/,
      );
      const { listening } = await program.next();
      assert.equal(`http://${listening}`, url);
      const isNew = (ids: Set<string>) => [...ids].some((id) => !before.has(id));
      await idsUntil(`${url}/id`, isNew);
      assert.equal(await program.end(), 0);
    });
  });

  it('are all there when serve has settled', async () => {
    await withProgram(['fetch'], async (program) => {
      const { url = '', addr = '' } = await program.next();
      assert.equal(url, `http://${addr}/`);
      await idsUntil(url, (ids) => ids.size === 2);
      assert.equal(await program.end(), 0);
    });
  });

  it('serve several addresses', async () => {
    await withProgram(['two'], async (program) => {
      const lines = [];
      for (let i = 0; i < 4; i++) lines.push((await program.next()).listening!);
      const addrs = [...new Set(lines)];
      assert.equal(addrs.length, 2);
      const answers = await Promise.all(addrs.map((addr) => get(`http://${addr}/id`)));
      assert.ok(answers.includes('second'));
      assert.ok(answers.some((answer) => /^\d+$/.test(answer)));
      assert.equal(await program.end(), 0);
    });
  });

  it('that cannot listen are an error of the main thread', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    try {
      await withProgram(['plain', String(port)], async (program) => {
        const line = await program.next();
        assert.equal(line.failed, `listen tcp 127.0.0.1:${port}: bind: address already in use`);
        assert.equal(line.code, 'EADDRINUSE');
        assert.equal(line.syscall, 'bind');
        assert.equal(await program.exited(), 1);
      });
    } finally {
      server.close();
    }
  });

  it('whose program throws are an error of the main thread', async () => {
    await withProgram(['throws'], async (program) => {
      assert.equal((await program.next()).failed, 'no program');
      assert.equal(await program.exited(), 1);
    });
  });

  it('are asked for rightly', async () => {
    const listen = (options: object) => listenAndServe('127.0.0.1:0', () => {}, options);
    const fetch = () => new Response();
    await assert.rejects(listen({ workers: '2' }), {
      name: 'TypeError',
      message: 'listenAndServe: option workers must be a number, "auto", or { count, module }',
    });
    for (const workers of [0, -1, 1.5, Number.NaN, 1025]) {
      await assert.rejects(listen({ workers }), {
        name: 'RangeError',
        message: 'listenAndServe: option workers must be an integer in 1..1024',
      });
    }
    await assert.rejects(listen({ workers: 2, network: 'unix' }), {
      message: 'listenAndServe: option workers is for tcp, not for unix',
    });
    await assert.rejects(serve({ fetch, path: '/run/x', workers: 2 }), {
      message: 'serve: option workers is for tcp',
    });
  });
});
