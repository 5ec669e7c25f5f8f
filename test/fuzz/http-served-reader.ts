/**
 * netfd as a reader, as a whole: a server on a pipe, whose handler notes what it gets. That the parts read
 * the same as the server, however the bytes come, is what makes a comparison of the parts worth something.
 */
import assert from 'node:assert/strict';
import type { ResponseWriter, ServerRequest } from '../../src/http/handler.ts';
import { run, type Running } from '../http/raw-client.ts';
import { pieces, type Reading, type SeenRequest } from './http-reading.ts';
import { fieldsOf } from './http-netfd-reader.ts';
import type { Input } from './http-generator.ts';

type Served = Pick<SeenRequest, 'method' | 'target' | 'fields' | 'body'>;

export interface ServedReading {
  readonly requests: readonly Served[];
  /** Of the final replies. */
  readonly statuses: readonly number[];
}

export class ServedReader implements AsyncDisposable {
  readonly #running: Running;
  readonly #seen: Served[];

  static async run(): Promise<ServedReader> {
    const seen: Served[] = [];
    const handler = async (w: ResponseWriter, r: ServerRequest): Promise<void> => {
      const { method, target } = r;
      const body = Buffer.from(await r.body.bytes()).toString('latin1');
      seen.push({ method, target, fields: fieldsOf(r.header), body });
      // There is no tunnel.
      if (method === 'CONNECT') w.writeHeader(405);
    };
    return new ServedReader(await run('pipe', handler), seen);
  }

  private constructor(running: Running, seen: Served[]) {
    this.#running = running;
    this.#seen = seen;
  }

  /** What has been served when the client has sent all of it and has finished. */
  async read({ text, cuts }: Input): Promise<ServedReading> {
    this.#seen.length = 0;
    await using client = await this.#running.dial();
    for (const piece of pieces(Buffer.from(text, 'latin1'), cuts)) {
      if (!(await client.send(piece.toString('latin1')))) break;
    }
    if (!client.ended) client.conn.closeWrite();
    const replies = await client.rest();
    assert.deepEqual(this.#running.log, []);
    const statuses = [...replies.matchAll(/^HTTP\/1\.[01] (\d{3}) /gm)].map(([, code]) =>
      Number(code),
    );
    return { requests: [...this.#seen], statuses: statuses.filter((code) => code >= 200) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
  }
}

/** The server has read as its parts have, and has answered each request once. */
export function checkServed(
  { text }: Input,
  reading: Reading,
  { requests, statuses }: ServedReading,
): void {
  const expected = reading.requests
    .filter(({ target }) => target !== '*')
    .map(({ method, target, fields, body }) => {
      return { method, target, fields: fields.filter(([name]) => name !== 'host'), body };
    });
  // A tunnel that nobody has made is read on as HTTP, which the parts do not.
  const tunnel = reading.ending === 'tunnel';
  // And the server answers OPTIONS * by itself, before it knows that the body is good, if it asks for it.
  const asterisk = /OPTIONS \*/.test(text);
  if (tunnel || asterisk) {
    const common = Math.min(requests.length, expected.length);
    return assert.deepEqual(requests.slice(0, common), expected.slice(0, common));
  }
  assert.deepEqual(requests, expected);
  const { length } = expected;
  const refused = statuses.length - length;
  const { ending } = reading;
  if (ending === 'refused') assert.equal(refused, 1);
  else if (ending === 'partial') assert.ok(refused === 0 || refused === 1);
  else assert.equal(refused, 0);
  assert.ok(statuses.slice(0, length).every((code) => code === 200));
  assert.ok(statuses.slice(length).every((code) => code >= 400));
}
