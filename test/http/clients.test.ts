/**
 * Clients that others have written, against one server: curl, nc, wrk, a browser, node:http, undici and
 * the runtime's fetch. A program that is not installed is skipped.
 */
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { text as textOf } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Client, Pool } from 'undici';
import type { HandlerFunc } from '../../src/http/handler.ts';
import { get } from './raw-cases.ts';
import { deferred, run, type Running, turnsUntil, withoutDates } from './raw-client.ts';

const timeout = 60_000;
const exec = promisify(execFile);

const PAGE = `<!doctype html>
<title>page</title>
<body>waiting
<script>
Promise.all([fetch('/data.json'), fetch('/echo', { method: 'POST', body: 'posted' })])
  .then((replies) => Promise.all([replies[0].json(), replies[1].text()]))
  .then(([data, echo]) => { document.body.textContent = data.words.join(' ') + ' | ' + echo; });
</script>
`;

const BIG = 5_000_000;

/** The signals of requests to /wait. */
let waiting = deferred<AbortSignal>();

const handler: HandlerFunc = async (w, r) => {
  switch (r.path) {
    case '/page':
      return w.write(PAGE);
    case '/data.json':
      w.header().set('Content-Type', 'application/json');
      return w.write(JSON.stringify({ words: ['it', 'works'] }));
    case '/echo':
      return w.write(`${r.method} ${r.contentLength} ${await r.body.text()}`);
    case '/count': {
      let length = 0;
      for await (const part of r.body) length += part.length;
      return w.write(String(length));
    }
    case '/big': {
      const block = new Uint8Array(50_000).fill(120);
      for (let sent = 0; sent < BIG; sent += block.length) await w.write(block);
      return undefined;
    }
    case '/wait':
      waiting.resolve(r.signal);
      await new Promise((resolve) => r.signal.addEventListener('abort', resolve));
      return undefined;
    default:
      return w.write(`${r.method} ${r.target}`);
  }
};

let running: Running;
/** Connections so far. */
let opened = 0;
/** "127.0.0.1:1234" */
let address: string;
let url: string;

before(async () => {
  const connState = (_conn: unknown, state: string): void => void (state === 'new' && opened++);
  running = await run('tcp', handler, { connState });
  address = String(running.listener.addr);
  url = `http://${address}`;
});

after(async () => {
  assert.deepEqual(running.log, [], 'no client made a handler fail');
  await running[Symbol.asyncDispose]();
});

/** How many connections `use` has opened. */
async function connectionsOf(use: () => Promise<unknown>): Promise<number> {
  const start = opened;
  await use();
  return opened - start;
}

/** Why a test that needs `program` is skipped, or false. */
function unlessInstalled(program: string): string | false {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  return error === undefined ? false : `${program} is not installed`;
}

