import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { goldenRows } from '../../../test/golden/net-values.ts';
import { LATE_TRAILER } from './field-name.ts';
import { Header, KnownField, canonicalName } from './header.ts';

function header(...fields: [string, string | number][]): Header {
  const made = new Header();
  for (const [name, value] of fields) made.add(name, value);
  return made;
}

test('canonical names are Go’s', () => {
  for (const row of goldenRows<string, string>('CanonicalHeaderKey')) {
    assert.equal(canonicalName(row.in), row.out);
  }
});

test('what is no token has no canonical form', () => {
  for (const name of ['a b', 'trailer:x', '']) assert.equal(canonicalName(name), name);
});

test('a canonical name is found by every spelling, remembered or not', () => {
  for (const name of ['CONTENT-type', 'content-type', 'Content-Type', 'cONTENT-tYPE']) {
    assert.equal(canonicalName(name), 'Content-Type');
    assert.equal(canonicalName(name), 'Content-Type');
  }
  const long = `x-${'y'.repeat(100)}`;
  assert.equal(canonicalName(long), `X-Y${'y'.repeat(99)}`);
});

test('more names than are remembered do no harm', () => {
  for (let i = 0; i < 5000; i++) {
    assert.equal(canonicalName(`x-many-${i}`), `X-Many-${i}`);
    assert.equal(canonicalName('x-foo'), 'X-Foo');
  }
});

test('names of objects are not found by accident', () => {
  for (const name of ['constructor', '__proto__', 'hasOwnProperty']) {
    assert.equal(new Header().get(name), undefined);
    assert.equal(header([name, 'v']).get(name.toUpperCase()), 'v');
  }
});

test('an empty header', () => {
  const empty = new Header();
  assert.equal(empty.size, 0);
  assert.ok(empty.isEmpty);
  assert.equal(empty.known, 0);
  assert.equal(empty.get('a'), undefined);
  assert.ok(!empty.has('a'));
  assert.deepEqual(empty.values('a'), []);
  assert.deepEqual([...empty], []);
  assert.equal(empty.appendTo('x'), 'x');
  empty.delete('a');
  assert.ok(empty.isEmpty);
  empty.set('a', 'b');
  assert.ok(new Header().isEmpty, 'no array is shared');
});

test('order is that of adding; set keeps the first place and drops the others', () => {
  const fields = header(['b', '1'], ['a', '2'], ['B', '3'], ['c', '4'], ['b', '5']);
  assert.deepEqual(fields.values('b'), ['1', '3', '5']);
  assert.equal(fields.get('B'), '1');
  assert.equal(fields.size, 5);
  fields.set('B', 6);
  assert.equal(fields.toString(), 'B: 6\r\nA: 2\r\nC: 4\r\n');
  fields.delete('a');
  assert.deepEqual(
    [...fields],
    [
      ['B', '6'],
      ['C', '4'],
    ],
  );
  fields.delete('b');
  fields.delete('c');
  assert.ok(fields.isEmpty);
});

test('a value that equals a name is no name', () => {
  const fields = header(['A', 'B'], ['C', 'A']);
  assert.equal(fields.get('B'), undefined);
  fields.set('B', 'x');
  fields.delete('a');
  assert.equal(fields.toString(), 'C: A\r\nB: x\r\n');
});

test('bad names and values are TypeErrors that name the argument', () => {
  const fields = new Header();
  for (const name of ['', 'a b', 'a:', 'a\r\n', 'é', 'Trailer:', 'Trailer:a b', 'Trailers:X']) {
    assert.throws(() => fields.set(name, 'v'), {
      name: 'TypeError',
      message: /^header name ".*" is/,
    });
    assert.throws(() => fields.add(name, 'v'), TypeError);
    assert.equal(fields.get(name), undefined);
    assert.ok(!fields.has(name));
    fields.delete(name);
  }
  for (const value of ['a\r\nb: c', 'a\rb', 'a\nb', 'a\0', '\n', 'Ā', '€', '😀']) {
    const isAboutX = { name: 'TypeError', message: /^header value of X-Y has a / };
    assert.throws(() => fields.set('x-y', value), isAboutX);
    assert.throws(() => fields.add('x-y', value), isAboutX);
  }
  assert.throws(() => fields.set('x', Number.NaN), TypeError);
  assert.throws(() => fields.set('x', undefined as unknown as string), TypeError);
  assert.ok(fields.isEmpty);
});

test('a name with the prefix of trailers is one, in its canonical form', () => {
  const fields = header(['trailer:x-sum', '1'], ['Trailer:X-Sum', '2'], ['TRAILER:Y', '3']);
  assert.equal(fields.toString(), 'Trailer:X-Sum: 1\r\nTrailer:X-Sum: 2\r\nTrailer:Y: 3\r\n');
  assert.deepEqual(fields.values('trailer:X-SUM'), ['1', '2']);
  assert.equal(fields.known, LATE_TRAILER);
  fields.delete('Trailer:x-sum');
  assert.equal(fields.known, LATE_TRAILER, 'there is another one');
  assert.equal(fields.get('X-Sum'), undefined);
  assert.throws(() => fields.set('Trailer:X', 'a\r\nb'), TypeError);
});

