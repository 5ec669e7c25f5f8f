/** A connection by node:net on which a test says what it likes, and sees what comes, byte by byte. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export class RawClient {
  readonly socket: Socket;
  /** What has come and was not taken, a code unit a byte. */
  received = '';
  ended = false;
  #changed: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.received += text;
      this.#changed();
    });
    for (const event of ['end', 'close', 'error']) {
      socket.on(event, () => {
        this.ended = true;
        this.#changed();
      });
    }
  }

  static async connect(t: TestContext, to: number | NetConnectOpts): Promise<RawClient> {
    const options = typeof to === 'number' ? { port: to, host: '127.0.0.1' } : to;
    const socket = connect({ ...options, allowHalfOpen: true } as NetConnectOpts);
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** What came up to and with the first match of `pattern`. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.received);
      if (match !== null) {
        const end = match.index + match[0].length;
        const text = this.received.slice(0, end);
        this.received = this.received.slice(end);
        return text;
      }
      assert.ok(!this.ended, `ended without ${pattern}: ${this.received.slice(0, 2000)}`);
      await this.#change();
    }
  }

  /** All that comes until the server ends its stream. */
  async rest(): Promise<string> {
    while (!this.ended) await this.#change();
    return this.received;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#changed = resolve));
  }
}

/** Sends one request on a connection of its own and gives the whole answer. */
export async function ask(t: TestContext, port: number, request: string): Promise<string> {
  const client = await RawClient.connect(t, port);
  client.send(request);
  return client.rest();
}

/** GET `target`, to be closed after it. */
export function get(t: TestContext, port: number, target: string, fields = ''): Promise<string> {
  return ask(t, port, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${fields}\r\n`);
}

/** The status code of an answer. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

/** The body of an answer that is not chunked. */
export function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}