suite('curl', { timeout, skip: unlessInstalled('curl') }, () => {
  const curl = async (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
    exec('curl', ['--silent', '--show-error', '--max-time', '30', ...args], {
      maxBuffer: 4 * BIG,
      encoding: 'latin1',
    });

  test('two URLs on one connection', async () => {
    const opens = await connectionsOf(async () => {
      const { stdout } = await curl(`${url}/a`, `${url}/b?c`);
      assert.equal(stdout, 'GET /aGET /b?c');
    });
    assert.equal(opens, 1);
  });

  test('head and body', async () => {
    const { stdout } = await curl('--include', `${url}/a`);
    assert.equal(
      withoutDates(stdout),
      'HTTP/1.1 200 OK\r\nDate: *\r\nContent-Length: 6\r\n' +
        'Content-Type: text/plain; charset=utf-8\r\n\r\nGET /a',
    );
    const { stdout: head } = await curl('--head', `${url}/a`);
    assert.match(head, /\r\nContent-Length: 7\r\n/);
  });

  test('POST', async () => {
    const { stdout } = await curl('--data', 'a=b', `${url}/echo`);
    assert.equal(stdout, 'POST 3 a=b');
  });

  test('a chunked upload', async () => {
    const args = ['--silent', '--upload-file', '-', '--max-time', '30', `${url}/count`];
    const child = spawn('curl', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end('x'.repeat(BIG));
    assert.equal(await textOf(child.stdout), String(BIG));
  });

  test('Expect: 100-continue', async () => {
    const data = 'x'.repeat(10_000);
    const expect = ['--header', 'Expect: 100-continue', '--verbose'];
    const { stdout, stderr } = await curl(...expect, '--data', data, `${url}/count`);
    assert.equal(stdout, '10000');
    assert.match(stderr, /^< HTTP\/1\.1 100 Continue\r$/m);
    const refused = await curl(...expect, '--data', data, `${url}/unread`);
    assert.equal(refused.stdout, 'POST /unread');
    assert.match(refused.stderr, /^< Connection: close\r$/m);
  });

  test('HTTP/1.0', async () => {
    const { stdout } = await curl('--http1.0', `${url}/a`, `${url}/big`);
    assert.equal(stdout.length, 6 + BIG);
  });

  test('a long download', async () => {
    const opens = await connectionsOf(async () => {
      const { stdout } = await curl(`${url}/big`, `${url}/a`);
      assert.equal(stdout.length, BIG + 6);
    });
    assert.equal(opens, 1);
  });
});

suite('nc', { timeout, skip: unlessInstalled('nc') }, () => {
  test('a request by hand', async () => {
    const { hostname, port } = new URL(url);
    const child = spawn('nc', ['-N', hostname, port], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(`${get('/a')}${get('/b')}\r\n`);
    const length = `Content-Length: 6\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n`;
    const ok = (body: string): string => `HTTP/1.1 200 OK\r\nDate: *\r\n${length}${body}`;
    assert.equal(withoutDates(await textOf(child.stdout)), ok('GET /a') + ok('GET /b'));
  });

  test('a line end of LF alone is answered', async () => {
    const { hostname, port } = new URL(url);
    const child = spawn('nc', [hostname, port], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.write('GET / HTTP/1.1\n');
    // It waits for the end of its input, whatever comes.
    child.stdout.once('data', () => child.stdin.end());
    assert.match(await textOf(child.stdout), /^HTTP\/1\.1 400 Bad Request\r\n/);
  });
});

suite('wrk', { timeout, skip: unlessInstalled('wrk') }, () => {
  test('a second of it, without an error', async () => {
    const { stdout } = await exec('wrk', ['-t1', '-c20', '-d1s', `${url}/a`]);
    const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
    assert.ok(requests > 100, stdout);
    assert.doesNotMatch(stdout, /Socket errors|Non-2xx/);
  });
});

suite('Chromium', { timeout, skip: unlessInstalled('chromium') }, () => {
  test('a page that fetches', async () => {
    const profile = mkdtempSync(join(tmpdir(), 'netfd-chromium-'));
    const flags =
      '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run ' +
      '--disable-background-networking --disable-component-update --disable-sync ' +
      `--virtual-time-budget=20000 --user-data-dir=${profile}`;
    try {
      const args = [...flags.split(' '), '--dump-dom', `${url}/page`];
      const { stdout } = await exec('chromium', args, { timeout: 50_000 });
      assert.match(stdout, /<body>it works \| POST 6 posted<\/body>/);
    } finally {
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});

suite('node:http', { timeout }, () => {
  interface Reply {
    status: number | undefined;
    body: string;
  }

  function ask(agent: Agent, path: string, method = 'GET', body?: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(`${url}${path}`, { agent, method }, (response) => {
        const { statusCode: status } = response;
        textOf(response).then((text) => resolve({ status, body: text }), reject);
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  test('an agent that keeps its connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const opens = await connectionsOf(async () => {
      for (let i = 0; i < 5; i++) {
        assert.deepEqual(await ask(agent, `/${i}`), { status: 200, body: `GET /${i}` });
      }
      const posted = await ask(agent, '/echo', 'POST', 'hello');
      assert.equal(posted.body, 'POST 5 hello');
      assert.equal((await ask(agent, '/big')).body.length, BIG);
      assert.equal((await ask(agent, '/last')).body, 'GET /last');
    });
    assert.equal(opens, 1);
    agent.destroy();
  });

  test('an agent with several connections', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const paths = Array.from({ length: 200 }, (_, i) => `/${i}`);
    const opens = await connectionsOf(async () => {
      const replies = await Promise.all(paths.map((path) => ask(agent, path)));
      assert.deepEqual(
        replies.map(({ body }) => body),
        paths.map((path) => `GET ${path}`),
      );
    });
    assert.equal(opens, 8);
    agent.destroy();
  });

  test('100-continue', async () => {
    const request = httpRequest(`${url}/echo`, {
      method: 'POST',
      headers: { Expect: '100-continue', 'Content-Length': 5 },
    });
    const body = new Promise<string>((resolve, reject) => {
      request.on('response', (response) => void textOf(response).then(resolve, reject));
      request.on('error', reject);
    });
    request.flushHeaders();
    await new Promise((resolve) => request.on('continue', resolve));
    request.end('hello');
    assert.equal(await body, 'POST 5 hello');
  });

  test('a client that aborts', async () => {
    waiting = deferred();
    const request = httpRequest(`${url}/wait`);
    request.on('error', () => {});
    request.end();
    const signal = await waiting.promise;
    request.destroy();
    await turnsUntil(() => signal.aborted);
  });
});

suite('undici', { timeout }, () => {
  test('pipelining', async () => {
    const client = new Client(url, { pipelining: 10 });
    const opens = await connectionsOf(async () => {
      const texts = await Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          const { statusCode, body } = await client.request({ path: `/${i}`, method: 'GET' });
          assert.equal(statusCode, 200);
          return body.text();
        }),
      );
      assert.deepEqual(
        texts,
        texts.map((_, i) => `GET /${i}`),
      );
    });
    assert.equal(opens, 1);
    await client.close();
  });

  test('uploads and downloads on a few connections', async () => {
    const pool = new Pool(url, { connections: 4 });
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const upload = await pool.request({
          path: '/count',
          method: 'POST',
          body: 'x'.repeat(i * 10_000),
        });
        assert.equal(await upload.body.text(), String(i * 10_000));
        const download = await pool.request({ path: '/big', method: 'GET' });
        assert.equal((await download.body.arrayBuffer()).byteLength, BIG);
      }),
    );
    await pool.close();
  });
});

suite('fetch', { timeout }, () => {
  test('GET, POST, and a streamed upload', async () => {
    assert.equal(await (await fetch(`${url}/a`)).text(), 'GET /a');
    const post = await fetch(`${url}/echo`, { method: 'POST', body: 'hello' });
    assert.equal(await post.text(), 'POST 5 hello');
    const body = new Blob(['x'.repeat(BIG)]).stream();
    const init = { method: 'POST', body, duplex: 'half' };
    assert.equal(await (await fetch(`${url}/count`, init)).text(), String(BIG));
  });

  test('a client that aborts', async () => {
    waiting = deferred();
    const controller = new AbortController();
    const reply = fetch(`${url}/wait`, { signal: controller.signal });
    const signal = await waiting.promise;
    controller.abort();
    await assert.rejects(reply, { name: 'AbortError' });
    await turnsUntil(() => signal.aborted);
  });
});
