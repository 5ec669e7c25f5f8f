/** What a response sends, and when: test/http/raw-cases.ts has it as a client sees it. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ScriptedConn } from '../../../test/http/scripted-conn.ts';
import type { Deadline } from '../../net/conn.ts';
import type { HttpError } from '../errors.ts';
import type { Hijacked } from '../handler.ts';
import { HeadCache } from '../message/head-cache.ts';
import { Output } from './output.ts';
import { Response } from './response.ts';
import type { ResponseSink } from './response-sink.ts';

class Sink implements ResponseSink {
  readonly conn: ScriptedConn = new ScriptedConn();
  readonly output: Output = new Output(this.conn);
  readonly heads: HeadCache;
  readonly logged: string[] = [];
  readonly told: unknown[] = [];
  date = 'Date: now\r\n';
  closes = false;

  constructor(heads: HeadCache = new HeadCache()) {
    this.heads = heads;
  }

  dateLine(): string {
    return this.date;
  }

  closesAfter(): boolean {
    return this.closes;
  }

  endsBody(): void {
    this.told.push('endsBody');
  }

  beforeBody(): void {
    this.told.push('beforeBody');
  }

  setReadDeadline(when: Deadline): void {
    this.told.push(['read', when]);
  }

  setWriteDeadline(when: Deadline): void {
    this.told.push(['write', when]);
  }

  hijack(): Hijacked {
    return { conn: this.conn, buffered: new Uint8Array(0) };
  }

  log(message: string): void {
    this.logged.push(message);
  }

  response(isHead = false, minor = 1, wantsKeepAlive = true): Response {
    return new Response(this, isHead ? 'HEAD' : 'GET', minor, wantsKeepAlive);
  }

  /** What has been sent since the last time. */
  sent(): string {
    this.output.flush();
    const { written } = this.conn;
    this.conn.written = '';
    return written;
  }
}

const TYPE = 'Content-Type: text/plain; charset=utf-8\r\n';
const DATE = 'Date: now\r\n';

function ok(fields: string, body = ''): string {
  return `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`;
}

