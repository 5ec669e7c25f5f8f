/**
 * Clients that mean no good, against a server in a process of its own: what it keeps of them in memory,
 * whether others are served meanwhile, and that nothing is left of it in the end.
 *
 * NETFD_HOSTILE says how many clients attack (1000; 10000 in `npm run test:hostile`, for which this process
 * and the server's may have to have as many descriptors), and how many MiB a large body has (64, else 1024).
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test, type TestContext } from 'node:test';
import type { TCPConn } from '../../src/index.ts';
import { BPF_K, BPF_RET, bpfStatement } from '../../src/syscall.ts';
import { RawClient } from './raw-client.ts';
import { served, Victim } from './victim.ts';

const CLIENTS = Number(process.env['NETFD_HOSTILE'] ?? 1000);
const LARGE = (CLIENTS > 1000 ? 1024 : 64) * 1024 * 1024;
const MIB = 1024 * 1024;
/** Of all of them together, on a machine that has much else to do. */
const timeout = 200_000 + CLIENTS * 30;

/** Connections that are made at a time. */
const BATCH = 100;

/** Of a body. A multiple of 6. */
const BLOCK = 3 * 64 * 1024;

const GET = 'GET /hello HTTP/1.1\r\nHost: x\r\n\r\n';

function post(path: string, ...fields: string[]): string {
  return [`POST ${path} HTTP/1.1`, 'Host: x', ...fields, '', ''].join('\r\n');
}

/** Why there cannot be so many, or false. */
function unlessAllowed(): string | false {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const limit = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity);
  return CLIENTS + 200 < limit ? false : `${CLIENTS} clients need more than ${limit} descriptors`;
}

/** All that attack, each after `begin`. */
async function attack<T>(
  count: number,
  begin: (index: number) => Promise<T>,
): Promise<readonly T[]> {
  const all: T[] = [];
  while (all.length < count) {
    const size = Math.min(BATCH, count - all.length);
    const from = all.length;
    all.push(...(await Promise.all(Array.from({ length: size }, (_, i) => begin(from + i)))));
  }
  return all;
}

function closeAll(conns: readonly TCPConn[]): void {
  for (const conn of conns) if (!conn.closed) conn.close();
}

