/**
 * The kinds of requests of soak.test.ts: what each sends over node:net, and what has to come back, to the
 * byte. Each function asks on connections of its own, and gives how many requests it has made.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What the server gives out, and how. */
export const fileBytes: Uint8Array = Uint8Array.from({ length: 150_000 }, (_, i) => 65 + (i % 26));
export const PIECE: string = 'stream'.repeat(1000);
export const PIECES = 20;
export const HEAD_TIMEOUT = 300;

/** A connection that keeps what it has read as text, a code unit a byte. */
class Peer {
  readonly socket: Socket;
  text = '';
  ended = false;
  #changed: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket.setEncoding('latin1').setNoDelay();
    socket.on('data', (data: string) => {
      this.text += data;
      this.#changed();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#end());
    socket.on('end', () => this.#end());
  }

  static async to(port: number): Promise<Peer> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Peer(socket);
  }

  #end(): void {
    this.ended = true;
    this.#changed();
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  async until(isMet: () => boolean): Promise<void> {
    while (!isMet() && !this.ended) await new Promise<void>((resolve) => (this.#changed = resolve));
  }

  /** The next reply of a known length is taken off: its status and its body. */
  async reply(): Promise<{ status: number; body: string }> {
    await this.until(() => this.text.includes('\r\n\r\n'));
    const end = this.text.indexOf('\r\n\r\n') + 4;
    const head = this.text.slice(0, end);
    const length = Number(/\r\nContent-Length: (\d+)\r\n/.exec(head)?.[1]);
    assert.ok(length >= 0, `no length: ${JSON.stringify(this.text.slice(0, 300))}`);
    await this.until(() => this.text.length >= end + length);
    const body = this.text.slice(end, end + length);
    assert.equal(body.length, length);
    this.text = this.text.slice(end + length);
    return { status: Number(head.slice(9, 12)), body };
  }

  /** All until the server ends. */
  async rest(): Promise<string> {
    await this.until(() => false);
    return this.text;
  }

  close(): void {
    this.socket.destroy();
  }
}

function head(line: string, ...fields: string[]): string {
  return [`${line} HTTP/1.1`, 'Host: x', ...fields, '', ''].join('\r\n');
}

async function onOne(port: number, use: (peer: Peer) => Promise<number>): Promise<number> {
  const peer = await Peer.to(port);
  try {
    return await use(peer);
  } finally {
    peer.close();
  }
}

export type Kind = (port: number, n: number) => Promise<number>;

export const kinds: Readonly<Record<string, Kind>> = {
  keptAlive: (port) =>
    onOne(port, async (peer) => {
      for (let i = 0; i < 20; i++) {
        peer.send(head('GET /hello'));
        assert.deepEqual(await peer.reply(), { status: 200, body: 'hello' });
      }
      return 20;
    }),
  pipelined: (port) =>
    onOne(port, async (peer) => {
      peer.send(head('GET /hello').repeat(200));
      for (let i = 0; i < 200; i++) {
        assert.deepEqual(await peer.reply(), { status: 200, body: 'hello' });
      }
      return 200;
    }),
  churn: async (port) => {
    for (let i = 0; i < 5; i++) {
      await onOne(port, async (peer) => {
        peer.send(head('GET /hello', 'Connection: close'));
        assert.match(await peer.rest(), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nhello$/);
        return 1;
      });
    }
    return 5;
  },
  posted: (port, n) =>
    onOne(port, async (peer) => {
      const body = 'abc'.repeat(1 + ((n * 7919) % 50_000));
      peer.send(head('POST /echo', `Content-Length: ${body.length}`) + body);
      assert.deepEqual(await peer.reply(), { status: 200, body });
      const size = body.length.toString(16);
      peer.send(
        `${head('POST /echo', 'Transfer-Encoding: chunked')}${size}\r\n${body}\r\n0\r\n\r\n`,
      );
      assert.deepEqual(await peer.reply(), { status: 200, body });
      peer.send(head('POST /ignored', `Content-Length: ${body.length}`) + body);
      assert.deepEqual(await peer.reply(), { status: 200, body: 'ignored' });
      return 3;
    }),
  ranges: (port, n) =>
    onOne(port, async (peer) => {
      const from = (n * 7919) % 100_000;
      const to = from + (n % 40_000);
      peer.send(head('GET /files/file', `Range: bytes=${from}-${to}`));
      const body = Buffer.from(fileBytes.subarray(from, to + 1)).toString('latin1');
      assert.deepEqual(await peer.reply(), { status: 206, body });
      peer.send(head('GET /files/none'));
      assert.equal((await peer.reply()).status, 404);
      return 2;
    }),
  streamed: (port) =>
    onOne(port, async (peer) => {
      peer.send(head('GET /stream', 'Connection: close'));
      const text = await peer.rest();
      assert.equal(text.split('stream').length - 1, 1000 * PIECES);
      assert.ok(text.endsWith('\r\n0\r\n\r\n'));
      return 1;
    }),
  abandoned: async (port, n) => {
    const sent = [
      head('GET /stream'),
      head('GET /waits'),
      `${head('POST /echo', 'Content-Length: 1000')}some`,
      'GET /hello HTTP/1.1\r\nHo',
    ];
    await onOne(port, async (peer) => {
      const which = n % sent.length;
      peer.send(sent[which]!);
      if (which < 2) await peer.until(() => peer.text.includes('\r\n\r\n'));
      else await new Promise(setImmediate);
      if (n % 8 < 4) peer.socket.resetAndDestroy();
      return 1;
    });
    return 1;
  },
  upgraded: (port, n) =>
    onOne(port, async (peer) => {
      peer.send(head('GET /upgrade', 'Connection: Upgrade', 'Upgrade: echo'));
      await peer.until(() => peer.text.endsWith('\r\n\r\n'));
      assert.match(peer.text, /^HTTP\/1\.1 101 /);
      peer.text = '';
      peer.send(`over ${n}`);
      await peer.until(() => peer.text === `over ${n}`);
      peer.socket.end();
      assert.equal(await peer.rest(), `over ${n}`);
      return 1;
    }),
  fetched: (port, n) =>
    onOne(port, async (peer) => {
      for (const body of ['', `{"n":${n}}`]) {
        const method = body === '' ? 'GET' : 'POST';
        peer.send(head(`${method} /fetch/${n}`, `Content-Length: ${body.length}`) + body);
        const said = await peer.reply();
        assert.equal(said.status, 200);
        assert.deepEqual(JSON.parse(said.body), { url: `http://x/fetch/${n}`, body });
      }
      return 2;
    }),
  refused: (port) =>
    onOne(port, async (peer) => {
      peer.send(head('GET /hello') + head('GET /hello', 'Bad field: x'));
      assert.deepEqual(await peer.reply(), { status: 200, body: 'hello' });
      assert.equal((await peer.reply()).status, 400);
      assert.equal(await peer.rest(), '');
      return 2;
    }),
};

/** Takes its time, so it runs beside the others. */
export const tooSlow: Kind = (port) =>
  onOne(port, async (peer) => {
    peer.send('GET /hello HTTP/1.1\r\nHost: x\r\nA: ');
    assert.match(await peer.rest(), /^HTTP\/1\.1 408 /);
    return 1;
  });
