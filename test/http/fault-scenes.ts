/**
 * What a server is asked while its calls fail: the same request by two clients, one after the other. What the
 * first gets is noted, with what is logged; the second gets what it should, or the scene throws. Faults begin
 * when the server listens, and its client has none.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileServer } from '../../src/http.ts';
import type { Handler, HandlerFunc } from '../../src/http/handler.ts';
import { Server } from '../../src/http/server/server.ts';
import type { Stack } from '../../src/net/stack.ts';
import { nodeFiles } from '../../src/node/files.ts';
import type { Scene } from '../net/faulted.ts';
import { RawClient, stack as plain, turnsUntil } from './raw-client.ts';

const LONG = randomBytes(3_000_000).toString('latin1');
const SHORT = 'a short file';

const folder = mkdtempSync(join(tmpdir(), 'netfd-faults-'));
writeFileSync(join(folder, 'long.bin'), LONG, 'latin1');
writeFileSync(join(folder, 'short.bin'), SHORT);

export function removeFiles(): void {
  rmSync(folder, { recursive: true });
}

const echo: HandlerFunc = async (w, r) => {
  if (r.method === 'GET') return void (await w.write('hello'));
  const body: Buffer[] = [];
  for await (const bytes of r.body) body.push(Buffer.from(bytes));
  w.header().set('Content-Length', String(LONG.length));
  await w.write(Buffer.concat(body));
};

async function filesOn(stack: Stack): Promise<Handler> {
  return fileServer(await nodeFiles(stack, folder));
}

/** One reply whole, or what came of it: "200", "500", "200, cut", "no reply". */
function summary(reply: string, body: string): string {
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(reply)?.[1];
  if (status === undefined) return reply === '' ? 'no reply' : 'no status';
  if (status !== '200') return status;
  return reply.slice(reply.indexOf('\r\n\r\n') + 4) === body ? '200' : '200, cut';
}

function asking(
  handlerOn: (stack: Stack) => Handler | HandlerFunc | Promise<Handler>,
  request: string,
  body: string,
): Scene {
  return async (stack, noticed, begin) => {
    const log = (line: string): void => {
      noticed.errors.push(new Error(line.split('\n', 1)[0]));
    };
    const server = new Server(stack, await handlerOn(stack), { errorLog: log });
    const listener = await stack.listen('tcp', '127.0.0.1:0');
    const served = server.serve(listener);
    begin();
    const replies: string[] = [];
    for (let i = 0; i < 2; i++) {
      await using client = new RawClient(await plain.dial('tcp', String(listener.addr)));
      await client.send(request);
      replies.push(summary(await client.rest(), body));
      await turnsUntil(() => server.connections.size === 0);
    }
    server.close();
    await served;
    if (replies[0] !== '200') noticed.errors.unshift(new Error(replies[0]));
    assert.equal(replies[1], '200', 'the reply to the second client');
  };
}

const END = 'Host: x\r\nConnection: close\r\n';

export type SceneName = 'hello' | 'body' | 'short' | 'long';

export const scenes: Readonly<Record<SceneName, Scene>> = {
  hello: asking(() => echo, `GET / HTTP/1.1\r\n${END}\r\n`, 'hello'),
  body: asking(
    () => echo,
    `POST / HTTP/1.1\r\n${END}Content-Length: ${LONG.length}\r\n\r\n${LONG}`,
    LONG,
  ),
  short: asking(filesOn, `GET /short.bin HTTP/1.1\r\n${END}\r\n`, SHORT),
  long: asking(filesOn, `GET /long.bin HTTP/1.1\r\n${END}\r\n`, LONG),
};
