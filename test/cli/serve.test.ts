/** netfd serve without an operand, its end by signals, and what keeps it from beginning. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { netfd, Program, type Serving, serving, temporaryFolder } from './program.ts';
import { ask, bodyOf, get, RawClient, statusOf } from './raw-client.ts';

interface Told {
  readonly you: string;
  readonly accepted: number;
  readonly served: number;
  readonly open: number;
  readonly connections: readonly { remote: string; state: string; requests: number }[];
}

suite('the demonstration', () => {
  test('says where it is in one line', async (t) => {
    const { program, port } = await serving(t);
    assert.equal(program.stdout, `netfd serving http://127.0.0.1:${port}/ (pid ${program.pid})\n`);
    assert.notEqual(port, 0);
  });

  test('/hello', async (t) => {
    const { port } = await serving(t);
    const answer = await get(t, port, '/hello');
    assert.equal(statusOf(answer), 200);
    assert.match(answer, /\r\nContent-Type: text\/plain; charset=utf-8\r\n/);
    assert.match(answer, /\r\nContent-Length: 13\r\n/);
    assert.equal(bodyOf(answer), 'Hello, world!');
  });

  test('the page asks nobody else', async (t) => {
    const { port } = await serving(t);
    const answer = await get(t, port, '/');
    assert.equal(statusOf(answer), 200);
    assert.match(answer, /\r\nContent-Type: text\/html; charset=utf-8\r\n/);
    assert.match(answer, /\r\nContent-Security-Policy: default-src 'none';/);
    assert.match(bodyOf(answer), /fetch\('\/connections'/);
    assert.doesNotMatch(bodyOf(answer), /(?:src|href)="(?!\/hello|data:)/);
    const length = Number(/\r\nContent-Length: (\d+)/.exec(answer)?.[1]);
    assert.equal(bodyOf(answer).length, length);
  });

  test('/connections tells of all connections', async (t) => {
    const { port } = await serving(t);
    const other = await RawClient.connect(t, port);
    other.send('GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n');
    await other.until(/world![^]*world!/);
    await get(t, port, '/hello');
    const told = JSON.parse(bodyOf(await get(t, port, '/connections'))) as Told;
    assert.equal(told.accepted, 3);
    assert.equal(told.served, 4);
    const { address, port: otherPort } = other.socket.address() as {
      address: string;
      port: number;
    };
    const states = new Map(told.connections.map(({ remote, ...rest }) => [remote, rest]));
    const idle = states.get(`${address}:${otherPort}`);
    assert.equal(idle?.requests, 2);
    assert.equal(idle.state, 'idle');
    assert.equal(states.get(told.you)?.state, 'active');
  });

  test('nothing else', async (t) => {
    const { port } = await serving(t);
    assert.equal(statusOf(await get(t, port, '/none')), 404);
    const post =
      'POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
    assert.equal(statusOf(await ask(t, port, post)), 405);
  });

  test('a unix socket, removed at the end', async (t) => {
    const path = join(temporaryFolder(t), 'http.sock');
    const program = new Program(t, ['serve', '--network', 'unix', '--addr', path]);
    await program.prints('stdout', /\n/);
    assert.equal(program.stdout, `netfd serving unix ${path} (pid ${program.pid})\n`);
    const client = await RawClient.connect(t, { path });
    client.send('GET /hello HTTP/1.0\r\n\r\n');
    assert.equal(bodyOf(await client.rest()), 'Hello, world!');
    program.child.kill('SIGTERM');
    assert.equal((await program.ended()).status, 0);
    assert.equal(existsSync(path), false);
  });

  test('any address is called localhost', async (t) => {
    const program = new Program(t, ['serve', '--addr', ':0', '--network', 'tcp4']);
    await program.prints('stdout', /^netfd serving http:\/\/localhost:[1-9]\d*\/ /);
  });
});

/** A handler that answers with the body once it is complete, and a module that is never done. */
const SLOW = `
  setInterval(() => {}, 1000);
  export default async function (w, r) {
    await w.flush();
    await w.write(await r.body.text());
  }`;

function servingSlowly(t: TestContext): Promise<Serving> {
  const file = join(temporaryFolder(t), 'slow.mjs');
  writeFileSync(file, SLOW);
  return serving(t, file);
}

/** A request that is being answered: its body is not complete. */
async function unfinished(t: TestContext, port: number): Promise<RawClient> {
  const client = await RawClient.connect(t, port);
  client.send('POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345');
  await client.until(/\r\n\r\n/);
  return client;
}