suite('a response', () => {
  test('that is short has a length', async () => {
    const sink = new Sink();
    const w = sink.response();
    assert.equal(await w.write('hel'), 3);
    assert.equal(await w.write(Buffer.from('lo')), 2);
    assert.equal(await w.write(''), 0);
    assert.equal(w.headSent, false);
    assert.equal(sink.sent(), '');
    w.finish();
    assert.equal(sink.sent(), ok(`${DATE}Content-Length: 5\r\n${TYPE}`, 'hello'));
    assert.deepEqual([w.status, w.bytesWritten, w.close], [200, 5, false]);
    w.finish();
    assert.equal(sink.sent(), '');
  });

  test('counts bytes, not characters', async () => {
    const sink = new Sink();
    const w = sink.response();
    assert.equal(await w.write('é€'), 5);
    w.finish();
    const utf8 = Buffer.from('é€').toString('latin1');
    assert.equal(sink.sent(), ok(`${DATE}Content-Length: 5\r\n${TYPE}`, utf8));
  });

  test('of just the buffer, and of one byte more', () => {
    const sink = new Sink();
    const body = 'x'.repeat(2048);
    let w = sink.response();
    void w.write(body);
    w.finish();
    assert.match(sink.sent(), /Content-Length: 2048\r\n/);
    w = sink.response();
    void w.write(body);
    void w.write('y');
    assert.equal(w.headSent, true);
    w.finish();
    const chunks = `800\r\n${body}\r\n1\r\ny\r\n0\r\n\r\n`;
    assert.equal(sink.sent(), ok(`${DATE}${TYPE}Transfer-Encoding: chunked\r\n`, chunks));
  });

  test('keeps what was written while the handler uses its buffer again', () => {
    const sink = new Sink();
    const w = sink.response();
    const buf = Buffer.from('one');
    void w.write(buf);
    buf.write('two');
    void w.write(buf);
    buf.fill(0);
    w.finish();
    assert.ok(sink.sent().endsWith('\r\n\r\nonetwo'));
  });

  test('waits when the client does not read', async () => {
    const sink = new Sink();
    sink.conn.room = 1000;
    const w = sink.response();
    let settled = false;
    const written = w.write(new Uint8Array(100_000)).then((count) => {
      settled = true;
      return count;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(settled, false);
    sink.conn.drain(1e6);
    assert.equal(await written, 100_000);
  });

  test('waits as long as a buffer of the handler is in use', async () => {
    const sink = new Sink();
    sink.conn.room = 1000;
    const w = sink.response();
    let settled = false;
    void w.write(new Uint8Array(20_000)).then(() => (settled = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(settled, false);
    sink.conn.drain(1e6);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(settled, true);
  });

  test('that grants a tunnel has neither length nor chunks nor type, and no other follows', async () => {
    for (const flushed of [false, true]) {
      const sink = new Sink();
      const w = new Response(sink, 'CONNECT', 1, true);
      w.header().set('Content-Length', 3);
      w.header().set('Trailer', 'X');
      if (flushed) await w.flush();
      void w.write('abcdef');
      w.finish();
      assert.equal(sink.sent(), ok(DATE, 'abcdef'));
      assert.equal(w.close, true);
      assert.deepEqual(sink.told, ['endsBody']);
    }
  });

  test('of 205 says that it has no body', async () => {
    for (const flushed of [false, true]) {
      const sink = new Sink();
      const w = sink.response();
      w.writeHeader(205);
      if (flushed) await w.flush();
      await assert.rejects(w.write('x'), { code: 'ERR_HTTP_BODY_NOT_ALLOWED' });
      w.finish();
      assert.equal(sink.sent(), `HTTP/1.1 205 Reset Content\r\n${DATE}Content-Length: 0\r\n\r\n`);
      assert.equal(w.close, false);
    }
  });

  test('with trailers is the same each time, though their values are not', () => {
    const sink = new Sink();
    for (const sum of ['1', '2', '2']) {
      const w = sink.response();
      w.header().set('Trailer', 'X-Sum');
      void w.write('abc');
      w.header().set('X-Sum', sum);
      w.finish();
      const chunks = `3\r\nabc\r\n0\r\nX-Sum: ${sum}\r\n\r\n`;
      const fields = `Trailer: X-Sum\r\n${DATE}${TYPE}Transfer-Encoding: chunked\r\n`;
      assert.equal(sink.sent(), ok(fields, chunks));
    }
  });

  test('whose end is not the connection’s does not say so', () => {
    const sink = new Sink();
    for (const [isHead, minor] of [
      [false, 1],
      [true, 1],
      [true, 0],
    ] as const) {
      const w = sink.response(isHead, minor);
      void w.write('x'.repeat(3000));
      w.finish();
    }
    assert.deepEqual(sink.told, []);
    void sink.response(false, 0).write('x'.repeat(3000));
    assert.deepEqual(sink.told, ['endsBody']);
  });

  test('after a flush goes on in chunks', async () => {
    const sink = new Sink();
    const w = sink.response();
    await w.flush();
    assert.equal(sink.sent(), ok(`${DATE}Transfer-Encoding: chunked\r\n`));
    await w.write('abc');
    await w.flush();
    assert.equal(sink.sent(), '3\r\nabc\r\n');
    w.finish();
    assert.equal(sink.sent(), '0\r\n\r\n');
    await w.flush();
    assert.equal(sink.sent(), '');
  });
});

suite('a length that the handler declares', () => {
  test('is kept to', async () => {
    const sink = new Sink();
    const w = sink.response();
    w.header().set('Content-Length', 3);
    await w.write('ab');
    await assert.rejects(w.write('cd'), { code: 'ERR_HTTP_CONTENT_LENGTH' });
    await w.write('c');
    w.finish();
    assert.equal(sink.sent(), ok(`Content-Length: 3\r\n${DATE}${TYPE}`, 'abc'));
    assert.equal(w.close, false);
  });

  test('and the connection is closed if it is not reached', () => {
    for (const flushed of [false, true]) {
      const sink = new Sink();
      const w = sink.response();
      w.header().set('Content-Length', 3);
      void w.write('ab');
      if (flushed) void w.flush();
      w.finish();
      assert.equal(w.close, true);
      assert.equal(sink.sent().includes('Connection: close\r\n'), !flushed);
    }
  });

  test('counts for HEAD without a body, and for 304', () => {
    for (const [isHead, status] of [
      [true, 200],
      [false, 304],
    ] as const) {
      const sink = new Sink();
      const w = sink.response(isHead);
      w.header().set('Content-Length', 3);
      w.writeHeader(status);
      w.finish();
      assert.match(sink.sent(), /Content-Length: 3\r\n/);
      assert.equal(w.close, false);
    }
  });

  test('is dropped if it is none, and if there can be no body', () => {
    const sink = new Sink();
    let w = sink.response();
    w.header().set('Content-Length', 'three');
    void w.write('abc');
    w.finish();
    assert.equal(sink.sent(), ok(`${DATE}Content-Length: 3\r\n${TYPE}`, 'abc'));
    assert.deepEqual(sink.logged, ['http: invalid Content-Length of "three"']);
    w = sink.response();
    w.header().set('Content-Length', 3);
    w.writeHeader(204);
    w.finish();
    assert.equal(sink.sent(), `HTTP/1.1 204 No Content\r\n${DATE}\r\n`);
  });

  test('yields to a transfer coding', () => {
    for (const minor of [1, 0]) {
      const sink = new Sink();
      const w = sink.response(false, minor);
      w.header().set('Content-Length', 3);
      w.header().set('Transfer-Encoding', 'chunked');
      w.writeHeader(200);
      void w.write('abc');
      w.finish();
      const chunked = ok(`${DATE}Transfer-Encoding: chunked\r\n`, '3\r\nabc\r\n0\r\n\r\n');
      assert.equal(sink.sent(), minor === 1 ? chunked : `HTTP/1.0 200 OK\r\n${DATE}\r\nabc`);
      assert.equal(w.close, minor === 0);
      const both = 'Transfer-Encoding of "chunked" and a Content-Length of 3';
      assert.deepEqual(sink.logged, [`http: writeHeader called with both ${both}`]);
    }
  });
});

suite('a transfer coding that the handler sets', () => {
  /** The whole reply to a handler that sets these values and writes "abc". */
  function coded(values: readonly string[], isHead = false, minor = 1, status = 200): string {
    const sink = new Sink();
    const w = sink.response(isHead, minor);
    for (const value of values) w.header().add('Transfer-Encoding', value);
    w.writeHeader(status);
    if (status === 200) void w.write('abc');
    w.finish();
    assert.deepEqual(sink.logged, []);
    return sink.sent();
  }

  const CHUNKS = '3\r\nabc\r\n0\r\n\r\n';
  const CHUNKED = `${DATE}Transfer-Encoding: chunked\r\n`;

  test('stays, and the chunks are the server’s own', () => {
    const gzip = ok(`Transfer-Encoding: gzip\r\n${CHUNKED}`, CHUNKS);
    for (const values of [['gzip'], ['gzip, chunked'], ['gzip', 'Chunked'], ['chunked,gzip,']]) {
      assert.equal(coded(values), gzip);
    }
    for (const values of [['chunked'], ['chunked, chunked'], ['Chunked', 'identity']]) {
      assert.equal(coded(values), ok(CHUNKED, CHUNKS));
    }
    const two = ok(`Transfer-Encoding: a, b\r\n${CHUNKED}`, CHUNKS);
    assert.equal(coded(['a', 'b']), two);
  });

  test('goes where none may be', () => {
    for (const values of [['gzip'], ['chunked'], ['identity']]) {
      assert.equal(coded(values, false, 0), `HTTP/1.0 200 OK\r\n${DATE}\r\nabc`);
      assert.equal(coded(values, false, 1, 204), `HTTP/1.1 204 No Content\r\n${DATE}\r\n`);
      assert.equal(coded(values, false, 1, 304), `HTTP/1.1 304 Not Modified\r\n${DATE}\r\n`);
      assert.doesNotMatch(coded(values, true), /gzip|identity|close|abc/);
    }
  });

  test('may be identity: the body ends with the connection', () => {
    for (const flushed of [false, true]) {
      const sink = new Sink();
      const w = sink.response();
      w.header().set('Transfer-Encoding', 'Identity');
      void w.write('abc');
      if (flushed) void w.flush();
      void w.write('def');
      w.finish();
      assert.equal(sink.sent(), ok(`${DATE}Connection: close\r\n`, 'abcdef'));
      assert.equal(w.close, true);
    }
    const sink = new Sink();
    const w = sink.response();
    w.header().set('Transfer-Encoding', 'identity');
    w.header().set('Content-Length', 3);
    void w.write('abc');
    w.finish();
    assert.equal(sink.sent(), ok(`Content-Length: 3\r\n${DATE}`, 'abc'));
    assert.equal(w.close, false);
  });
});

suite('heads that are kept', () => {
  /** The head of a response that `make` writes. */
  function headOf(sink: Sink, make: (w: Response) => void): string {
    const w = sink.response();
    make(w);
    w.finish();
    return sink.sent().split('\r\n\r\n')[0]!;
  }

  test('are the same as new ones', () => {
    const kept = new Sink();
    const makers: readonly ((w: Response) => void)[] = [
      (w) => void w.write('hello'),
      (w) => void w.write('other'),
      (w) => void w.write('<html> is this'),
      (w) => void w.write(Buffer.from('bytes')),
      (w) => w.writeHeader(404),
      (w) => w.header().set('A', 'b'),
      (w) => w.header().set('A', 'c'),
      (w) => w.header().set('a', 'b'),
      (w) => w.header().set('Connection', 'close'),
      (w) => {
        w.header().set('Content-Length', 5);
        void w.write('all');
      },
      (w) => {
        w.header().set('Content-Length', 5);
        void w.write('of it');
      },
      (w) => {
        w.header().set('Content-Length', 5);
        void w.write('again');
        w.header().set('A', 'b');
      },
      (w) => void w.flush(),
      (w) => w.header().set('Date', 'then'),
    ];
    for (let round = 0; round < 4; round++) {
      for (const make of makers) assert.equal(headOf(kept, make), headOf(new Sink(), make));
    }
    kept.date = 'Date: later\r\n';
    for (const make of makers.slice(0, -1)) {
      assert.ok(headOf(kept, make).includes('\r\nDate: later'));
    }
  });

  test('whatever the client and the connection want', () => {
    const heads = new HeadCache();
    for (let round = 0; round < 3; round++) {
      for (const isHead of [false, true]) {
        for (const minor of [0, 1]) {
          for (const keepAlive of [false, true]) {
            for (const closes of [false, true]) {
              const [kept, fresh] = [new Sink(heads), new Sink()].map((sink) => {
                sink.closes = closes;
                const w = sink.response(isHead, minor, keepAlive);
                void w.write('hello');
                w.finish();
                assert.equal(w.close, closes || !keepAlive);
                return sink.sent();
              });
              assert.equal(kept, fresh);
              assert.ok(fresh!.endsWith(isHead ? '\r\n\r\n' : '\r\n\r\nhello'));
            }
          }
        }
      }
    }
  });

  test('and whole replies: the one before again, and then another one', () => {
    const heads = new HeadCache();
    const kinds: readonly ((w: Response) => void)[] = [
      (w) => void w.write('hello'),
      (w) => (w.writeHeader(201), void w.write('hello')),
      (w) => (w.header().set('A', 'b'), void w.write('hello')),
      (w) => (w.header().set('A', 'c'), void w.write('hello')),
      (w) => (w.header().set('Content-Length', 5), void w.write('hello')),
      (w) => (w.header().set('Content-Length', 9), void w.write('hello')),
      (w) => (w.header().set('Connection', 'close'), void w.write('hello')),
      (w) => (w.header().set('Transfer-Encoding', 'gzip'), void w.write('hello')),
      (w) => (w.header().set('Trailer', 'A'), void w.write('hello')),
      (w) => void w.write('<p>ok'),
      (w) => void w.write(Buffer.from('hello')),
      (w) => (void w.write('hel'), void w.write('lo')),
      (w) => (void w.flush(), void w.write('hello')),
      () => {},
    ];
    for (const [method, minor] of [
      ['GET', 1],
      ['HEAD', 1],
      ['CONNECT', 1],
      ['GET', 0],
    ] as const) {
      for (const first of kinds) {
        for (const second of kinds) {
          for (const write of [first, first, first, second, first]) {
            const [kept, fresh] = [new Sink(heads), new Sink()].map((sink) => {
              const w = new Response(sink, method, minor, true);
              write(w);
              w.finish();
              return [sink.sent(), w.close, w.headSent, w.status, sink.logged, sink.told];
            });
            assert.deepEqual(kept, fresh);
          }
        }
      }
    }
  });

  test('are not changed by what a handler does to its header later', () => {
    const sink = new Sink();
    const header = (): string => headOf(sink, (w) => w.header().set('A', 'b'));
    const first = header();
    const w = sink.response();
    w.header().set('A', 'b');
    w.finish();
    w.header().set('A', 'changed');
    sink.sent();
    assert.equal(header(), first);
  });
});

suite('statuses', () => {
  test('one counts, interim ones are sent at once', () => {
    const sink = new Sink();
    const w = sink.response();
    w.header().set('Link', '</a>');
    w.writeHeader(103);
    assert.equal(sink.sent(), 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
    w.writeHeader(404);
    w.writeHeader(500);
    assert.deepEqual(sink.logged, ['http: superfluous writeHeader call']);
    w.finish();
    assert.match(sink.sent(), /^HTTP\/1\.1 404 Not Found\r\nLink: <\/a>\r\n/);
    const old = sink.response(false, 0);
    old.writeHeader(103);
    assert.equal(sink.sent(), '', 'HTTP/1.0 has none');
    assert.throws(() => old.writeHeader(101), { code: 'ERR_HTTP_UPGRADE', status: 400 });
    sink.response().writeHeader(100);
    assert.deepEqual([sink.sent(), sink.told], ['', ['beforeBody']], 'only who waits gets 100');
  });

  test('are checked', () => {
    const w = new Sink().response();
    for (const status of [0, 99, 1000, 200.5, Number.NaN, '200' as unknown as number]) {
      assert.throws(() => w.writeHeader(status), RangeError);
    }
    assert.equal(w.status, 0);
  });

  test('without a body take none', async () => {
    for (const status of [101, 204, 304]) {
      const sink = new Sink();
      const w = sink.response();
      w.writeHeader(status);
      await assert.rejects(w.write('x'), { code: 'ERR_HTTP_BODY_NOT_ALLOWED' });
      w.finish();
      assert.ok(sink.sent().endsWith(`${DATE}\r\n`));
      assert.equal(w.close, status === 101);
    }
  });

  test('that nobody has heard of', () => {
    const sink = new Sink();
    const w = sink.response();
    w.writeHeader(777);
    w.finish();
    assert.match(sink.sent(), /^HTTP\/1\.1 777 status code 777\r\n/);
  });
});

suite('types', () => {
  function typeOf(body: string | Uint8Array, name?: string, value?: string): string | undefined {
    const sink = new Sink();
    const w = sink.response();
    if (name !== undefined) w.header().set(name, value!);
    void w.write(body);
    w.finish();
    return /\r\nContent-Type: (.*)\r\n/.exec(sink.sent())?.[1];
  }

  test('are told from the first bytes, unless the handler says', () => {
    assert.equal(typeOf('{"a":1}'), 'text/plain; charset=utf-8');
    assert.equal(typeOf('<!DOCTYPE html>'), 'text/html; charset=utf-8');
    assert.equal(typeOf(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')), 'image/png');
    assert.equal(typeOf('<html>', 'Content-Type', 'x/y'), 'x/y');
    assert.equal(typeOf('<html>', 'Content-Encoding', 'br'), undefined);
    assert.equal(typeOf(''), undefined);
  });
});

suite('after the end', () => {
  test('nothing more is taken', async () => {
    const sink = new Sink();
    const w = sink.response();
    w.finish();
    sink.sent();
    await assert.rejects(w.write('late'), { code: 'ERR_HTTP_ENDED' });
    assert.throws(() => w.writeHeader(200), { code: 'ERR_HTTP_ENDED' });
    assert.throws(() => w.hijack(), { code: 'ERR_HTTP_ENDED' });
    assert.equal(sink.sent(), '');
  });

  test('a connection that has failed fails writes, awaited or not', async () => {
    const sink = new Sink();
    const error = new Error('of the connection');
    sink.conn.writeError = error;
    const w = sink.response();
    void w.write('x'.repeat(5000));
    void w.flush();
    await assert.rejects(w.write('more'), error);
    await assert.rejects(w.flush(), error);
    w.finish();
    assert.deepEqual(sink.logged, []);
  });

  test('bad arguments', async () => {
    const w = new Sink().response();
    await assert.rejects(w.write(5 as unknown as string), TypeError);
    await assert.rejects(w.write(undefined as unknown as string), TypeError);
    const failure = await w.write('ok').catch((error: HttpError) => error);
    assert.equal(failure, 2);
  });
});
