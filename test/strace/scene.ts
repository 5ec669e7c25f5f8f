/**
 * Runs one traced program and plays its peer: `scene.js NAME FOLDER`, by golden.test.ts, in a network
 * namespace of its own. The program asks for what is to happen, a line at a time, and stands still until
 * it has; the peers are node:net, so what they do does not come from the code under test (except for
 * what Node has not: unixpacket, datagrams, descriptors, and a listener that does not accept). The log is FOLDER/log.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createSocket, type Socket as PacketSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { dial, linux, listen, UnixAddr, type UnixConn } from '../../src/index.ts';
import { O_CLOEXEC } from '../../src/syscall/fcntl.ts';
import { zone } from '../net/dns-zone.ts';
import { FakeDNS } from '../net/fake-dns.ts';

const [, , name = '', folder = ''] = process.argv;

/** What answers the requests of a program; the argument is what follows the request's name. */
type Peer = Readonly<Record<string, (argument: string) => Promise<string | void> | string | void>>;

const dnsServers: FakeDNS[] = [];
const sockets: Socket[] = [];
const servers: Server[] = [];

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
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
  });
  servers.push(server);
  server.listen(at);
  await once(server, 'listening');
}

async function echo(): Promise<void> {
  while (sockets.length === 0) await once(servers[0]!, 'connection');
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

const packetSockets: PacketSocket[] = [];

/** A UDP socket whose peer is the program. */
async function packetSocket(port: number, host: string): Promise<PacketSocket> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  packetSockets.push(socket);
  socket.connect(port, host);
  await once(socket, 'connect');
  return socket;
}

