/** Trailers as text and as fields; test/http/protocol-cases.ts has them as a client sees them. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Header } from './header.ts';
import {
  announcedTrailers,
  dropTrailers,
  lastChunk,
  mayTrail,
  trailersFrom,
  withoutTrailers,
} from './trailer.ts';

function header(...fields: [string, string][]): Header {
  const made = new Header();
  for (const [name, value] of fields) made.add(name, value);
  return made;
}

/** Keeps what is logged. */
function log(): { lines: string[]; log(message: string): void } {
  const lines: string[] = [];
  return { lines, log: (message) => void lines.push(message) };
}

suite('names', () => {
  test('of framing, routing, conditions, authentication and content may not be trailers', () => {
    for (const name of ['Content-Length', 'Transfer-Encoding', 'Host', 'If-None-Match', 'Te']) {
      assert.equal(mayTrail(name), false, name);
    }
    for (const name of ['Authorization', 'Set-Cookie', 'Content-Type', 'Trailer', 'Connection']) {
      assert.equal(mayTrail(name), false, name);
    }
    for (const name of ['', 'a b', 'A:', 'A\r\n']) assert.equal(mayTrail(name), false);
    for (const name of ['X-Sum', 'Etag', 'Server-Timing', 'Digest', 'If', 'Content-Digest']) {
      assert.equal(mayTrail(name), true, name);
    }
  });

  test('that are announced are in any number of fields, in any case, and counted once', () => {
    const fields = header(['Trailer', ' x-a ,X-B,, X-A'], ['trailer', 'x-c']);
    const told = log();
    assert.deepEqual(announcedTrailers(fields, told), ['X-A', 'X-B', 'X-C']);
    assert.equal(fields.toString(), 'Trailer: X-A, X-B, X-C\r\n');
    assert.deepEqual(told.lines, []);
  });

  test('that may not be are taken out, and told', () => {
    const fields = header(['Trailer', 'Host, a b'], ['A', '1']);
    const told = log();
    assert.deepEqual(announcedTrailers(fields, told), []);
    assert.equal(fields.toString(), 'A: 1\r\n');
    assert.deepEqual(told.lines, [
      'http: "Host" may not be a trailer',
      'http: "a b" may not be a trailer',
    ]);
  });
});

suite('the fields of a head', () => {
  const all: [string, string][] = [
    ['A', '1'],
    ['Trailer', 'X-A, Content-Type'],
    ['X-A', '2'],
    ['Content-Type', 'x/y'],
    ['Trailer:X-B', '3'],
    ['x-a', '4'],
  ];

  test('are those that are no trailers', () => {
    const fields = header(...all);
    const others = withoutTrailers(fields);
    assert.equal(others.toString(), 'A: 1\r\nTrailer: X-A, Content-Type\r\nContent-Type: x/y\r\n');
    assert.equal(fields.size, all.length);
    const plain = header(['A', '1']);
    assert.equal(withoutTrailers(plain), plain);
  });

  test('are all that is left where there is no place for trailers', () => {
    const fields = header(...all);
    dropTrailers(fields);
    assert.equal(fields.toString(), 'A: 1\r\nContent-Type: x/y\r\n');
  });
});

suite('the last chunk', () => {
  test('has the trailers of both kinds', () => {
    const fields = header(['X-A', '1'], ['Trailer:X-B', '2'], ['x-a', '3'], ['X-C', 'no']);
    fields.add('Trailer:X-B', '4');
    const told = log();
    assert.equal(
      lastChunk(fields, ['X-A', 'X-Unset'], told),
      '0\r\nX-A: 1\r\nX-A: 3\r\nX-B: 2\r\nX-B: 4\r\n\r\n',
    );
    assert.deepEqual(told.lines, []);
  });

  test('has none that may not be', () => {
    const told = log();
    assert.equal(lastChunk(header(['Trailer:Content-Length', '1']), [], told), '0\r\n\r\n');
    assert.deepEqual(told.lines, ['http: "Content-Length" may not be a trailer']);
  });
});

test('trailers of a request are what may be one', () => {
  const lines = 'x-a: 1\r\nHost: y\r\nX-A:2\r\nif-match: *\r\nB: \r\n';
  assert.deepEqual(
    [...trailersFrom(lines)],
    [
      ['X-A', '1'],
      ['X-A', '2'],
      ['B', ''],
    ],
  );
  assert.equal(trailersFrom('').isEmpty, true);
});
