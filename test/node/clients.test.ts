/**
 * Clients that others have written, over netfd's dial: pg, ioredis, undici and node:http, against the real
 * PostgreSQL and Redis, node:http and our own server. A program that is not installed is skipped.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get as httpGet, Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, suite, test } from 'node:test';
import { Redis } from 'ioredis';
import pg from 'pg';
import { Agent, Client as HttpClient, request } from 'undici';
import { openSockets } from '../net/machine.ts';
import { serve } from '../../src/http.ts';
import { dial } from '../../src/index.ts';
import {
  connectSocket,
  dialSocket,
  redisConnector,
  toNodeSocket,
  undiciConnector,
} from '../../src/node.ts';
import {
  type DatabaseServer,
  noPostgres,
  noRedis,
  startPostgres,
  startRedis,
} from './database-servers.ts';

const timeout = 60_000;

suite('PostgreSQL by pg', { skip: noPostgres, timeout: 120_000 }, () => {
  let server: DatabaseServer;

  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  const place = (host: string): pg.ClientConfig => ({
    host,
    port: server.port,
    user: 'test',
    database: 'postgres',
    stream: () => dialSocket(),
  });

  async function withClient<T>(host: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client(place(host));
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  }

  for (const kind of ['tcp', 'unix']) {
    const host = (): string => (kind === 'tcp' ? '127.0.0.1' : server.folder);

    test(`${kind}: megabytes of rows, and a parameter of megabytes`, { timeout }, async () => {
      await withClient(host(), async (client) => {
        const big = 'x'.repeat(5_000_000);
        const { rows } = await client.query('select length($1::text) as n, $1::text as back', [
          big,
        ]);
        assert.equal(rows[0].n, big.length);
        assert.ok(rows[0].back === big);
        const many = await client.query(
          'select i, repeat(i::text, 100) as t from generate_series(1, 20000) i',
        );
        assert.equal(many.rows.length, 20_000);
        assert.equal(many.rows[19_999].t, '20000'.repeat(100));
      });
    });

    test(`${kind}: transactions, an error in one, and queries in a row`, { timeout }, async () => {
      await withClient(host(), async (client) => {
        await client.query('create temporary table t (n int primary key)');
        await client.query('begin');
        await client.query('insert into t values (1)');
        await assert.rejects(client.query('insert into t values (1)'), { code: '23505' });
        await client.query('rollback');
        await client.query('begin; insert into t values (2); commit');
        const { rows } = await client.query('select $1::int + n as s from t', [3]);
        assert.equal(rows[0].s, 5);
      });
    });
  }

  test('LISTEN and NOTIFY between two connections', { timeout }, async () => {
    await withClient('127.0.0.1', async (listener) => {
      await withClient(server.folder, async (sender) => {
        await listener.query('listen news');
        const heard = once(listener, 'notification') as Promise<[pg.Notification]>;
        await sender.query("notify news, 'it works'");
        assert.equal((await heard)[0].payload, 'it works');
      });
    });
  });

  test('a pool: more queries than connections, and none is left', { timeout }, async () => {
    const sockets = openSockets();
    const pool = new pg.Pool({ ...place('127.0.0.1'), max: 4 });
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) => pool.query('select pg_sleep(0.005), $1::int as i', [i])),
    );
    assert.deepEqual(
      results.map(({ rows }) => rows[0].i),
      Array.from({ length: 50 }, (_, i) => i),
    );
    assert.ok(pool.totalCount <= 4);
    await pool.end();
    // It does not wait for its connections.
    while (openSockets() > sockets) await new Promise(setImmediate);
  });

  test('nobody listens there: the error says so', { timeout }, async () => {
    const client = new pg.Client({ ...place('127.0.0.1'), port: 1 });
    await assert.rejects(client.connect(), { code: 'ECONNREFUSED' });
  });

  test('a query takes too long and is given up', { timeout }, async () => {
    const client = new pg.Client({ ...place('127.0.0.1'), query_timeout: 50 });
    await client.connect();
    await assert.rejects(client.query('select pg_sleep(10)'), /timeout/);
    await client.end();
  });

  test(
    'the server is killed in the middle: queries fail, and nothing is left',
    { timeout },
    async () => {
      const other = await startPostgres();
      try {
        const sockets = openSockets();
        const client = new pg.Client({ ...place('127.0.0.1'), port: other.port });
        const failed = once(client, 'error');
        // It may tell of a reset, and then, again, of the end.
        client.on('error', () => {});
        await client.connect();
        const query = client.query('select pg_sleep(60)');
        await Promise.all([assert.rejects(query), failed, other.kill()]);
        await client.end().catch(() => {});
        assert.equal(openSockets(), sockets);
      } finally {
        await other.stop();
      }
    },
  );
});

suite('Redis by ioredis', { skip: noRedis, timeout: 120_000 }, () => {
  let server: DatabaseServer;

  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());

  function client(kind: string, options: object = {}): Redis {
    const place = kind === 'tcp' ? { host: '127.0.0.1', port: server.port } : { path: server.path };
    return new Redis({ ...place, ...options, Connector: redisConnector() });
  }

  for (const kind of ['tcp', 'unix']) {
    test(`${kind}: a pipeline of thousands, and a value of megabytes`, { timeout }, async () => {
      const redis = client(kind, { keepAlive: 1000 });
      const big = Buffer.alloc(8_000_000, 'v');
      await redis.set(`${kind}-big`, big);
      assert.ok((await redis.getBuffer(`${kind}-big`))?.equals(big));
      const pipeline = redis.pipeline();
      for (let i = 0; i < 10_000; i++) pipeline.incr(`${kind}-n`);
      const replies = await pipeline.exec();
      assert.equal(replies?.length, 10_000);
      assert.deepEqual(replies.at(-1), [null, 10_000]);
      const alone = await Promise.all(Array.from({ length: 1000 }, () => redis.decr(`${kind}-n`)));
      assert.equal(alone.at(-1), 9000);
      await redis.quit();
    });
  }

  test('messages to subscribers, MULTI, and an error', { timeout }, async () => {
    const [subscriber, sender] = [client('tcp'), client('unix')];
    await subscriber.subscribe('news');
    const heard = once(subscriber, 'message') as Promise<string[]>;
    assert.equal(await sender.publish('news', 'it works'), 1);
    assert.deepEqual(await heard, ['news', 'it works']);
    assert.deepEqual(await sender.multi().set('m', '1').incr('m').exec(), [
      [null, 'OK'],
      [null, 2],
    ]);
    await assert.rejects(sender.lpush('m', 'x'), /WRONGTYPE/);
    await Promise.all([subscriber.quit(), sender.quit()]);
  });

  test(
    'BLPOP that waits, one whose time is up, and one that gets something',
    { timeout },
    async () => {
      const [waiting, giving] = [client('tcp'), client('tcp')];
      assert.equal(await waiting.blpop('queue', 0.05), null);
      const popped = waiting.blpop('queue', 30);
      await giving.rpush('queue', 'item');
      assert.deepEqual(await popped, ['queue', 'item']);
      await Promise.all([waiting.quit(), giving.quit()]);
    },
  );

  test('a command that gets no answer in time closes the connection', { timeout }, async () => {
    const redis = client('tcp', {
      socketTimeout: 50,
      retryStrategy: null,
      maxRetriesPerRequest: 0,
    });
    redis.on('error', () => {});
    await assert.rejects(redis.blpop('nothing', 30));
    redis.disconnect();
  });

  test(
    'the server is killed in the middle: commands fail, and nothing is left',
    { timeout },
    async () => {
      const other = await startRedis();
      try {
        const sockets = openSockets();
        const redis = new Redis({
          path: other.path,
          Connector: redisConnector(),
          retryStrategy: () => null,
        });
        redis.on('error', () => {});
        await redis.ping();
        // Not by once(): that fails at 'error', which comes first if the server had not read all.
        const ended = new Promise((resolve) => redis.once('end', resolve));
        const waiting = redis.blpop('nothing', 30);
        await Promise.all([assert.rejects(waiting), ended, other.kill()]);
        assert.equal(openSockets(), sockets);
      } finally {
        await other.stop();
      }
    },
  );

  test('it comes back, and so does the client', { timeout }, async () => {
    const redis = client('tcp', { retryStrategy: () => 10 });
    const admin = client('unix');
    await redis.ping();
    const again = once(redis, 'ready');
    assert.ok(Number(await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')) >= 1);
    await again;
    assert.equal(await redis.ping(), 'PONG');
    await Promise.all([redis.quit(), admin.quit()]);
  });
});

suite('HTTP by undici and node:http', () => {
  async function withServers(use: (url: string) => Promise<void>): Promise<void> {
    const block = Buffer.alloc(100_000, 'b');
    const theirs = createServer((incoming, reply) => {
      if (incoming.url === '/big')
        return void reply.end(Buffer.concat(Array.from({ length: 50 }, () => block)));
      text(incoming).then(
        (body) => reply.end(`${incoming.method} ${body.length}`),
        () => {},
      );
    });
    theirs.listen(0, '127.0.0.1');
    await once(theirs, 'listening');
    await using ours = await serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: async (incoming) => {
        if (incoming.url.endsWith('/big'))
          return new Response(Buffer.concat(Array.from({ length: 50 }, () => block)));
        return new Response(`${incoming.method} ${(await incoming.text()).length}`);
      },
    });
    try {
      await use(`http://127.0.0.1:${(theirs.address() as { port: number }).port}`);
      await use(ours.url.replace(/\/$/, ''));
    } finally {
      theirs.close();
      theirs.closeAllConnections();
    }
  }

  test('undici: many requests, bodies both ways, pipelined', { timeout }, async () => {
    await withServers(async (url) => {
      const dispatcher = new Agent({ connect: undiciConnector(), connections: 4 });
      const replies = await Promise.all(
        Array.from({ length: 100 }, async () =>
          (await request(`${url}/x`, { dispatcher })).body.text(),
        ),
      );
      assert.ok(replies.every((reply) => reply === 'GET 0'));
      const body = 'p'.repeat(3_000_000);
      const posted = await request(`${url}/x`, { dispatcher, method: 'POST', body });
      assert.equal(await posted.body.text(), 'POST 3000000');
      const big = await request(`${url}/big`, { dispatcher });
      assert.equal((await big.body.bytes()).length, 5_000_000);
      await dispatcher.close();
    });
  });

  test(
    'undici: a refused connection, and a server that is slow to be reached',
    { timeout },
    async () => {
      const dispatcher = new Agent({ connect: undiciConnector() });
      await assert.rejects(request('http://127.0.0.1:1/', { dispatcher }), {
        code: 'ECONNREFUSED',
      });
      await dispatcher.destroy();
    },
  );

  test('undici: by a unix socket, whatever the URL says', { timeout }, async () => {
    const path = `@netfd-undici-${process.pid}`;
    await using _ = await serve({ path, fetch: () => new Response('by unix') });
    const connect = undiciConnector({ network: 'unix', address: path });
    const client = new HttpClient('http://nowhere.example', { connect });
    const { body } = await client.request({ path: '/', method: 'GET' });
    assert.equal(await body.text(), 'by unix');
    await client.close();
  });

  test(
    'node:http: createConnection, alone and of an agent that keeps connections',
    { timeout },
    async () => {
      await withServers(async (url) => {
        const { host, port } = new URL(url);
        const ask = async (options: object): Promise<string> => {
          const [reply] = (await once(httpGet(`${url}/x`, options), 'response')) as [
            IncomingMessage,
          ];
          return text(reply);
        };
        assert.equal(await ask({ createConnection: () => connectSocket('tcp', host) }), 'GET 0');
        const made = toNodeSocket(await dial('tcp', host));
        assert.equal(await ask({ createConnection: () => made }), 'GET 0');
        let connections = 0;
        const agent = new HttpAgent({ keepAlive: true, maxSockets: 2, timeout: 5000 });
        Object.assign(agent, {
          createConnection: (options: object) => {
            connections++;
            return dialSocket().connect({ ...options, host: '127.0.0.1', port: Number(port) });
          },
        });
        for (let i = 0; i < 5; i++) assert.equal(await ask({ agent }), 'GET 0');
        await Promise.all(Array.from({ length: 20 }, () => ask({ agent })));
        assert.ok(connections <= 3, `${connections} connections`);
        agent.destroy();
      });
    },
  );
});