function sendPacket(socket: PacketSocket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(text, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** What listens without accepting, the connections that fill its queue, the reading end of a pipe. */
const kept: unknown[] = [];

/** An address that never answers: its queue is full, so the kernel drops what comes. */
async function fullBacklog(host: string): Promise<string> {
  const address = `${host}:18455`;
  kept.push(await listen('tcp', address, { backlog: 0 }));
  for (;;) {
    try {
      kept.push(await dial('tcp', address, { timeout: 150 }));
    } catch {
      return address;
    }
  }
}

/** Reads to the end and then closes, so that a server that waits for that goes on. */
async function closeAfterEnd(): Promise<void> {
  const socket = latest();
  await ended(socket);
  socket.destroy();
}

/** What http_timeouts sends, by its steps. */
const SENT: Readonly<Record<string, string>> = {
  'request line only': 'GET / HTTP/1.1\r\n',
  'half a header line without colon': 'GET / HTTP/1.1\r\nHo',
  'half a header line with colon': 'GET / HTTP/1.1\r\nHost: x',
  'request then idle': 'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'header too large': `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(9000)}\r\n\r\n`,
};

/** What http_servefile is asked for. */
const ASKED: Readonly<Record<string, string>> = {
  'GET /big': 'GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'GET /small': 'GET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'HEAD /big': 'HEAD /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'GET /big, a part':
    'GET /big HTTP/1.1\r\nHost: x\r\nRange: bytes=1000-60999\r\nConnection: close\r\n\r\n',
};

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
      return portOf(servers[0]!);
    },
    echo,
    async close() {
      await ended(sockets[0]!);
      await closeWrite();
    },
  },
  dial_tcp_refused: {},
  startup_probe: {},
  startup_dial_literal: {
    async listen() {
      await listening({ port: 0, host: '127.0.0.1' });
      return portOf(servers[0]!);
    },
  },
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
      const server = servers[0]!;
      const closed = once(server, 'close');
      latest().end();
      server.close();
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
  unixgram: {
    async bound() {
      const localAddr = new UnixAddr(`${folder}/g-client.sock`, 'unixgram');
      packets = await dial('unixgram', `${folder}/g-server.sock`, { localAddr });
      packets.setUnlinkOnClose(true);
      await packets.write('bound');
    },
    async unbound() {
      await packets!.read(new Uint8Array(64));
      packets!.close();
      await using conn = await dial('unixgram', `${folder}/g-server.sock`);
      await conn.write('unbound');
      await conn.write('');
    },
  },
  unix_fdpass: {
    async dial() {
      packets = await dial('unix', `${folder}/run4.sock`);
    },
    async send() {
      const pipe = new Int32Array(2);
      linux.kernel.pipe2(pipe, O_CLOEXEC);
      kept.push(pipe[0]);
      await packets!.sendDescriptors([pipe[1]!], 'F');
      linux.kernel.close(pipe[1]!);
    },
    async close() {
      const buf = new Uint8Array(64);
      const count = linux.kernel.read(kept[0] as number, buf, buf.length);
      const text = Buffer.from(buf.subarray(0, count)).toString();
      if (text !== 'thru-fd') throw new Error(`the pipe has ${text}`);
      linux.kernel.close(kept[0] as number);
      const received = await packets!.receiveDescriptors(1);
      if (received?.fds.length !== 1) throw new Error('no descriptor came');
      received.close();
      packets!.close();
    },
  },
  accept_emfile: { limit, dial: dialTCP },
  dial_tcp_timeout: { fill: () => fullBacklog('127.0.0.1') },
  dial_localhost: {
    listen4: () => listening({ port: 18456, host: '127.0.0.1' }),
    listen6: () => listening({ port: 18456, host: '::1', ipv6Only: true }),
  },
  dial_happy_eyeballs: {
    async fill() {
      await fullBacklog('[::1]');
      await listening({ port: 18455, host: '127.0.0.1' });
    },
  },
  rawconn: { dial: dialTCP, send },
  file_dup: {
    async dial(argument) {
      await dialTCP(argument);
      await send('hi');
    },
  },
  writev_buffers: {
    async dial(argument) {
      await dialTCP(argument);
      latest().resume();
    },
  },
  splice_proxy: {
    async dial(argument) {
      await listening({ port: 18471, host: '127.0.0.1' });
      servers[0]!.on('connection', (socket: Socket) => socket.resume());
      await dialTCP(argument);
    },
    // Not the latest: that is the other end of the proxy.
    send: (text) => new Promise((resolve) => sockets[0]!.write(text, () => resolve())),
    async closeWrite() {
      const finished = once(sockets[0]!, 'finish');
      sockets[0]!.end();
      await finished;
    },
  },
  sockopts: { dial: dialTCP },
  resolver_go: {
    async serve() {
      dnsServers.push(await FakeDNS.start(zone, 53));
    },
  },
  interfaces: {},
  listenconfig_reuseport: { dial: () => dialTCP(18470) },
  udp_listenpacket: {
    async hello(port) {
      const socket = await packetSocket(Number(port), '127.0.0.1');
      await sendPacket(socket, 'hello');
    },
    async more() {
      for (const text of ['0123456789', '']) await sendPacket(packetSockets.at(-1)!, text);
    },
  },
  udp_wildcard: {
    async hi(host) {
      await sendPacket(await packetSocket(18466, host), 'hi');
    },
  },
  ip_conn: {},
  http_shutdown: {
    async get(argument) {
      const [path = '', port = ''] = argument.split(' ');
      await dialTCP(port);
      await send(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      latest().resume();
    },
  },
  http_timeouts: {
    async dial(argument) {
      await dialTCP(argument);
      void closeAfterEnd();
    },
    async send(step) {
      if (SENT[step] !== undefined) await send(SENT[step]);
    },
  },
  http_servefile: {
    async dial(argument) {
      await dialTCP(argument);
      void closeAfterEnd();
    },
    send: (step) => send(ASKED[step]!),
  },
  http_accept_backoff: {
    limit,
    async dial(argument) {
      await dialTCP(argument);
      await send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    },
  },
};

/** Those of the golden programs. */
const NAME_FILES = {
  hosts: '127.0.0.1\tlocalhost\n::1\tlocalhost\n',
  'nsswitch.conf': 'hosts: files dns\n',
  'resolv.conf': 'nameserver 127.0.0.1\n',
};

if (process.env['NETFD_NAMESPACE'] === 'own') execFileSync('ip', ['link', 'set', 'lo', 'up']);
if (process.env['NETFD_HOSTS'] === 'own') {
  for (const [file, text] of Object.entries(NAME_FILES)) {
    writeFileSync(`${folder}/${file}`, text);
    execFileSync('mount', ['--bind', `${folder}/${file}`, `/etc/${file}`]);
  }
}

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
for (const server of servers) server.close();
for (const socket of packetSockets) socket.close();
for (const server of dnsServers) await server[Symbol.asyncDispose]();
if (status !== 0) throw new Error(`the program ended with ${status ?? signal}`);
