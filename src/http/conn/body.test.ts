/** Request bodies of both kinds, read in every way, and how they fail. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ScriptedConn } from '../../../test/http/scripted-conn.ts';
import { Body, type BodySource, NO_BODY } from './body.ts';
import type { ChunkLimits } from '../message/chunked.ts';
import { HttpError } from '../errors.ts';
import { Input } from './input.ts';

/** A body whose bytes come in these pieces. */
class Source implements BodySource {
  readonly conn: ScriptedConn;
  readonly input: Input;
  maxBodyBytes = Number.POSITIVE_INFINITY;
  limits: ChunkLimits = {};
  /** What was told of it. */
  readonly told: string[] = [];

  constructor(...incoming: (string | null | Error)[]) {
    this.conn = new ScriptedConn(...incoming);
    this.input = new Input(this.conn);
  }

  beforeBody(): void {
    this.told.push('before');
  }

  afterBody(): void {
    this.told.push('after');
  }

  bodyFailed(): void {
    this.told.push('failed');
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

const CHUNKED = -1;
const LENGTH = 12;
const HELLO = 'hello, world';
const CHUNKS = `5;ext\r\nhello\r\n1\r\n,\r\n6\r\n world\r\n0\r\nA: b\r\n\r\n`;

for (const [name, length, wire] of [
  ['a body of known length', LENGTH, HELLO],
  ['a chunked body', CHUNKED, CHUNKS],
] as const) {
  suite(name, () => {
    test('however it is cut, whatever was received before', async () => {
      for (let cut = 0; cut <= wire.length; cut++) {
        for (const size of [1, 3, 100]) {
          const pieces = [wire.slice(0, cut), wire.slice(cut), 'next'];
          const source = new Source(...pieces.filter((piece) => piece !== ''));
          if (cut > 0) source.input.fill();
          source.input.settle();
          const body = new Body(source, length);
          const buf = new Uint8Array(size);
          let text = '';
          for (let n = await body.read(buf); n !== null; n = await body.read(buf)) {
            assert.ok(n > 0);
            text += textOf(buf.subarray(0, n));
          }
          assert.equal(text, HELLO);
          assert.equal(body.done, true);
          assert.equal(await body.read(buf), null);
          // Nothing of what follows has been lost.
          const rest = textOf(source.input.rest()) + source.conn.incoming.join('');
          assert.equal(rest, 'next');
        }
      }
    });

    test('as bytes, text, JSON, a stream, and in a loop', async () => {
      const make = (): Body => new Body(new Source(...wire), length);
      assert.equal(textOf(await make().bytes()), HELLO);
      assert.equal(await make().text(), HELLO);
      let text = '';
      for await (const part of make()) text += textOf(part);
      assert.equal(text, HELLO);
      const body = make();
      assert.equal(body.stream, body.stream);
      assert.equal(await new Response(body.stream).text(), HELLO);
      await assert.rejects(make().json(), { code: 'ERR_HTTP_JSON', status: 400 });
    });

    test('reads are made one after the other', async () => {
      const body = new Body(new Source(...wire), length);
      const bufs = Array.from({ length: LENGTH }, () => new Uint8Array(1));
      const counts = await Promise.all(bufs.map((buf) => body.read(buf)));
      assert.deepEqual(
        counts,
        bufs.map(() => 1),
      );
      assert.equal(bufs.map(textOf).join(''), HELLO);
      assert.equal(await body.read(new Uint8Array(1)), null);
    });

    test('the connection is told when it begins and when it has ended', async () => {
      const source = new Source(wire);
      const body = new Body(source, length);
      assert.equal(await body.read(new Uint8Array(0)), 0);
      assert.deepEqual(source.told, []);
      await body.bytes();
      assert.equal(source.told[0], 'before');
      assert.equal(source.told.at(-1), 'after');
      assert.equal(source.told.filter((what) => what === 'after').length, 1);
    });

    test('the end comes too early', async () => {
      for (let cut = 0; cut < wire.length; cut++) {
        const source = new Source(...(cut > 0 ? [wire.slice(0, cut)] : []), null);
        const body = new Body(source, length);
        const expected = { code: 'ERR_HTTP_UNEXPECTED_EOF', status: 400 };
        await assert.rejects(body.bytes(), expected);
        assert.equal(source.told.at(-1), 'failed');
        await assert.rejects(body.read(new Uint8Array(1)), expected);
        assert.equal((body.failure as HttpError).code, expected.code);
        assert.equal(body.done, false);
      }
    });

    test('the connection fails', async () => {
      const error = new Error('of the connection');
      const source = new Source(wire.slice(0, 9), error);
      const body = new Body(source, length);
      await assert.rejects(body.bytes(), error);
      assert.equal(body.failure, error);
      assert.equal(source.told.at(-1), 'failed');
    });

    test('the time is over', async () => {
      const error = Object.assign(new Error('i/o timeout'), { timeout: true });
      const body = new Body(new Source(wire.slice(0, 9), error), length);
      await assert.rejects(body.bytes(), {
        code: 'ERR_HTTP_BODY_TIMEOUT',
        status: 408,
        cause: error,
      });
    });

    test('limits of the one who reads and of the server', async () => {
      const tooLarge = { code: 'ERR_HTTP_BODY_TOO_LARGE', status: 413 };
      assert.equal((await new Body(new Source(wire), length).bytes(LENGTH)).length, LENGTH);
      await assert.rejects(new Body(new Source(wire), length).bytes(LENGTH - 1), tooLarge);
      await assert.rejects(new Body(new Source(wire), length).text(LENGTH - 1), tooLarge);
      const source = new Source(wire);
      source.maxBodyBytes = LENGTH - 1;
      const body = new Body(source, length);
      await assert.rejects(body.bytes(), tooLarge);
      assert.ok(!source.told.includes('failed'), 'the client is still there');
    });

    test('what is left is read and forgotten, up to a limit', async () => {
      const some = async (limit: number, read = 0): Promise<[boolean, boolean]> => {
        const body = new Body(new Source(...wire), length);
        if (read > 0) await body.read(new Uint8Array(read));
        return [await body.discard(limit), body.done];
      };
      assert.deepEqual(await some(LENGTH), [true, true]);
      assert.deepEqual(await some(LENGTH - 1, 1), [true, true]);
      assert.deepEqual(await some(3), [false, false]);
      const failing = new Body(new Source(wire.slice(0, 9), null), length);
      assert.equal(await failing.discard(100), false);
      assert.equal(await failing.discard(100), false);
    });

    test('bad arguments', async () => {
      const body = new Body(new Source(wire), length);
      await assert.rejects(body.read('buf' as unknown as Uint8Array), TypeError);
      assert.equal(await body.text(), HELLO);
    });
  });
}

suite('JSON', () => {
  test('is parsed', async () => {
    const text = '{"a":[1]}';
    assert.deepEqual(await new Body(new Source(text), text.length).json(), { a: [1] });
  });
});

suite('a trailer', () => {
  test('is there when the body has been read', async () => {
    const body = new Body(new Source(CHUNKS), CHUNKED);
    assert.equal(body.trailer.isEmpty, true);
    await body.bytes();
    assert.deepEqual([...body.trailer], [['A', 'b']]);
    assert.equal(body.trailer, body.trailer);
  });
});

suite('chunks that are none', () => {
  test('are an error of the client', async () => {
    const source = new Source('3\r\nabcd\r\n');
    const body = new Body(source, CHUNKED);
    await assert.rejects(body.bytes(), { code: 'ERR_HTTP_CHUNKS', status: 400 });
    assert.ok(!source.told.includes('failed'));
  });
});

suite('limits of chunks', () => {
  test('are those of the server', async () => {
    for (const [limits, wire, status] of [
      [{ maxTrailers: 0 }, '0\r\nA: b\r\n\r\n', 431],
      [{ maxTrailerBytes: 3 }, '0\r\nA: b\r\n\r\n', 431],
      [{ maxChunkOverhead: 0 }, `1;${'a'.repeat(30)}\r\nb\r\n0\r\n\r\n`, 400],
    ] as const) {
      const source = new Source(wire);
      assert.ok(await new Body(new Source(wire), CHUNKED).bytes());
      source.limits = limits;
      const body = new Body(source, CHUNKED);
      await assert.rejects(body.bytes(), { code: 'ERR_HTTP_CHUNKS', status });
      assert.equal(body.trailer.isEmpty, true);
    }
  });
});

suite('a length that is only claimed', () => {
  test('costs no memory', async () => {
    const body = new Body(new Source('abc', null), 2 ** 50);
    await assert.rejects(body.bytes(Number.POSITIVE_INFINITY), { code: 'ERR_HTTP_UNEXPECTED_EOF' });
    await assert.rejects(new Body(new Source('abc', null), 2 ** 50).bytes(), { status: 413 });
  });
});

suite('no body', () => {
  test('is the same for all, and nobody notices', async () => {
    assert.equal(NO_BODY.done, true);
    assert.equal(await NO_BODY.read(new Uint8Array(1)), null);
    assert.equal(await NO_BODY.text(), '');
    assert.equal((await NO_BODY.bytes()).length, 0);
    assert.equal(await NO_BODY.discard(0), true);
    assert.equal(NO_BODY.trailer.isEmpty, true);
    const [one, other] = [NO_BODY.stream.getReader(), NO_BODY.stream.getReader()];
    assert.equal((await one.read()).done, true);
    assert.equal((await other.read()).done, true);
    for await (const part of NO_BODY) assert.fail(`it has ${part.length} bytes`);
  });
});