/** Writes what the connection takes now; nothing if it is cut. */
function trySend(conn: TCPConn, bytes: Uint8Array): void {
  try {
    conn.tryWrite(bytes);
  } catch {
    // That is what it deserves.
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Memory of so many connections, and some for the machinery. */
function assertFlat(
  t: TestContext,
  what: string,
  bytes: number,
  each: number,
  count: number,
): void {
  t.diagnostic(`${what}: ${(bytes / MIB).toFixed(1)} MiB, ${Math.round(bytes / count)} B each`);
  const limit = each * count + 8 * MIB;
  assert.ok(bytes < limit, `${what}: ${bytes} bytes, more than ${limit}`);
}

suite(`${CLIENTS} hostile clients`, { timeout, skip: unlessAllowed() }, () => {
  test('slow heads: a byte now and then', async (t) => {
    await using victim = await Victim.start({ readHeaderTimeout: 5000 + CLIENTS });
    const head = Buffer.from(`GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(500)}`);
    const slow = await attack(CLIENTS, async () => {
      const conn = await victim.connect();
      await conn.write(head.subarray(0, 1));
      return conn;
    });
    const before = victim.cpu;
    const rounds = 20;
    await served(victim, async () => {
      for (let at = 1; at <= rounds; at++) {
        for (const conn of slow) trySend(conn, head.subarray(at, at + 1));
        await pause(CLIENTS / 20);
      }
    });
    const perByte = (victim.cpu - before) / rounds / CLIENTS;
    t.diagnostic(`${(1000 * perByte).toFixed(1)} us of CPU a byte, good clients included`);
    assertFlat(t, 'slow heads', await victim.extra(), 4096, CLIENTS);
    // All of them are cut, with an answer.
    const answers = await Promise.all(
      slow.slice(0, 20).map(async (conn) => {
        const buf = new Uint8Array(1000);
        return Buffer.from(buf.subarray(0, (await conn.read(buf)) ?? 0)).toString('latin1');
      }),
    );
    for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 408 /);
    closeAll(slow);
    await victim.recovered();
  });

  test('who asks for long replies and does not read them', async (t) => {
    await using victim = await Victim.start({ writeTimeout: 3000 });
    const count = CLIENTS / 10;
    const slow = await attack(count, async () => {
      const conn = await victim.connect();
      conn.setReadBuffer(4096);
      await conn.write(GET.replace('/hello', '/long'));
      return conn;
    });
    await served(victim, () => pause(500));
    assertFlat(t, 'unread replies', await victim.extra(), 256 * 1024, count);
    while ((await victim.report()).connections > 0) await pause(50);
    closeAll(slow);
    await victim.recovered();
  });

  test('who sends requests without end and reads no replies', async (t) => {
    const limits = { writeTimeout: 3000, readHeaderTimeout: 3000, idleTimeout: 3000 };
    await using victim = await Victim.start(limits);
    const count = CLIENTS / 50;
    const many = Buffer.from(GET.repeat(1000));
    const slow = await attack(count, () => victim.connect());
    await served(victim, async () => {
      for (let i = 0; i < 20; i++) {
        for (const conn of slow) trySend(conn, many);
        await pause(20);
      }
    });
    assertFlat(t, 'unread pipelines', await victim.extra(), 512 * 1024, count);
    while ((await victim.report()).connections > 0) await pause(50);
    closeAll(slow);
    await victim.recovered();
  });

  test('who vanishes without a word', async (t) => {
    const limits = { readHeaderTimeout: 2000, idleTimeout: 2000, writeTimeout: 2000 };
    await using victim = await Victim.start({ ...limits, readTimeout: 2000 });
    const count = CLIENTS / 4;
    const sent = ['', 'GET', GET, post('/count', 'Content-Length: 10')];
    const gone = await attack(count, async (i) => {
      const conn = await victim.connect();
      await conn.write(sent[i % sent.length]!);
      // From now on this end takes nothing of what comes, and acknowledges nothing.
      conn.options.SO_ATTACH_FILTER = [bpfStatement(BPF_RET | BPF_K, 0)];
      return conn;
    });
    await served(victim, async () => {
      while ((await victim.report()).connections > 1) await pause(50);
    });
    t.diagnostic(`${count} of them`);
    await victim.recovered();
    closeAll(gone);
  });

  test('resets in the middle of a body', async () => {
    await using victim = await Victim.start();
    await served(victim, async () => {
      await attack(CLIENTS, async (i) => {
        const conn = await victim.connect();
        const path = i % 2 === 0 ? '/count' : '/ignore';
        const coding = i % 4 < 2 ? 'Content-Length: 1000000' : 'Transfer-Encoding: chunked';
        await conn.write(`${post(path, coding)}ffff\r\n${'x'.repeat(2000)}`).catch(() => {});
        conn.setLinger(0);
        conn.close();
      });
    });
    await victim.recovered();
  });

  test('connections that are closed or reset at once', async () => {
    await using victim = await Victim.start();
    await served(victim, async () => {
      await attack(5 * CLIENTS, async (i) => {
        const conn = await victim.connect();
        if (i % 3 === 0) conn.setLinger(0);
        if (i % 3 === 1) trySend(conn, Buffer.from(GET));
        conn.close();
      });
    });
    await victim.recovered();
  });

  test('more than there are descriptors: they wait, and it goes on', async (t) => {
    await using victim = await Victim.start();
    if (!victim.limitDescriptors(victim.descriptors + 20)) return t.skip('there is no prlimit');
    const waiting = await attack(200, () => victim.connect());
    const late = await victim.client();
    await late.send(GET);
    while (victim.log.length < 3) {
      await pause(10);
      await victim.report();
    }
    assert.equal(late.text, '');
    closeAll(waiting);
    await late.until((text) => text.endsWith('hello'));
    late.close();
    await victim.recovered();
    assert.match(victim.log[0]!, /^http: Accept error: .*too many open files; retrying in 5ms$/);
  });

  test('more than maxConnections that do nothing: good ones get through', async (t) => {
    const most = 50;
    await using victim = await Victim.start({ maxConnections: most });
    const idle = await attack(Math.min(CLIENTS, 1000), async (i) => {
      const conn = await victim.connect();
      if (i % 2 === 0) trySend(conn, Buffer.from(GET));
      return conn;
    });
    const start = Date.now();
    await victim.ask();
    t.diagnostic(`served after ${Date.now() - start} ms, behind ${idle.length} others`);
    assert.ok((await victim.report()).connections <= most);
    closeAll(idle);
    await victim.recovered();
  });
});

suite('hostile requests', { timeout }, () => {
  const long = 'x'.repeat(MIB);
  const cases: readonly (readonly [name: string, request: string, answer: RegExp])[] = [
    ['a line of a MiB', `GET /${long} HTTP/1.1\r\nHost: x\r\n\r\n`, /^HTTP\/1\.1 414 /],
    ['a field of a MiB', `GET / HTTP/1.1\r\nHost: x\r\nA: ${long}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ['a name of a MiB', `GET / HTTP/1.1\r\nHost: x\r\n${long}: a\r\n\r\n`, /^HTTP\/1\.1 431 /],
    [
      'a million fields',
      `GET / HTTP/1.1\r\nHost: x\r\n${'a:b\r\n'.repeat(1_000_000)}\r\n`,
      /^HTTP\/1\.1 431 /,
    ],
    [
      'a chunk of a strange size',
      `${post('/count', 'Transfer-Encoding: chunked')}-5\r\nabc`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      'a chunk longer than any number',
      `${post('/count', 'Transfer-Encoding: chunked')}${'f'.repeat(1000)}\r\nabc`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      'an extension of a MiB',
      `${post('/count', 'Transfer-Encoding: chunked')}5;${long}\r\nabcde\r\n0\r\n\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      'a trailer of a MiB',
      `${post('/count', 'Transfer-Encoding: chunked')}0\r\nA: ${long}\r\n\r\n`,
      /^HTTP\/1\.1 431 /,
    ],
  ];

  test('are refused, and cost nothing that stays', async (t) => {
    await using victim = await Victim.start();
    await served(victim, async () => {
      for (const [name, request, answer] of cases) {
        for (let i = 0; i < 3; i++) assert.match(await victim.answer(request), answer, name);
        const extra = await victim.extra();
        assert.ok(extra < 4 * MIB, `${name}: ${extra} bytes`);
      }
    });
    t.diagnostic(`${(victim.resident / MIB).toFixed(0)} MiB resident`);
    await victim.recovered();
  });

  const codings = {
    declared: (block: Buffer) => ({
      field: `Content-Length: ${BLOCK * Math.floor(LARGE / BLOCK)}`,
      block,
      end: '',
    }),
    chunked: (block: Buffer) => ({
      field: 'Transfer-Encoding: chunked',
      block: Buffer.concat([Buffer.from(`${block.length.toString(16)}\r\n`), block, CRLF]),
      end: '0\r\n\r\n',
    }),
    'in chunks of a byte': (block: Buffer) => ({
      field: 'Transfer-Encoding: chunked',
      block: Buffer.from('1\r\nx\r\n'.repeat(block.length / 6)),
      end: '0\r\n\r\n',
    }),
  };
  const CRLF = Buffer.from('\r\n');

  for (const [name, code] of Object.entries(codings)) {
    test(`a body of ${LARGE / MIB} MiB, ${name}`, async (t) => {
      await using victim = await Victim.start();
      const { field, block, end } = code(Buffer.alloc(BLOCK, 'x'));
      const tiny = name === 'in chunks of a byte';
      const blocks = Math.floor((tiny ? LARGE / 8 : LARGE) / BLOCK);
      const calm = victim.resident;
      await served(victim, async () => {
        const reader = await victim.client();
        await reader.send(post('/count', field));
        let most = 0;
        for (let i = 0; i < blocks; i++) {
          await reader.conn.write(block);
          if (i % 64 === 0) most = Math.max(most, victim.resident - calm);
        }
        await reader.send(end);
        const told = (tiny ? block.length / 6 : BLOCK) * blocks;
        await reader.until((text) => text.endsWith(String(told)));
        reader.close();
        t.diagnostic(`${(most / MIB).toFixed(0)} MiB more resident meanwhile`);
        assert.ok(most < 64 * MIB);

        const ignored = await victim.client();
        await ignored.send(post('/ignore', field));
        const answered = (): boolean => ignored.ended || ignored.text.endsWith('ignored');
        while (!answered() && (await sendMore(ignored, block)));
        assert.match(ignored.text, /^HTTP\/1\.1 200 .*ignored$/s);
        ignored.close();
      });
      await victim.recovered();
    });
  }
});

/**
 * False if the server takes no more. What it has answered is read in between: the end of a connection that
 * is being written to may be a reset, which destroys what was not read by then.
 */
async function sendMore(client: RawClient, block: Uint8Array): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  return client.conn.write(block).then(
    () => true,
    () => false,
  );
}
