/**
 * Runs one traced program and plays its peer: `scene.js NAME FOLDER`, by golden.test.ts, in a network
 * namespace of its own. The program asks for what is to happen, a line at a time, and stands still until
 * it has; the peers are node:net, so what they do does not come from the code under test (except for
 * unixpacket, which Node has not). The log is FOLDER/log.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { dial, type UnixConn } from '../../src/index.ts';

const [, , name = '', folder = ''] = process.argv;

/** What answers the requests of a program; the argument is what follows the request's name. */
type Peer = Readonly<Record<string, (argument: string) => Promise<string | void> | string | void>>;

const sockets: Socket[] = [];
let server: Server | null = null;

async function connected(socket: Socket): Promise<void> {
  sockets.push(socket);
  socket.on('error', () => {}); // resets are part of the scenes
  await once(socket, 'connect');
}

async function dialTCP(port: number | string): Promise<void> {
  await connected(connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true }));
}

function latest(): Socket {
  return sockets.at(-1)!;
}

async function send(text: string): Promise<void> {
  await new Promise<void>((resolve) => latest().write(text, () => resolve()));
}

async function closeWrite(): Promise<void> {
  const finished = once(latest(), 'finish');
  latest().end();
  await finished;
}

async function ended(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.readableEnded) await once(socket, 'end');
}

/** A server whose connections are among the sockets. */
async function listening(at: object): Promise<void> {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
  });
  server.listen(at);
  await once(server, 'listening');
}

async function echo(): Promise<void> {
  while (sockets.length === 0) await once(server!, 'connection');
  const [data] = (await once(latest(), 'data')) as [Buffer];
  await send(data.toString());
}

function portOf(listener: Server): string {
  return String((listener.address() as { port: number }).port);
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:18480\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n`;
}

/** Reads until the whole reply is there, ends the connection when it is the last. */
async function requests(): Promise<void> {
  let text = '';
  const socket = latest();
  socket.setEncoding('latin1');
  for (const next of [get('/b'), null]) {
    text = '';
    while (!text.endsWith('hello\n')) text += String(((await once(socket, 'data')) as [string])[0]);
    if (next !== null) socket.write(next);
  }
  socket.end();
  await ended(socket);
}

function limit(argument: string): void {
  const [pid = '', count = ''] = argument.split(' ');
  const hard = /Max open files\s+\d+\s+(\d+)/.exec(
    readFileSync(`/proc/${pid}/limits`, 'latin1'),
  )?.[1];
  execFileSync('prlimit', ['--pid', pid, `--nofile=${count === 'off' ? hard : count}:${hard}`]);
}

let packets: UnixConn | null = null;

const peers: Readonly<Record<string, Peer>> = {
  http_keepalive: {
    async connect() {
      await dialTCP(18480);
      await send(get('/a'));
    },
    get() {
      void requests().then(() => child.stdin.write('end\n'));
    },
  },
  tcp_listen_wildcard_echo: {
    dial: () => dialTCP(18421),
    send,
    closeWrite,
  },
  close_wakes: {
    async dial(argument) {
      for (let i = 0; i < 2; i++) await dialTCP(argument.split(' ')[1]!);
    },
    end: () => {},
  },
  close_read_write: {
    dial: dialTCP,
    async reset() {
      const closed = once(latest(), 'close');
      latest().resetAndDestroy();
      await closed;
    },
  },
  deadline_read: { dial: dialTCP, send },
  dial_tcp_ok: {
    async listen() {
      await listening({ port: 0, host: '127.0.0.1' });
      return portOf(server!);
    },
    echo,
    async close() {
      await ended(sockets[0]!);
      await closeWrite();
    },
  },
  dial_tcp_refused: {},
  unix_stream_echo: {
    dial: () => connected(connect({ path: `${folder}/run.sock`, allowHalfOpen: true })),
    send,
    closeWrite,
  },
  unix_dial: {
    listen: () => listening({ path: `${folder}/run2.sock` }),
    echo,
    async close() {
      await ended(latest());
      const closed = once(server!, 'close');
      latest().end();
      server!.close();
      await closed;
    },
  },
  unixpacket_echo: {
    async dial() {
      packets = await dial('unixpacket', `${folder}/run3.sock`);
    },
    async send() {
      await packets!.write('one');
      await packets!.write('two-two');
    },
    async close() {
      await packets!.read(new Uint8Array(64));
      packets!.close();
    },
  },
  accept_emfile: { limit, dial: dialTCP },
};

if (process.env['NETFD_NAMESPACE'] === 'own') execFileSync('ip', ['link', 'set', 'lo', 'up']);

const peer = peers[name];
if (peer === undefined) throw new Error(`no scene ${name}`);
const program = fileURLToPath(new URL(`./programs/${name}.js`, import.meta.url));
const child = spawn(
  'strace',
  ['-f', '-s', '200', '-o', `${folder}/log`, process.execPath, program, folder],
  { stdio: ['pipe', 'pipe', 'inherit'] },
);
const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
for await (const line of createInterface({ input: child.stdout })) {
  const [request = ''] = line.split(' ', 1);
  const answer = await peer[request]?.(line.slice(request.length + 1));
  child.stdin.write(`${answer ?? 'done'}\n`);
}
const [status, signal] = await exited;
for (const socket of sockets) socket.destroy();
(server as Server | null)?.close();
if (status !== 0) throw new Error(`the program ended with ${status ?? signal}`);