test('values are trimmed; bytes past ASCII and numbers are fine', () => {
  const fields = header(['a', ' \tx y\t'], ['b', ''], ['c', '  '], ['d', 'é\xff'], ['e', -1.5]);
  assert.equal(fields.toString(), 'A: x y\r\nB: \r\nC: \r\nD: é\xff\r\nE: -1.5\r\n');
});

test('known fields are told as bits', () => {
  const fields = header(['x', 'y'], ['content-length', 1], ['TRANSFER-ENCODING', 'chunked']);
  assert.equal(fields.known, KnownField.ContentLength | KnownField.TransferEncoding);
  fields.delete('content-length');
  assert.equal(fields.known, KnownField.TransferEncoding);
  fields.set('Date', 'now');
  assert.equal(fields.known, KnownField.TransferEncoding | KnownField.Date);
  const all = Header.fromText(
    'content-type: a\r\ncontent-length: 1\r\ndate: b\r\nconnection: c\r\n' +
      'transfer-encoding: d\r\ntrailer: e\r\ncontent-encoding: f\r\nx: g\r\n',
  );
  assert.equal(all.known, 127);
});

test('text is taken apart, the omitted name is left out', () => {
  const text = 'host: x\r\nAccept:*/*\r\nx-EMPTY:\r\nx-a: \t1: 2 \t\r\nX-A:3';
  const fields = Header.fromText(text, 'Host');
  assert.ok(!fields.has('host'));
  assert.equal(fields.get('accept'), '*/*');
  assert.deepEqual(fields.values('X-A'), ['1: 2', '3']);
  assert.equal(fields.toString(), 'Accept: */*\r\nX-Empty: \r\nX-A: 1: 2\r\nX-A: 3\r\n');
  assert.equal(Header.fromText(text).size, 5);
  assert.ok(Header.fromText('Host: x\r\n', 'Host').isEmpty);
  assert.ok(Header.fromText('').isEmpty);
  assert.equal(Header.fromText('a: b\nc: d').appendTo(''), 'A: b\r\nC: d\r\n');
});

test('text that was not checked is a TypeError', () => {
  for (const text of ['x', 'a b: c', 'a\r\nb: c', ': x']) {
    assert.throws(() => Header.fromText(text).size, TypeError, text);
  }
});

test('changes of a header from text come first', () => {
  const fields = Header.fromText('a: 1\r\n');
  fields.add('b', '2');
  assert.equal(fields.toString(), 'A: 1\r\nB: 2\r\n');
});

test('a clone is a header of its own', () => {
  for (const original of [header(['a', '1'], ['date', 'x']), Header.fromText('a: 1\r\ndate: x')]) {
    const copy = original.clone();
    copy.set('a', '2');
    original.delete('date');
    assert.equal(original.toString(), 'A: 1\r\n');
    assert.equal(copy.toString(), 'A: 2\r\nDate: x\r\n');
    assert.equal(copy.known, KnownField.Date);
  }
  assert.ok(new Header().clone().isEmpty);
});

test('headers are equal with the same fields in the same order', () => {
  const fields = header(['a', '1'], ['b', '2']);
  assert.ok(fields.equals(Header.fromText('A: 1\r\nB:2')));
  assert.ok(!fields.equals(header(['b', '2'], ['a', '1'])));
  assert.ok(!fields.equals(header(['a', '1'])));
  assert.ok(!fields.equals(header(['a', '1'], ['b', '3'])));
  assert.ok(new Header().equals(new Header()));
});

test('web Headers can be made of it', () => {
  const web = new Headers([...header(['a', '1'], ['A', '2'])]);
  assert.equal(web.get('a'), '1, 2');
});

suite('what is not to be added', () => {
  test('is suppressed without a field', () => {
    const header = new Header();
    header.suppress('Date');
    header.suppress('Content-Type');
    assert.deepEqual([header.size, header.has('Date')], [0, false]);
    assert.equal(header.known, KnownField.Date | KnownField.ContentType);
    assert.equal(header.equals(new Header()), false);
    assert.ok(header.equals(header.clone()));
    header.set('Date', 'x');
    assert.equal(header.get('Date'), 'x');
  });
});

suite('fields of another one', () => {
  test('come after those that there are', () => {
    const other = Header.fromText('A: 2\r\nDate: x\r\n');
    const header = new Header();
    header.addAll(new Header());
    assert.ok(header.isEmpty);
    header.addAll(other);
    header.set('B', '1');
    assert.deepEqual(
      [...other],
      [
        ['A', '2'],
        ['Date', 'x'],
      ],
    );
    header.addAll(other);
    assert.deepEqual(header.values('A'), ['2', '2']);
    assert.equal(header.known, KnownField.Date);
  });
});
