/**
 * Runs a case and says what has come of it. Every run ends by itself, whatever the server does: behind the
 * bytes of the case comes a probe, which tells whether the connection takes another request, and then the
 * client finishes, so that the server has to close.
 */
import assert from 'node:assert/strict';
import type { ServerOptions } from '../../../src/http/server/server-options.ts';
import { type RawClient, run, type Running, type Transport, withoutDates } from '../raw-client.ts';
import { head, saw, type WireCase } from './case.ts';
import { answer } from './echo.ts';

const PROBE: string = head('GET /probe HTTP/1.1', 'Host: probe');
const PROBE_REPLY: string = saw('GET /probe @probe');

export const GOOD: string = head('GET /good HTTP/1.1', 'Host: good', 'A: b');
export const GOOD_REPLY: string = saw('GET /good @good', 'A: b');

/** Servers of one transport: one for each set of options. */
export class Servers implements AsyncDisposable {
  readonly #transport: Transport;
  readonly #running = new Map<ServerOptions | undefined, Running>();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async for(options: ServerOptions | undefined): Promise<Running> {
    let running = this.#running.get(options);
    if (running === undefined) {
      running = await run(this.#transport, answer, options);
      this.#running.set(options, running);
    }
    return running;
  }

  /** All that was logged. None of the cases is the handler's mistake. */
  get log(): string[] {
    return [...this.#running.values()].flatMap(({ log }) => log);
  }

  /** Connections that are open. */
  get open(): number {
    let count = 0;
    for (const { server } of this.#running.values()) count += server.connections.size;
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running.values()) await running[Symbol.asyncDispose]();
  }
}

export interface Outcome {
  readonly reply: string;
  readonly open: boolean;
}

/** What comes back for `parts`, which are sent one after the other. */
export async function outcome(
  servers: Servers,
  { options, finish = false }: Pick<WireCase, 'options' | 'finish'>,
  parts: readonly string[],
): Promise<Outcome> {
  const running = await servers.for(options);
  await using client = await running.dial();
  await sendAll(client, finish ? parts : [...parts, PROBE]);
  if (!client.ended) client.conn.closeWrite();
  const text = withoutDates(await client.rest());
  assert.equal(client.error, null, 'a reply ends with the end of the stream, not with a reset');
  const open = text.endsWith(PROBE_REPLY);
  return { reply: open ? text.slice(0, -PROBE_REPLY.length) : text, open };
}

/** The server closes of its own accord, without an end of what the client sends. */
export async function closesItself(servers: Servers, raw: WireCase): Promise<string> {
  const running = await servers.for(raw.options);
  await using client = await running.dial();
  await client.send(raw.send);
  return withoutDates(await client.rest());
}

/** On a pipe each part has been read before the next one is sent. */
async function sendAll(client: RawClient, parts: readonly string[]): Promise<void> {
  for (const part of parts) if (part !== '' && !(await client.send(part))) return;
}

export async function check(
  servers: Servers,
  raw: WireCase,
  parts: readonly string[],
  reply: string = raw.reply,
): Promise<void> {
  assert.deepEqual(await outcome(servers, raw, parts), { reply, open: raw.open });
}
