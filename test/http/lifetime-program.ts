/**
 * Servers whose end is what is tested: run by lifetime.test.ts as `lifetime-program.js SCENE`. Those that
 * are kept alive say so from a timer that does not keep them alive itself, and then let go.
 */
import { type RunningServer, Server, serve } from '../../src/http.ts';
import { dial, listen, type TCPConn } from '../../src/index.ts';
import { print } from '../net/programs/output.ts';
import { get } from './raw-cases.ts';

/** If the process is still there after a while: says so and does `letGo`. */
function ifAlive(letGo: () => void): void {
  setTimeout(() => {
    print('alive');
    letGo();
  }, 30).unref();
}

function running(): Promise<RunningServer> {
  return serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('hello') });
}

/** Held, so that none is closed, with a warning, before its time. */
const idle: TCPConn[] = [];

/** A connection that has had its reply, and does not keep the process alive from its own side. */
async function idleClient({ addr }: RunningServer): Promise<TCPConn> {
  const conn = await dial('tcp', String(addr));
  await conn.write(get('/'));
  await conn.read(new Uint8Array(1000));
  conn.unref();
  idle.push(conn);
  return conn;
}

const scenes: Readonly<Record<string, () => Promise<void>>> = {
  async serving() {
    const server = await running();
    ifAlive(() => server.close());
  },

  async unref() {
    (await running()).unref();
  },

  async 'unref, then ref'() {
    const server = await running();
    server.unref();
    server.ref();
    ifAlive(() => server.unref());
  },

  async 'unref before it serves'() {
    const server = new Server(() => {});
    server.unref();
    void server.serve(await listen('tcp', '127.0.0.1:0'));
  },

  async 'an idle connection'() {
    const server = await running();
    await idleClient(server);
    ifAlive(() => server.unref());
  },

  async 'a connection that comes later'() {
    const server = await running();
    server.unref();
    await idleClient(server);
  },

  async 'a connection that comes later, then ref'() {
    const server = await running();
    server.unref();
    const client = await idleClient(server);
    server.ref();
    ifAlive(() => {
      client.close();
      server.close();
    });
  },

  async 'a pause of accepting'() {
    const server = new Server(() => {}, { errorLog: () => {} });
    server.unref();
    const listener = await listen('tcp', '127.0.0.1:0');
    listener.tryAccept = () => {
      throw Object.assign(new Error('too many'), { temporary: true });
    };
    void server.serve(listener);
  },
};

const scene = scenes[process.argv[2] ?? ''];
if (scene === undefined) throw new Error(`no scene ${process.argv[2]}`);
await scene();
