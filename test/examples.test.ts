/** Every example is short, and does what it says. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { dial } from '../src/index.ts';
import { parsePrometheus } from './http/prometheus.ts';
import { noPing } from './net/machine.ts';
import { noPostgres, startPostgres } from './node/database-servers.ts';
import { localhost, noOpenSSL } from './node/secure-server.ts';

const sources = new URL('../../examples/', import.meta.url);
const MOST_LINES = 40;

function compiled(name: string): string {
  return fileURLToPath(new URL(`../examples/${name}.js`, import.meta.url));
}

/** What an example prints that ends by itself. */
async function run(name: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [compiled(name)]);
  assert.equal(stderr, '');
  return stdout;
}

interface Started {
  /** What its first line says after "on" or "serving". */
  readonly place: string;
  /** Settles when it has printed that many lines more. */
  readonly printed: (count: number) => Promise<void>;
  readonly send: (signal: NodeJS.Signals) => void;
  readonly stop: (signal: NodeJS.Signals) => Promise<string>;
}

/** Starts an example that serves until it is stopped. */
async function start(t: TestContext, name: string, ...args: string[]): Promise<Started> {
  const child = spawn(process.execPath, [compiled(name), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  t.after(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  const lines: string[] = [];
  const output = createInterface(child.stdout).on('line', (line) => lines.push(line));
  await Promise.race([once(output, 'line'), closed]);
  const stop = async (signal: NodeJS.Signals): Promise<string> => {
    child.kill(signal);
    await closed;
    return lines.slice(1).join('\n');
  };
  const printed = async (count: number): Promise<void> => {
    while (lines.length <= count) await once(output, 'line');
  };
  const send = (signal: NodeJS.Signals): void => void child.kill(signal);
  return { place: lines[0]?.replace(/^.* /, '') ?? '', printed, send, stop };
}

const names = readdirSync(sources).map((file) => file.replace(/\.ts$/, ''));

suite('each is short, and its header says how to run it', () => {
  for (const name of names) {
    test(name, () => {
      const text = readFileSync(new URL(`${name}.ts`, sources), 'utf8');
      assert.ok(text.split('\n').length <= MOST_LINES);
      assert.ok(text.includes(`node dist/examples/${name}.js`));
    });
  }
});

/** What those print that end by themselves. */
const ending: Readonly<Record<string, string | RegExp>> = {
  deadline: 'timeout: true, after "read"\nlate, but not lost\n',
  'half-close': 'you sent 1000000 bytes\n',
  restart: 'served by both, none was lost\n',
  ping: /^(8 bytes from 127\.0\.0\.1: seq=\d [\d.]+ ms\n){3}by a (raw|ping) socket\n$/,
  'tcp-info': /^connected: round trip \d+ us, .*, 0 not sent yet\n.*\nread: .* 0 not sent yet\n$/,
  'unix-echo': 'listening on an abstract name\none → one\ntwo → two\nthree → three\nthen null\n',
};

/** Why an example cannot run here. */
const impossible: Readonly<Record<string, string | false>> = {
  ping: noPing(),
  postgres: noPostgres,
  tls: noOpenSSL,
};

suite('those that end', () => {
  for (const [name, output] of Object.entries(ending)) {
    test(name, { skip: impossible[name] ?? false }, async () => {
      const printed = await run(name);
      if (typeof output === 'string') assert.equal(printed, output);
      else assert.match(printed, output);
    });
  }
});

/** What is asked of those that serve. */
const serving: Readonly<Record<string, (t: TestContext) => Promise<void>>> = {
  'tcp-echo': async (t) => {
    const { place } = await start(t, 'tcp-echo', '127.0.0.1:0');
    const socket = connect(Number(place.split(':')[1]), '127.0.0.1');
    socket.end('there and back');
    assert.equal((await socket.setEncoding('utf8').toArray()).join(''), 'there and back');
  },

  'sequential-echo': async (t) => {
    const { place } = await start(t, 'sequential-echo', '0');
    // The second is served when the first has ended.
    for (const message of ['one', 'two'.repeat(100_000)]) {
      const socket = connect(Number(place), '127.0.0.1');
      socket.end(message);
      assert.equal((await socket.setEncoding('utf8').toArray()).join(''), message);
    }
  },

  'select-chat': async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'netfd-chat-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const { place } = await start(t, 'select-chat', join(folder, 'socket'));
    const heard = ['', '', ''];
    const clients: Socket[] = [];
    t.after(() => clients.forEach((client) => client.destroy()));
    for (const i of heard.keys()) {
      const client = connect(place).on('data', (chunk) => (heard[i] += chunk.toString()));
      clients.push(client);
      await once(client, 'ready');
    }
    const hears = async (i: number, text: string): Promise<void> => {
      while (heard[i] !== text) await once(clients[i]!, 'data');
    };
    const [ann, ben, eve] = clients as [Socket, Socket, Socket];
    // They are accepted in the order in which they came: when the last is heard, all can hear.
    eve.write('hello');
    await Promise.all([hears(0, 'hello'), hears(1, 'hello')]);
    ben.end(', bye');
    await Promise.all([once(ben, 'close'), hears(0, 'hello, bye'), hears(2, ', bye')]);
    ann.write(', eve');
    await hears(2, ', bye, eve');
    assert.deepEqual(heard, ['hello, bye', 'hello', ', bye, eve']);
  },

  'tcp-proxy': async (t) => {
    const { place: echo } = await start(t, 'tcp-echo', '127.0.0.1:0');
    const { place } = await start(t, 'tcp-proxy', '127.0.0.1:0', echo);
    const socket = connect(Number(place.split(':')[1]), '127.0.0.1');
    socket.end('through the proxy, there and back');
    const answer = (await socket.setEncoding('utf8').toArray()).join('');
    assert.equal(answer, 'through the proxy, there and back');
  },

  'unix-logger': async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'netfd-logger-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const { place, printed, stop } = await start(t, 'unix-logger', join(folder, 'socket'));
    const conn = await dial('unixgram', place);
    await conn.write('hello');
    await conn.write(`${'x'.repeat(8192)}and more`);
    conn.close();
    await printed(2);
    const who = `process ${process.pid} of user ${process.getuid!()}`;
    assert.equal(await stop('SIGINT'), `${who}: hello\n${who}: ${'x'.repeat(8192)} ...`);
    assert.deepEqual(readdirSync(folder), [], 'its socket is gone');
  },

  'udp-relay': async (t) => {
    const target = createSocket('udp4');
    t.after(() => target.close());
    target.on('message', (data, { port, address }) =>
      target.send(`<${data.toString()}>`, port, address),
    );
    target.bind(0, '127.0.0.1');
    await once(target, 'listening');
    const { place } = await start(
      t,
      'udp-relay',
      '127.0.0.1:0',
      `127.0.0.1:${target.address().port}`,
    );
    const client = createSocket('udp4');
    t.after(() => client.close());
    for (const text of ['one', 'two']) {
      client.send(text, Number(place.split(':')[1]), '127.0.0.1');
      const [answer] = (await once(client, 'message')) as [Buffer];
      assert.equal(answer.toString(), `<${text}>`);
    }
  },

  'http-hello': async (t) => {
    const { place, stop } = await start(t, 'http-hello', '127.0.0.1:0');
    const text = async (path: string, init?: RequestInit): Promise<string> =>
      (await fetch(new URL(path, place), init)).text();
    assert.equal(await text('/hello'), 'Hello, world!\n');
    assert.equal(await text('/hello/Ada%20L'), 'Hello, Ada L!\n');
    assert.equal(await text('/count', { method: 'POST', body: '12345' }), '5 bytes\n');
    assert.equal(await stop('SIGINT'), 'all replies are complete');
  },

  mux: async (t) => {
    const { place } = await start(t, 'mux', '127.0.0.1:0', fileURLToPath(sources));
    const text = async (path: string): Promise<string> =>
      (await fetch(new URL(path, place))).text();
    assert.match(await text('/'), /<a href="\.\/mux\.ts">/);
    assert.match(await text('/files/mux.ts'), /^\/\*\*\n \* Handlers of every kind/);
    const url = new URL('/api/x?y', place).href;
    assert.deepEqual(JSON.parse(await text('/api/x?y')), { method: 'GET', url });
  },

  tls: async (t) => {
    const { certFile, keyFile, cert } = localhost();
    const { place, printed, send, stop } = await start(t, 'tls', '127.0.0.1:0', certFile, keyFile);
    const ask = async (): Promise<string> => {
      const port = Number(place.split(':')[1]);
      const asked = httpsGet({ host: 'localhost', port, ca: cert, agent: false });
      const [reply] = (await once(asked, 'response')) as [IncomingMessage];
      return (await reply.setEncoding('utf8').toArray()).join('');
    };
    assert.equal(await ask(), 'HTTP/1.1, TLSv1.3, localhost\n');
    send('SIGHUP');
    await printed(1);
    assert.equal(await ask(), 'HTTP/1.1, TLSv1.3, localhost\n');
    assert.equal(await stop('SIGINT'), 'read again\nall replies are complete');
  },

  postgres: async () => {
    const server = await startPostgres();
    try {
      const args = [compiled('postgres'), server.folder, String(server.port), 'test'];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      assert.equal(stdout, '1 1\n2 4\n3 9\nit works\n');
    } finally {
      await server.stop();
    }
  },

  'fetch-handler': async (t) => {
    const { place } = await start(t, 'fetch-handler', '0');
    const answer = (path: string, body?: string): Promise<Response> =>
      fetch(new URL(path, place), body === undefined ? {} : { method: 'POST', body });
    assert.match(await (await answer('/')).text(), /^You are 127\.0\.0\.1:\d+\.\n$/);
    assert.deepEqual(await (await answer('/json', 'x')).json(), { method: 'POST', body: 'x' });
    assert.equal(await (await answer('/upper', 'whisper')).text(), 'WHISPER');
    assert.equal((await answer('/none')).status, 404);
  },
  files: async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'netfd-example-'));
    t.after(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<p>home</p>');
    writeFileSync(join(folder, '404.html'), '<p>lost</p>');
    writeFileSync(join(folder, 'assets', 'app.js'), 'code');
    writeFileSync(join(folder, 'assets', 'app.js.gz'), gzipSync('code'));
    const { place } = await start(t, 'files', '0', folder);
    const home = await fetch(place);
    assert.equal(await home.text(), '<p>home</p>');
    assert.equal(home.headers.get('cache-control'), 'no-cache');
    const app = await fetch(new URL('assets/app.js', place));
    assert.equal(app.headers.get('content-encoding'), 'gzip');
    assert.match(app.headers.get('cache-control') ?? '', /immutable/);
    assert.equal(await app.text(), 'code');
    const lost = await fetch(new URL('none', place));
    assert.deepEqual([lost.status, await lost.text()], [404, '<p>lost</p>']);
    const started = await fetch(new URL('started.txt', place), { headers: { range: 'bytes=0-3' } });
    assert.deepEqual([started.status, (await started.text()).length], [206, 4]);
  },

  express: async (t) => {
    const { place } = await start(t, 'express', '127.0.0.1:0');
    const answer = async (path: string, init?: RequestInit): Promise<string> =>
      (await fetch(new URL(path, place), init)).text();
    assert.equal(await answer('/users/ann'), '{"name":"ann","ip":"127.0.0.1"}');
    const headers = { 'content-type': 'application/json' };
    assert.equal(await answer('/sum', { method: 'POST', body: '[1,2,3]', headers }), '6');
    assert.equal(await answer('/ping'), 'pong\n');
  },

  websocket: async (t) => {
    const { place } = await start(t, 'websocket', '127.0.0.1:0');
    const clients = [new WebSocket(place), new WebSocket(place)];
    t.after(() => clients.forEach((client) => client.terminate()));
    await Promise.all(clients.map((client) => once(client, 'open')));
    const heard = clients.map((client) => once(client, 'message'));
    clients[0]!.send('to all');
    for (const [data] of await Promise.all(heard)) assert.equal(String(data), 'to all');
  },

  forms: async (t) => {
    const { place } = await start(t, 'forms', '127.0.0.1:0');
    const post = async (path: string, body: FormData | URLSearchParams): Promise<string> =>
      (await fetch(new URL(path, place), { method: 'POST', body })).text();
    const form = new FormData();
    form.append('title', 'ä holiday');
    form.append('photo', new Blob(['x'.repeat(2_000_000)]), 'picture.jpg');
    assert.equal(await post('/upload', form), 'title: ä holiday\nphoto: picture.jpg, 2000000\n');
    assert.equal(await post('/search?q=x', new URLSearchParams({ q: 'ä' })), 'You look for ä.\n');
    const answer = async (headers: Record<string, string>): Promise<string> =>
      (await fetch(new URL('/admin/', place), { headers })).text();
    assert.equal(await answer({}), 'Unauthorized\n');
    assert.equal(
      await answer({ Authorization: `Basic ${btoa('admin:open sesame')}` }),
      'Welcome.\n',
    );
  },

  observability: async (t) => {
    const { place, printed, stop } = await start(t, 'observability', '127.0.0.1:0');
    const answer = await fetch(new URL('/hello/you', place), {
      headers: { 'X-Request-Id': 'a-1' },
    });
    assert.equal(await answer.text(), 'Hello, you!\n');
    assert.equal(answer.headers.get('X-Request-Id'), 'a-1');
    assert.equal((await fetch(new URL('/slow', place))).status, 503);
    const samples = parsePrometheus(await (await fetch(new URL('/metrics', place))).text());
    const hello = samples.find(({ name, labels }) => {
      return (
        name === 'http_server_request_duration_seconds_count' && labels.includes('/hello/{name}')
      );
    });
    assert.equal(hello?.value, 1);
    await printed(3);
    const lines = (await stop('SIGTERM')).split('\n').map((line) => JSON.parse(line) as object);
    const [first, second] = lines as [Record<string, unknown>, Record<string, unknown>];
    assert.deepEqual(
      [first['id'], first['route'], first['status']],
      ['a-1', 'GET /hello/{name}', 200],
    );
    assert.deepEqual([second['target'], second['status']], ['/slow', 503]);
  },

  workers: async (t) => {
    const { place, stop } = await start(t, 'workers', '0');
    const answer = await fetch(place);
    assert.match(await answer.text(), /^Thread \d+ is at your service\.\n$/);
    assert.equal(await stop('SIGTERM'), 'all threads have ended');
  },
};

suite('those that serve', () => {
  for (const [name, check] of Object.entries(serving)) {
    test(name, { skip: impossible[name] ?? false }, check);
  }
});

test('each is one or the other', () => {
  assert.deepEqual(names.toSorted(), [...Object.keys(ending), ...Object.keys(serving)].toSorted());
});