suite('signals', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} completes the reply that was begun, and then exits 0`, async (t) => {
      const { program, port } = await servingSlowly(t);
      const client = await unfinished(t, port);
      program.child.kill(signal);
      await program.prints('stderr', /\n/);
      assert.equal(
        program.stderr,
        'netfd serve: waiting for a connection; another signal closes at once\n',
      );
      client.send('67890');
      assert.match(await client.rest(), /1234567890/);
      assert.equal((await program.ended()).status, 0);
    });
  }

  test('with --lame-duck it goes on first, and says so in each reply', async (t) => {
    const { program, port } = await serving(t, '--lame-duck', '0.5');
    const client = await RawClient.connect(t, port);
    client.send('GET /hello HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.doesNotMatch(await client.until(/world!/), /Connection: close/);
    program.child.kill('SIGTERM');
    await program.prints('stderr', /\n/);
    assert.equal(program.stderr, 'netfd serve: goes on for 0.5 s; another signal closes at once\n');
    client.send('GET /hello HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.match(await client.rest(), /Connection: close.*world!$/s);
    const late = await RawClient.connect(t, port);
    late.send('GET /hello HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.match(await late.rest(), /Connection: close.*world!$/s);
    assert.equal((await program.ended()).status, 0);
  });

  test('a second one ends the lame duck too', async (t) => {
    const { program } = await serving(t, '--lame-duck', '600');
    program.child.kill('SIGTERM');
    await program.prints('stderr', /another signal/);
    program.child.kill('SIGTERM');
    assert.equal((await program.ended()).status, 143);
  });

  test('connections that do nothing are closed', async (t) => {
    const { program, port } = await serving(t);
    const client = await RawClient.connect(t, port);
    client.send('GET /hello HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.until(/world!/);
    program.child.kill('SIGTERM');
    assert.deepEqual(await program.ended(), { status: 0, stdout: program.stdout, stderr: '' });
    assert.equal(await client.rest(), '');
  });

  for (const [second, status] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    test(`a second signal, ${second}, closes at once and exits ${status}`, async (t) => {
      const { program, port } = await servingSlowly(t);
      const client = await unfinished(t, port);
      program.child.kill('SIGTERM');
      await program.prints('stderr', /another signal/);
      program.child.kill(second);
      assert.equal((await program.ended()).status, status);
      assert.doesNotMatch(await client.rest(), /1234567890/);
    });
  }

  test('a timer of the handler file does not keep it alive', async (t) => {
    const { program } = await servingSlowly(t);
    program.child.kill('SIGTERM');
    assert.equal((await program.ended()).status, 0);
  });
});

suite('what keeps it from listening is told in one line, with status 1', () => {
  const lines: readonly (readonly [argv: readonly string[], line: string])[] = [
    [['--addr', '127.0.0.1'], 'listen tcp: address 127.0.0.1: missing port in address'],
    [['--addr', '127.0.0.1:http2'], 'listen tcp: address tcp/http2: unknown port'],
    [['--addr', '127.0.0.1:99999'], 'listen tcp: address 99999: invalid port'],
    [['--addr', '[::1:80'], "listen tcp: address [::1:80: missing ']' in address"],
    [['--addr', '192.0.2.1:0'], 'listen tcp 192.0.2.1:0: bind: cannot assign requested address'],
    [['--network', 'tcp5'], 'listen tcp5: unknown network tcp5'],
    [
      ['--network', 'udp'],
      'listen udp 127.0.0.1:8080: address 127.0.0.1:8080: unexpected address type',
    ],
    [
      ['--network', 'unix', '--addr', '/none/x.sock'],
      'listen unix /none/x.sock: bind: no such file or directory',
    ],
  ];
  for (const [argv, line] of lines) {
    test(line, async (t) => {
      assert.deepEqual(await netfd(t, 'serve', ...argv), {
        status: 1,
        stdout: '',
        stderr: `${line}\n`,
      });
    });
  }

  test('address already in use', async (t) => {
    const holder = createServer().listen(0, '127.0.0.1');
    t.after(() => holder.close());
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    for (const command of [
      ['serve', '--addr', `127.0.0.1:${port}`],
      ['echo', 'tcp', `127.0.0.1:${port}`],
    ]) {
      assert.deepEqual(await netfd(t, ...command), {
        status: 1,
        stdout: '',
        stderr: `listen tcp 127.0.0.1:${port}: bind: address already in use\n`,
      });
    }
  });

  test('port 80, not as root', async (t) => {
    const first = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
    if (first <= 80) return t.skip('here anybody may listen on port 80');
    const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    const options = { stdio: ['ignore' as const, 'pipe' as const, 'pipe' as const], ...identity };
    const { status } = await new Program(t, ['--version'], options).ended();
    if (status !== 0) return t.skip('the user nobody may not read this folder');
    assert.deepEqual(await new Program(t, ['serve', '--addr', ':80'], options).ended(), {
      status: 1,
      stdout: '',
      stderr: 'listen tcp :80: bind: permission denied\n',
    });
  });
});

/** The user nobody. */
const NOBODY = 65534;
