/**
 * Asks a server once before it is timed, and compares every byte that the workload is about: a
 * server that is fast because it answers something else must not get into the table.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { WorkloadName } from './options.ts';
import { PIPELINE_DEPTH, POST_BYTES } from './load-run.ts';
import { bytesOf } from './served-files.ts';

const TIMEOUT_MS = 2_000;
const BODY = 'Hello, world!';
const DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** Sends bytes and gives what came back, as latin1, when `enough` says so or the stream ends. */
function exchange(
  port: number,
  bytes: string,
  enough: (text: string) => boolean,
): Promise<{ text: string; ended: boolean }> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    const done = (ended: boolean) => {
      socket.destroy();
      resolve({ text, ended });
    };
    socket.setEncoding('latin1');
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer in 2 s')));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (enough(text)) done(false);
    });
    socket.on('end', () => done(true));
    socket.on('error', (error) => reject(new Error(`check: ${error.message}`)));
  });
}

/** Takes one response off the front of `text`; throws if it is not the one wanted. */
export function takeResponse(text: string): string {
  const end = text.indexOf('\r\n\r\n');
  const [status = '', ...lines] = text.slice(0, Math.max(end, 0)).split('\r\n');
  if (!status.startsWith('HTTP/1.1 200')) throw new Error(`check: status ${status || '(none)'}`);
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const wanted = { 'content-type': 'text/plain; charset=utf-8', 'content-length': '13' };
  for (const [name, value] of Object.entries(wanted)) {
    const got = fields.get(name);
    if (got !== value) throw new Error(`check: ${name}: ${got ?? '(none)'}`);
  }
  if (!DATE.test(fields.get('date') ?? '')) throw new Error('check: no Date');
  const rest = text.slice(end + 4);
  if (!rest.startsWith(BODY)) throw new Error(`check: body ${rest.slice(0, 20)}`);
  return rest.slice(BODY.length);
}

async function checkHttp(port: number, depth: number): Promise<void> {
  const request = 'GET /hello HTTP/1.1\r\nHost: x\r\n\r\n';
  const answers = (text: string) => text.split(BODY).length - 1;
  const { text } = await exchange(port, request.repeat(depth), (got) => answers(got) >= depth);
  let rest = text;
  for (let i = 0; i < depth; i++) rest = takeResponse(rest);
  if (rest !== '') throw new Error('check: more than was asked for');
}

async function checkChurn(port: number): Promise<void> {
  const request = 'GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const { text, ended } = await exchange(port, request, () => false);
  if (takeResponse(text) !== '' || !ended) throw new Error('check: not closed after the answer');
}

async function checkPost(port: number): Promise<void> {
  const body = 'y'.repeat(POST_BYTES);
  const head = `POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: ${POST_BYTES}\r\n\r\n`;
  const answer = String(POST_BYTES);
  const { text } = await exchange(port, head + body, (got) => got.endsWith(answer));
  if (!text.startsWith('HTTP/1.1 200') || !text.endsWith(`\r\n\r\n${answer}`)) {
    throw new Error(`check: not the length of what was posted: ${text.slice(-20)}`);
  }
}

async function checkFile(port: number, name: string): Promise<void> {
  const wanted = bytesOf(name).toString('latin1');
  const request = `GET /${name} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const whole = (got: string) => {
    const end = got.indexOf('\r\n\r\n');
    return end >= 0 && got.length >= end + 4 + wanted.length;
  };
  const { text } = await exchange(port, request, whole);
  const end = text.indexOf('\r\n\r\n');
  const head = text.slice(0, end).toLowerCase();
  if (!head.startsWith('http/1.1 200')) throw new Error(`check: ${head.slice(0, 20)}`);
  if (!head.includes(`\r\ncontent-length: ${wanted.length}`)) {
    throw new Error('check: no Content-Length');
  }
  if (text.slice(end + 4) !== wanted) throw new Error('check: the file differs');
}

async function checkEcho(port: number): Promise<void> {
  const message = Array.from({ length: 64 }, (_, i) => String.fromCharCode(i * 4)).join('');
  const { text } = await exchange(port, message, (got) => got.length >= message.length);
  if (text !== message) throw new Error('check: the echo differs');
}

/**
 * What is sent to `port` from a socket that is bound to `from` arrives there. Datagrams are not lost on this
 * machine as long as there are few.
 */
async function checkDatagrams(
  port: number,
  from: { address: string; port: number },
): Promise<void> {
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((resolve) => socket.bind(from.port, from.address, resolve));
    for (const size of [0, 1, 64, 1400]) {
      const sent = Buffer.from(Array.from({ length: size }, (_, i) => i & 255));
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const back = once(socket, 'message', { signal }) as Promise<[Buffer]>;
      socket.send(sent, port, '127.0.0.1');
      const [received] = await back.catch(() => [null]);
      if (received === null) throw new Error('check: no answer in 2 s');
      if (!received.equals(sent)) throw new Error('check: the echo differs');
    }
  } finally {
    socket.close();
  }
}

/** Throws if the server on `port` does not do what the workload times. */
export function checkServer(workload: WorkloadName, port: number): Promise<void> {
  switch (workload) {
    case 'http':
      return checkHttp(port, 1);
    case 'pipelined':
      return checkHttp(port, PIPELINE_DEPTH);
    case 'churn':
      return checkChurn(port);
    case 'post':
      return checkPost(port);
    case 'file64k':
      return checkFile(port, '64k.bin');
    case 'file10m':
      return checkFile(port, '10m.bin');
    case 'echo':
      return checkEcho(port);
    case 'udp':
    case 'bursts':
      return checkDatagrams(port, { address: '127.0.0.1', port: 0 });
    case 'relay':
      return checkDatagrams(port, { address: '127.0.0.2', port });
  }
}
