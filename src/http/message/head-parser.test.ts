/** What the parser finds and where; test/http tries it with every kind of fault. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { COMPLETE, HeadParser, INCOMPLETE } from './head-parser.ts';

const LIMITS = { maxHeaderBytes: 1000, maxRequestLine: 1000, maxHeaders: 10 };

interface Found {
  readonly parser: HeadParser;
  readonly result: number;
  /** The text between two offsets of the parser. */
  readonly cut: (start: number, end: number) => string;
}

/** Parses `text` where it stands behind `before` other bytes, and before some more. */
function parse(text: string, before = 0, limits = LIMITS): Found {
  const whole = `${'\n'.repeat(before)}${text}`;
  const bytes = Buffer.alloc(whole.length + 20, '\r\n');
  bytes.write(whole, 'latin1');
  const parser = new HeadParser();
  const result = parser.parse(bytes, before, whole.length, limits);
  return { parser, result, cut: (start, end) => bytes.toString('latin1', start, end) };
}

function head(...fields: string[]): string {
  return `GET /a HTTP/1.1\r\nHost: x\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
}

suite('a head', () => {
  test('is taken apart', () => {
    const text = 'PATCH /a?b HTTP/1.1\r\nHost: \tx:1 \r\nContent-Length: 12\r\nA: b\r\n\r\n';
    for (let before = 0; before < 8; before++) {
      const { parser, result, cut } = parse(`\r\n${text}rest`, before);
      assert.equal(result, COMPLETE);
      assert.equal(cut(parser.start, parser.methodEnd), 'PATCH');
      assert.equal(parser.method, 'PATCH');
      assert.equal(cut(parser.targetStart, parser.targetEnd), '/a?b');
      assert.equal(cut(parser.hostStart, parser.hostEnd), 'x:1');
      assert.equal(
        cut(parser.fieldsStart, parser.fieldsEnd),
        'Host: \tx:1 \r\nContent-Length: 12\r\nA: b\r\n',
      );
      assert.equal(parser.end, before + 2 + text.length);
      assert.equal(parser.contentLength, 12);
      assert.equal(parser.minor, 1);
      assert.equal(parser.status, 0);
    }
  });

  test('leaves nothing of the one before', () => {
    const { parser } = parse(
      head('Content-Length: 1', 'Connection: close', 'Expect: 100-continue'),
    );
    assert.equal(parser.contentLength, 1);
    const next = Buffer.from('GET / HTTP/1.0\r\n\r\n');
    assert.equal(parser.parse(next, 0, next.length, LIMITS), COMPLETE);
    const { contentLength, chunked, close, keepAlive, expectContinue, hosts, minor } = parser;
    assert.deepEqual(
      { contentLength, chunked, close, keepAlive, expectContinue, hosts, minor },
      {
        contentLength: -1,
        chunked: false,
        close: false,
        keepAlive: false,
        expectContinue: false,
        hosts: 0,
        minor: 0,
      },
    );
    assert.equal(parser.hostStart, parser.hostEnd);
  });

  test('has a method that is a constant if it is a usual one', () => {
    const usual = ['GET', 'PUT', 'POST', 'HEAD', 'PATCH', 'TRACE', 'DELETE', 'OPTIONS', 'CONNECT'];
    for (const method of usual) {
      assert.equal(parse(`${method} / HTTP/1.0\r\n\r\n`).parser.method, method);
    }
    for (const method of ['get', 'GOT', 'G', 'PROPFIND', 'M'.repeat(32)]) {
      const { parser, result, cut } = parse(`${method} / HTTP/1.0\r\n\r\n`);
      assert.equal(result, COMPLETE);
      assert.equal(parser.method, '');
      assert.equal(cut(parser.start, parser.methodEnd), method);
    }
  });

  test('says what is to become of the connection', () => {
    const options = (...fields: string[]): [boolean, boolean] => {
      const { parser, result } = parse(head(...fields));
      assert.equal(result, COMPLETE);
      return [parser.close, parser.keepAlive];
    };
    assert.deepEqual(options(), [false, false]);
    assert.deepEqual(options('Connection: close'), [true, false]);
    assert.deepEqual(options('connection:Keep-Alive'), [false, true]);
    assert.deepEqual(options('Connection: upgrade,\tCLOSE\t, keep-alive'), [true, true]);
    assert.deepEqual(options('Connection: x', 'Connection: close'), [true, false]);
    assert.deepEqual(options('Connection: closed, unclose', 'Connection:'), [false, false]);
    assert.deepEqual(options('Connectioo: close', 'X-Connection: close'), [false, false]);
  });

  test('has a length up to 2^53', () => {
    const length = (value: string): number => {
      const { parser, result } = parse(head(`Content-Length: ${value}`));
      return result === COMPLETE ? parser.contentLength : Number.NaN;
    };
    assert.equal(length('0'), 0);
    assert.equal(length('00'), 0);
    assert.equal(length('9007199254740991'), Number.MAX_SAFE_INTEGER);
    assert.equal(length('9007199254740992'), Number.NaN);
    assert.equal(length('1'.repeat(400)), Number.NaN);
  });
});

suite('a host', () => {
  test('is a name or a literal, and a port, in ASCII, wherever it stands', () => {
    for (const field of ['Host: ', 'host: ', 'HOST:']) {
      const result = (host: string): number =>
        parse(`GET / HTTP/1.1\r\n${field}${host}\r\n\r\n`).result;
      assert.equal(result('x.example:80'), COMPLETE);
      assert.equal(result("x!$%20&'()*+,;=_~-.:80"), COMPLETE);
      for (const host of ['', 'x:', ':80', '[::1]', '[::1]:80', '[fe80::1%lo]', '127.0.0.1:1']) {
        assert.equal(result(host), COMPLETE, host);
      }
      for (const host of ['x:y', 'x:80:80', 'x:8 0', '::1', '[', '[]', '[::1', '::1]', '[::1]x']) {
        assert.equal(result(host), 400, host);
      }
      for (const host of ['[[::1]]', '[::1]:x', 'x[::1]', '%', 'x%4', '%4x', 'x/', 'u@x', 'x:-1']) {
        assert.equal(result(host), 400, host);
      }
      for (let byte = 0x80; byte < 0x100; byte++) {
        assert.equal(result(`x${String.fromCharCode(byte)}.example`), 400);
      }
    }
    assert.equal(
      parse('GET / HTTP/1.1\r\nHost: \xc3\xa9\r\n\r\n').parser.reason,
      'malformed Host header',
    );
  });
});

suite('a value', () => {
  const BAD: readonly string[] = ['\0', '\x01', '\x08', '\n', '\x0b', '\x1f', '\x7f'];
  const FINE: readonly string[] = ['\t', ' ', '~', '\x80', '\x9f', '\xff'];

  test('may not have a control character at any place', () => {
    for (let length = 1; length <= 40; length++) {
      for (let at = 0; at < length; at++) {
        for (const bad of [BAD[(length + at) % BAD.length]!, '\0']) {
          const value = `${'a'.repeat(at)}${bad}${'b'.repeat(length - at - 1)}`;
          const { result, parser } = parse(head(`A: ${value}`, 'B: c'), at % 5);
          assert.equal(result, 400, JSON.stringify(value));
          assert.equal(parser.reason, 'invalid header value');
        }
      }
    }
  });

  test('may have all others anywhere', () => {
    for (let length = 1; length <= 40; length++) {
      for (let at = 0; at < length; at++) {
        const fine = FINE[(length + at) % FINE.length]!;
        const value = `${'a'.repeat(at)}${fine}${'\x80'.repeat(length - at - 1)}`;
        const { result } = parse(head(`A: ${value}`, 'B: c'), at % 5);
        assert.equal(result, COMPLETE, JSON.stringify(value));
      }
    }
  });

  test('is tested in bytes that are not at the beginning of their memory', () => {
    const text = head(`A: ${'a'.repeat(100)}\x01`);
    for (let offset = 0; offset < 8; offset++) {
      const bytes = new Uint8Array(new ArrayBuffer(300), offset, text.length);
      bytes.set(Buffer.from(text, 'latin1'));
      assert.equal(new HeadParser().parse(bytes, 0, bytes.length, LIMITS), 400);
      bytes[text.indexOf('\x01')] = 0x61;
      assert.equal(new HeadParser().parse(bytes, 0, bytes.length, LIMITS), COMPLETE);
    }
  });
});

suite('limits', () => {
  test('the head as a whole', () => {
    const just = head(`A: ${'a'.repeat(LIMITS.maxHeaderBytes - head('A: ').length)}`);
    assert.equal(just.length, LIMITS.maxHeaderBytes);
    assert.equal(parse(just).result, COMPLETE);
    assert.equal(parse(`${just}rest of a body`).result, COMPLETE);
    assert.equal(parse(head(`A: ${'a'.repeat(LIMITS.maxHeaderBytes)}`)).result, 431);
    const endless = `${head().slice(0, -2)}A: ${'a'.repeat(LIMITS.maxHeaderBytes)}`;
    assert.equal(parse(endless).result, 431);
    assert.equal(parse(endless.slice(0, LIMITS.maxHeaderBytes)).result, INCOMPLETE);
  });

  test('the request line', () => {
    assert.equal(parse(`GET /${'a'.repeat(LIMITS.maxHeaderBytes)}`).result, 414);
    assert.equal(parse(`GET /${'a'.repeat(LIMITS.maxHeaderBytes - 5)}`).result, INCOMPLETE);
    const line = 'GET / HTTP/1.1';
    for (const before of ['', '\r\n\r\n']) {
      const text = `${before}${line}\r\nHost: x\r\n\r\n`;
      const just = { ...LIMITS, maxRequestLine: line.length };
      assert.equal(parse(text, 3, just).result, COMPLETE);
      assert.equal(parse(text, 3, { ...just, maxRequestLine: line.length - 1 }).result, 414);
      // Whatever is there of it, it is either good as yet or too long for good.
      for (let length = 0; length < text.length; length++) {
        assert.equal(parse(text.slice(0, length), 3, just).result, INCOMPLETE);
      }
    }
    const limits = { ...LIMITS, maxRequestLine: 20 };
    for (const end of ['', ' HTTP/1.1\r\n', ' HTTP/9.9\r\n', '\0', ' \0']) {
      assert.equal(parse(`GET /${'a'.repeat(20)}${end}`, 0, limits).result, 414);
    }
    assert.equal(parse('M'.repeat(33)).result, 501);
    assert.equal(parse('M'.repeat(32)).result, INCOMPLETE);
  });

  test('do not depend on how much has come', () => {
    const { maxHeaderBytes } = LIMITS;
    const long = 'a'.repeat(maxHeaderBytes);
    const faulty = `A: ${'a'.repeat(maxHeaderBytes - 50)}`;
    for (const [text, status] of [
      [`GET /${long} HTTP/1.1\r\nHost: x\r\n\r\n`, 414],
      [`GET /${long} HTTP/9.9\r\nHost: x\r\n\r\n`, 414],
      [head(faulty, `B: ${long}\0`), 431],
      [head(faulty, long), 431],
      [head(faulty, 'C: \0', long), 400],
    ] as const) {
      for (let end = 1; end <= text.length; end++) {
        const { result } = parse(text.slice(0, end));
        assert.ok(result === status || (result === INCOMPLETE && end <= maxHeaderBytes));
      }
    }
  });

  test('the number of fields', () => {
    const fields = Array.from({ length: LIMITS.maxHeaders - 1 }, (_, i) => `A${i}: b`);
    assert.equal(parse(head(...fields)).result, COMPLETE);
    assert.equal(parse(head(...fields, 'One: more')).result, 431);
  });
});
