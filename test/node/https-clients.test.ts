/**
 * Clients that others have written against one server of https: curl, openssl, nghttp and h2load,
 * node:https, undici, in both versions. A program that is not installed is skipped.
 */
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Agent, fetch as undiciFetch, request } from 'undici';
import type { HandlerFunc } from '../../src/http.ts';
import { undiciConnector } from '../../src/node.ts';
import { localhost, noOpenSSL, secureServer, type SecureServer } from './secure-server.ts';

const timeout = 60_000;
const exec = promisify(execFile);

/** Of the bodies that must not be in memory as a whole. */
const HUGE = 100_000_000;
const block = Buffer.alloc(100_000, 'h');

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** The most bytes of buffers that were alive while a body went through. */
let most = 0;

function watch(): void {
  collect();
  most = Math.max(most, process.memoryUsage().arrayBuffers);
}

const handler: HandlerFunc = async (w, r) => {
  switch (r.path) {
    case '/huge':
      for (let sent = 0; sent < HUGE; sent += block.length) {
        await w.write(block);
        if (sent % 20_000_000 === 0) watch();
      }
      return;
    case '/count': {
      let [length, parts] = [0, 0];
      for await (const part of r.body) {
        length += part.length;
        if (parts++ % 1000 === 0) watch();
      }
      await w.write(String(length));
      return;
    }
    default:
      await w.write(`${r.proto} ${r.method} ${(await r.body.text()).length}`);
  }
};

let server: SecureServer;
let url: string;
let ca: string;

function missing(program: string, ...args: string[]): string | false {
  return spawnSync(program, args).error === undefined ? false : `${program} is not installed`;
}

suite('clients of https', { skip: noOpenSSL, timeout: 240_000 }, () => {
  before(async () => {
    server = await secureServer(handler);
    ({ url } = server);
    ca = localhost().cert;
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    assert.deepEqual(server.log, [], 'no client made a handler or a handshake fail');
  });

  const noCurl = missing('curl', '--version');

  async function curl(...args: string[]): Promise<string> {
    const { stdout } = await exec('curl', ['-sS', '--cacert', localhost().certFile, ...args]);
    return stdout;
  }

  for (const version of ['--http1.1', '--http2']) {
    const proto = version === '--http2' ? 'HTTP/2.0' : 'HTTP/1.1';

    test(
      `curl ${version}: requests, and several on one connection`,
      { skip: noCurl, timeout },
      async () => {
        assert.equal(await curl(version, `${url}/`), `${proto} GET 0`);
        assert.equal(
          await curl(version, '-d', 'x'.repeat(100_000), `${url}/`),
          `${proto} POST 100000`,
        );
        assert.equal(await curl(version, `${url}/a`, `${url}/b`), `${proto} GET 0`.repeat(2));
        assert.match(await curl(version, '-I', `${url}/`), /^HTTP\/(1\.1|2) 200/);
      },
    );

    test(
      `curl ${version}: 100 MB down and up, and little memory`,
      { skip: noCurl, timeout },
      async () => {
        most = 0;
        collect();
        const idle = process.memoryUsage().arrayBuffers;
        const child = spawn('curl', [
          '-sS',
          '--cacert',
          localhost().certFile,
          version,
          `${url}/huge`,
        ]);
        let received = 0;
        for await (const chunk of child.stdout) received += (chunk as Buffer).length;
        assert.equal(received, HUGE);
        const upload = spawn('curl', [
          '-sS',
          '--cacert',
          localhost().certFile,
          version,
          '-T',
          '-',
          `${url}/count`,
        ]);
        const answer = text(upload.stdout);
        for (let sent = 0; sent < HUGE; sent += block.length) {
          if (!upload.stdin.write(block)) await once(upload.stdin, 'drain');
        }
        upload.stdin.end();
        assert.equal(await answer, String(HUGE));
        assert.ok(most - idle < 48 << 20, `${(most - idle) >> 20} MiB more`);
      },
    );
  }

  test(
    'openssl s_client: a request by hand, and close_notify at the end',
    { timeout },
    async () => {
      for (const version of ['-tls1_2', '-tls1_3']) {
        const args = [
          's_client',
          '-connect',
          server.address,
          version,
          '-alpn',
          'http/1.1',
          '-quiet',
        ];
        const child = spawn('openssl', [...args, '-verify_quiet', '-CAfile', localhost().certFile]);
        child.stdin.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
        const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
        assert.match(said, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nHTTP\/1\.1 GET 0$/);
        assert.equal(code, 0, 'the end of the stream is no truncation');
      }
    },
  );

  test(
    'nghttp: many streams of one connection',
    { skip: missing('nghttp', '--version'), timeout },
    async () => {
      const urls = Array.from({ length: 50 }, (_, i) => `${url}/${i}`);
      const { stdout } = await exec('nghttp', ['--no-verify-peer', ...urls]);
      assert.equal(stdout.split('HTTP/2.0 GET 0').length - 1, 50);
    },
  );

  test(
    'h2load: thousands of requests, none fails',
    { skip: missing('h2load', '--version'), timeout },
    async () => {
      for (const version of [['-m', '50'], ['--h1']]) {
        const { stdout } = await exec('h2load', ['-n', '5000', '-c', '8', ...version, `${url}/x`]);
        assert.match(stdout, /5000 succeeded, 0 failed, 0 errored, 0 timeout/);
      }
    },
  );

  test('node:https: a kept connection, and a session that is resumed', { timeout }, async () => {
    const agent = new HttpsAgent({ keepAlive: true, maxSockets: 2, ca });
    const ask = async (body: string): Promise<string> => {
      const asked = httpsRequest(url, { agent, method: 'POST' });
      asked.end(body);
      const [reply] = await once(asked, 'response');
      return text(reply);
    };
    for (let i = 0; i < 5; i++) assert.equal(await ask('x'.repeat(i)), `HTTP/1.1 POST ${i}`);
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask('four')));
    assert.ok(replies.every((reply) => reply === 'HTTP/1.1 POST 4'));
    agent.destroy();
  });

  for (const allowH2 of [false, true]) {
    const proto = allowH2 ? 'HTTP/2.0' : 'HTTP/1.1';

    test(`undici over our dial, ${proto}`, { timeout }, async () => {
      const connect = undiciConnector({ tls: { ca }, allowH2 });
      const dispatcher = new Agent({ connect, allowH2, connections: 2 });
      const replies = await Promise.all(
        Array.from({ length: 50 }, async () => (await request(url, { dispatcher })).body.text()),
      );
      assert.ok(
        replies.every((reply) => reply === `${proto} GET 0`),
        replies[0],
      );
      const body = 'p'.repeat(1_000_000);
      const posted = await undiciFetch(url, { dispatcher, method: 'POST', body });
      assert.equal(await posted.text(), `${proto} POST 1000000`);
      const hash = createHash('sha256');
      const huge = await request(`${url}/huge`, { dispatcher });
      for await (const chunk of huge.body) hash.update(chunk as Buffer);
      const expected = createHash('sha256').update(Buffer.alloc(HUGE, 'h')).digest('hex');
      assert.equal(hash.digest('hex'), expected);
      await dispatcher.close();
    });
  }
});
