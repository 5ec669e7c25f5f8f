/** netfd serve DIR by raw requests: true files, over true connections, and all ways out of the folder. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { serving } from './program.ts';
import { ask, bodyOf, get, RawClient, statusOf } from './raw-client.ts';

const SECRET = 'nobody may see this';
const large = randomBytes(5 * 1024 * 1024 + 17);

let base: string;
let root: string;

before(() => {
  base = mkdtempSync(join(tmpdir(), 'netfd-site-'));
  root = join(base, 'site');
  for (const folder of ['site/docs', 'site/.git', 'site/with', 'site-private']) {
    mkdirSync(join(base, folder), { recursive: true });
  }
  for (const path of ['secret.txt', 'site-private/secret.txt', 'site/.git/config', 'site/.env']) {
    writeFileSync(join(base, path), SECRET);
  }
  writeFileSync(join(root, 'a.txt'), 'hello');
  writeFileSync(join(root, 'large.bin'), large);
  writeFileSync(join(root, 'docs', 'ä & b.html'), '<p>');
  writeFileSync(join(root, 'with', 'index.html'), '<p>index');
  utimesSync(join(root, 'a.txt'), 1_700_000_000, 1_700_000_000);
  symlinkSync('../secret.txt', join(root, 'out.txt'));
  symlinkSync('..', join(root, 'up'));
  symlinkSync('/', join(root, 'system'));
  symlinkSync('.git/config', join(root, 'config.txt'));
  symlinkSync('docs', join(root, 'manual'));
});

after(() => rmSync(base, { recursive: true }));

suite('what is there', () => {
  test('a file', async (t) => {
    const { port } = await serving(t, root);
    const answer = await get(t, port, '/a.txt');
    assert.equal(statusOf(answer), 200);
    assert.equal(bodyOf(answer), 'hello');
    assert.match(answer, /\r\nLast-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\n/);
  });

  test('a large one, byte for byte, on a kept connection', async (t) => {
    const { port } = await serving(t, root);
    const client = await RawClient.connect(t, port);
    for (let round = 0; round < 2; round++) {
      client.send('GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n');
      const head = await client.until(/\r\n\r\n/);
      assert.match(head, new RegExp(`\r\nContent-Length: ${large.length}\r\n`));
      while (client.received.length < large.length) {
        await new Promise((resolve) => client.socket.once('data', resolve));
      }
      const body = Buffer.from(client.received.slice(0, large.length), 'latin1');
      client.received = client.received.slice(large.length);
      assert.equal(sha256(body), sha256(large));
    }
  });

  test('HEAD, then GET if it has changed', async (t) => {
    const { port } = await serving(t, root);
    const head = await ask(t, port, 'HEAD /a.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.equal(statusOf(head), 200);
    assert.match(head, /\r\nContent-Length: 5\r\n/);
    assert.equal(bodyOf(head), '');
    const [, modified] = /\r\nLast-Modified: (.*)\r\n/.exec(head) ?? [];
    const again = await get(t, port, '/a.txt', `If-Modified-Since: ${modified}\r\n`);
    assert.equal(statusOf(again), 304);
    assert.equal(bodyOf(again), '');
    const older = 'If-Modified-Since: Tue, 14 Nov 2023 22:13:19 GMT\r\n';
    assert.equal(statusOf(await get(t, port, '/a.txt', older)), 200);
  });

  test('a directory: redirect, listing, index', async (t) => {
    const { port } = await serving(t, root);
    const redirect = await get(t, port, '/docs');
    assert.equal(statusOf(redirect), 301);
    assert.match(redirect, /\r\nLocation: \.\/docs\/\r\n/);
    const listing = await get(t, port, '/docs/');
    const [, link] = /href="\.\/([^"]*)"/.exec(listing) ?? [];
    assert.equal(bodyOf(await get(t, port, `/docs/${link}`)), '<p>');
    assert.equal(bodyOf(await get(t, port, '/with/')), '<p>index');
  });

  test('a link that stays inside', async (t) => {
    const { port } = await serving(t, root);
    assert.equal(statusOf(await get(t, port, '/manual/')), 200);
  });

  test('the listing names only what can be had', async (t) => {
    const { port } = await serving(t, root);
    const names = [...(await get(t, port, '/')).matchAll(/href="\.\/([^"]*)"/g)];
    assert.deepEqual(
      names.map(([, name]) => name),
      ['docs/', 'manual/', 'with/', 'a.txt', 'large.bin'],
    );
  });

  test('other methods are refused', async (t) => {
    const { port } = await serving(t, root);
    const request = 'DELETE /a.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const answer = await ask(t, port, request);
    assert.equal(statusOf(answer), 405);
    assert.match(answer, /\r\nAllow: GET, HEAD\r\n/);
    assert.equal(readFileSync(join(root, 'a.txt'), 'utf8'), 'hello');
  });
});

/** Each of them would be a way out, or in, if it were taken at its word. */
const targets = [
  '/none',
  '/../secret.txt',
  '/docs/../../secret.txt',
  '/./../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/%2e%2e%2fsecret.txt',
  '/.%2e/secret.txt',
  '/%252e%252e/secret.txt',
  '/docs/%2e%2e/%2e%2e/secret.txt',
  '/docs/..;/../secret.txt',
  '/..\\secret.txt',
  '/..%5csecret.txt',
  '/%c0%ae%c0%ae/secret.txt',
  '/%c0%af..%c0%afsecret.txt',
  '//../secret.txt',
  '/../site-private/secret.txt',
  '/..%2fsite-private%2fsecret.txt',
  '/.git/config',
  '/%2egit/config',
  '/%2Egit%2fconfig',
  '/.env',
  '/docs/../.env',
  '/out.txt',
  '/up/secret.txt',
  '/up/site-private/secret.txt',
  '/system/etc/passwd',
  '/config.txt',
  '/a.txt%00',
  '/a.txt%00.html',
  '/a.txt/../../secret.txt',
  'http://x/../secret.txt',
  'http://x/%2e%2e/secret.txt',
  `/${'a'.repeat(300)}`,
  `/${'../'.repeat(50)}etc/passwd`,
  `/${'%2e%2e%2f'.repeat(50)}etc/passwd`,
];

test('nothing outside, nothing hidden, by no path', async (t) => {
  const { port } = await serving(t, root);
  for (const target of targets) {
    const answer = await get(t, port, target);
    assert.ok([400, 404].includes(statusOf(answer)), `${target}: ${answer}`);
    assert.ok(!answer.includes(SECRET) && !answer.includes('root:'), `${target}: ${answer}`);
  }
});

test('a client that goes away leaves nothing open and nothing in the log', async (t) => {
  const { program, port } = await serving(t, root);
  const open = (): string[] => {
    const fds = `/proc/${program.pid}/fd`;
    return readdirSync(fds).filter((fd) => linkOf(`${fds}/${fd}`).startsWith(root));
  };
  const client = await RawClient.connect(t, port);
  client.socket.pause();
  client.send('GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n');
  while (open().length === 0) await new Promise(setImmediate);
  client.socket.resetAndDestroy();
  while (open().length > 0) await new Promise(setImmediate);
  assert.equal(statusOf(await get(t, port, '/a.txt')), 200);
  assert.equal(program.stderr, '');
});

/** Empty for a descriptor that was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
