/**
 * A handler may pass on what a client has sent it. Whatever that is, it must not become a line of the
 * reply's own, nor an end of the head: each byte in each place where a handler can put text.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { HeadCache } from '../../src/http/message/head-cache.ts';
import type { ResponseWriter } from '../../src/http/handler.ts';
import { Output } from '../../src/http/conn/output.ts';
import { error, redirect } from '../../src/http/replies.ts';
import { Response } from '../../src/http/conn/response.ts';
import { FakeRequest } from './fake-exchange.ts';
import { ScriptedConn } from './scripted-conn.ts';

const heads = new HeadCache();

/** What is sent for a handler, as text whose code units are bytes. */
function sent(handler: (w: ResponseWriter) => void): string {
  const conn = new ScriptedConn();
  const output = new Output(conn);
  const none = (): never => assert.fail('not asked for');
  const response = new Response(
    {
      output,
      heads,
      dateLine: () => 'Date: now\r\n',
      closesAfter: () => false,
      endsBody: none,
      beforeBody: none,
      setReadDeadline: none,
      setWriteDeadline: none,
      hijack: none,
      log: () => {},
    },
    'GET',
    1,
    true,
  );
  try {
    handler(response);
  } catch (thrown) {
    assert.ok(thrown instanceof TypeError, String(thrown));
  }
  response.finish();
  output.flush();
  return conn.written;
}

/** Where a handler can put text, and the lines that are sent at most for it. */
const PLACES: readonly [name: string, lines: number, (w: ResponseWriter, text: string) => void][] =
  [
    ['a value', 4, (w, text) => w.header().set('A', text)],
    [
      'a value that is added',
      5,
      (w, text) => {
        w.header().set('A', '1');
        w.header().add('A', text);
      },
    ],
    ['a name', 4, (w, text) => w.header().set(text, '1')],
    ['Connection', 4, (w, text) => w.header().set('Connection', text)],
    ['Date', 3, (w, text) => w.header().set('Date', text)],
    ['Content-Type', 4, (w, text) => w.header().set('Content-Type', text)],
    [
      'the address of a redirect',
      6,
      (w, text) => {
        redirect(w, new FakeRequest('POST', '/'), `/${text}`, 303);
      },
    ],
  ];

/** Every code unit up to and past latin1, alone, between others, and as it would be used. */
function* hostile(): Generator<string, void, undefined> {
  for (let unit = 0; unit <= 0x17f; unit++) {
    const char = String.fromCharCode(unit);
    for (const text of [char, `a${char}b`, `${char}Injected:1`, `a\r${char}`, `a${char}\n`])
      yield text;
  }
  for (const text of ['\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', '\u010d\u010a', '\u0a0d', '😀\r\nX: y']) {
    yield text;
  }
}

suite('whatever a handler passes on', () => {
  for (const [name, lines, put] of PLACES) {
    test(`${name} stays in its line`, () => {
      for (const text of hostile()) {
        const reply = sent((w) => put(w, text));
        const [head = '', ...rest] = reply.split('\r\n\r\n');
        const told = JSON.stringify([text, reply]);
        assert.deepEqual(rest, [''], told);
        assert.ok(head.split('\r\n').length <= lines, told);
        assert.doesNotMatch(head.replaceAll('\r\n', ''), /[\r\n\0]/, told);
        assert.doesNotMatch(head, /^Injected/m, told);
      }
    });
  }

  test('a trailer stays in its line', () => {
    for (const text of hostile()) {
      for (const put of [
        (w: ResponseWriter) => w.header().set('Trailer', text),
        (w: ResponseWriter) => w.header().set('Trailer:A', text),
        (w: ResponseWriter) => w.header().set(`Trailer:${text}`, '1'),
      ]) {
        const reply = sent((w) => {
          void w.write('x'.repeat(3000));
          put(w);
        });
        const trailers = reply.slice(reply.indexOf('\r\n0\r\n') + 5).split('\r\n');
        const told = JSON.stringify([text, trailers]);
        assert.ok(trailers.length <= 3, told);
        assert.deepEqual(trailers.slice(-2), ['', ''], told);
        assert.doesNotMatch(trailers.join(''), /[\r\n\0]/, told);
      }
      const reply = sent((w) => w.header().set('Trailer', text));
      assert.ok(reply.split('\r\n\r\n')[0]!.split('\r\n').length <= 4, JSON.stringify(reply));
      assert.doesNotMatch(reply, /Injected/);
    }
  });

  test('the text of an error is body', () => {
    for (const text of hostile()) {
      const reply = sent((w) => error(w, text, 400));
      const head = reply.slice(0, reply.indexOf('\r\n\r\n'));
      assert.equal(head.split('\r\n').length, 5);
      const length = Number(/Content-Length: (\d+)/.exec(head)![1]);
      assert.equal(reply.length, head.length + 4 + length);
    }
  });
});
