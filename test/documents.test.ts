/** What the documents say can be followed: their links, the files they name, the rules they quote, the code. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from './net/free-port.ts';

const run = promisify(execFile);

const root: string = fileURLToPath(new URL('../../', import.meta.url));

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

const decisions = readdirSync(join(root, 'docs/decisions')).map((name) => `docs/decisions/${name}`);
const pages = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);
const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'bench/README.md',
  ...pages,
  ...decisions,
];

for (const path of documents) {
  suite(path, () => {
    const text = read(path);

    test('its links lead somewhere', () => {
      const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(
        ([, link]) => link as string,
      );
      const local = links.filter((link) => !link.includes('://'));
      const lost = local.filter((link) => !existsSync(join(root, dirname(path), link)));
      assert.deepEqual(lost, []);
    });

    test('the files that it names are there', () => {
      const names = [...text.matchAll(/`((?:src|native|test|tools|docs)\/[\w./-]+)`/g)];
      const lost = names
        .map(([, name]) => name as string)
        .filter((name) => !existsSync(join(root, name)));
      assert.deepEqual(lost, []);
    });
  });
}

test('the rules in ARCHITECTURE.md are those of tools/layers.txt', () => {
  const lines = read('tools/layers.txt').split('\n');
  const rules = lines.filter((line) => line !== '' && !line.startsWith('#')).join('\n');
  assert.ok(read('ARCHITECTURE.md').replaceAll('\n\n', '\n').includes(rules));
});

test('the names in ARCHITECTURE.md of functions and methods are in the source', () => {
  const text = read('ARCHITECTURE.md');
  const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => read(`src/${name}`))
    .join('\n');
  const names = [...text.matchAll(/`(?:\w+\.)?(#?[a-z]\w*[A-Z]\w*|[A-Z][a-z]\w+\.#?\w+)`/g)];
  const lost = names
    .map(([, name]) => (name as string).replace(/^.*\./, ''))
    .filter((name) => !new RegExp(`${name.startsWith('#') ? '' : '\\b'}${name}\\b`).test(source));
  assert.deepEqual(lost, []);
});

test('what ARCHITECTURE.md says to be in a file is there', () => {
  const text = read('ARCHITECTURE.md');
  const places = [
    ...text.matchAll(/`(?:(\w+)\.)?(#?\w+)`,?\s+(?:in\s+|\((?:see\s+)?)`(src\/[\w/.-]+\.ts)`/g),
  ];
  assert.ok(places.length > 20, `${places.length} places`);
  const wrong = places.filter(([, owner, name, path]) => {
    const source = read(path as string);
    const isThere = (word: string): boolean =>
      new RegExp(`^(?!\\s*(import|\\*|//)).*(?<![\\w.#])${word}\\b`, 'm').test(source);
    return !isThere(name as string) || (owner !== undefined && !isThere(`class ${owner}`));
  });
  assert.deepEqual(
    wrong.map(([whole]) => whole),
    [],
  );
});

/** A connection, as soon as somebody listens; null when `given up`. */
async function connected(port: number, givenUp: AbortSignal): Promise<Socket> {
  for (;;) {
    givenUp.throwIfAborted();
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return socket;
    } catch {
      socket.destroy();
    }
  }
}

/** The programs in README.md, in order. */
const programs = [...read('README.md').matchAll(/```ts\n([^]*?)```/g)].map(
  ([, code]) => code as string,
);

/** Runs a program until the test ends; the signal aborts when it has come to its own end. */
function running(t: TestContext, code: string): AbortSignal {
  const folder = mkdtempSync(join(tmpdir(), 'netfd-readme-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'example.mjs'), code);
  const child = spawn(process.execPath, [join(folder, 'example.mjs')], { stdio: 'inherit' });
  const ended = new AbortController();
  const closed = once(child, 'close').then(() => ended.abort(new Error('the example has ended')));
  t.after(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  return ended.signal;
}

test('the example in README.md runs, and does all three', { timeout: 60_000 }, async (t) => {
  const [code = ''] = programs;
  assert.ok(code.split('\n').length <= 25);
  const [hello, web, echo] = [await freePort(), await freePort(), await freePort()];
  const dist = new URL('../src/', import.meta.url);
  const runnable = code
    .replace("'netfd'", JSON.stringify(new URL('index.js', dist)))
    .replace("'netfd/http'", JSON.stringify(new URL('http.js', dist)))
    .replace('8080', String(hello))
    .replace('8081', String(web))
    .replace('7777', String(echo));
  const ended = running(t, runnable);
  const socket = await connected(echo, ended); // the last to be there
  socket.end('to and fro');
  assert.equal((await socket.setEncoding('utf8').toArray()).join(''), 'to and fro');
  const text = async (port: number, path: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  assert.equal(await text(hello, '/hello/Ada'), 'Hello, Ada!');
  assert.equal(await text(web, '/x'), `You asked for http://127.0.0.1:${web}/x`);
});

test('the program with netfd/syscall in README.md echoes', { timeout: 60_000 }, async (t) => {
  const [, code = ''] = programs;
  const port = await freePort();
  const face = JSON.stringify(new URL('../src/syscall.js', import.meta.url));
  const ended = running(t, code.replace("'netfd/syscall'", face).replace('7778', String(port)));
  const socket = await connected(port, ended);
  socket.end('to and fro');
  assert.equal((await socket.setEncoding('utf8').toArray()).join(''), 'to and fro');
});

/** What a program says to print, one line for each console.log. */
function promised(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line as string);
}

const short = programs.slice(2);

test('the short programs in README.md are there', () => assert.equal(short.length, 6));

for (const code of short) {
  const [, name = ''] = /import \{ (.*) \} from 'netfd/.exec(code) ?? [];
  test(
    `the program in README.md with ${name} prints what it says`,
    { timeout: 60_000 },
    async () => {
      const runnable = code.replace(/'netfd(?:\/(\w+))?'/g, (_, entry: string = 'index') =>
        JSON.stringify(new URL(`../src/${entry}.js`, import.meta.url)),
      );
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', runnable]);
      const lines = promised(code);
      assert.equal(lines.length, code.split('console.log').length - 1);
      assert.deepEqual(stdout.trimEnd().split('\n'), lines);
    },
  );
}
