/** The window of received bytes: what is in it, and whose memory it is. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ScriptedConn } from '../../../test/http/scripted-conn.ts';
import { Input } from './input.ts';

function textOf(input: Input): string {
  return Buffer.from(input.bytes.subarray(input.from, input.to)).toString('latin1');
}

/** An input that has read `text`. */
function filled(text: string): Input {
  const input = new Input(new ScriptedConn(text));
  assert.equal(input.fill(), text.length);
  return input;
}

suite('what is read', () => {
  test('comes one after the other', () => {
    const input = new Input(new ScriptedConn('abc', 'def', null));
    assert.equal(input.fill(), 3);
    assert.equal(textOf(input), 'abc');
    input.advance(input.from + 2);
    assert.equal(input.fill(), 3);
    assert.equal(textOf(input), 'cdef');
    assert.equal(input.fill(), null);
    assert.equal(textOf(input), 'cdef');
    input.settle();
    assert.equal(textOf(input), 'cdef');
  });

  test('nothing is there, or it fails', () => {
    const error = new Error('of the connection');
    const input = new Input(new ScriptedConn(error));
    assert.throws(() => input.fill(), error);
    assert.equal(input.fill(), undefined);
    assert.equal(input.length, 0);
    input.settle();
    assert.equal(input.bytes.length, 0);
  });

  test('is taken', () => {
    const input = filled('abcdef');
    const target = new Uint8Array(4);
    assert.equal(input.take(target), 4);
    assert.equal(Buffer.from(target).toString(), 'abcd');
    assert.equal(input.take(target), 2);
    assert.equal(Buffer.from(target).toString(), 'efcd');
    assert.equal(input.take(target), 0);
  });

  test('is handed over as a copy', () => {
    const input = filled('abc');
    input.advance(input.from + 1);
    const rest = input.rest();
    input.bytes.fill(0);
    assert.equal(Buffer.from(rest).toString(), 'bc');
    input.settle();
  });

  test('of any length', () => {
    const text = Array.from({ length: 30_000 }, (_, i) => String.fromCharCode(i % 256)).join('');
    const conn = new ScriptedConn(...text.match(/.{1,999}/gs)!);
    const input = new Input(conn);
    for (let turn = 0; input.fill() !== undefined; turn++) if (turn % 3 === 0) input.settle();
    assert.ok(textOf(input) === text);
    assert.ok(input.bytes.length < 3 * text.length);
  });
});

suite('memory', () => {
  test('is shared until the turn ends, and own for what is left then', () => {
    const one = filled('abc');
    const buffer = one.bytes;
    one.advance(one.to);
    one.settle();
    assert.equal(one.bytes.length, 0);
    const other = filled('defg');
    assert.equal(other.bytes, buffer);
    other.advance(other.from + 1);
    other.settle();
    assert.notEqual(other.bytes, buffer);
    assert.ok(other.bytes.length <= 1024);
    assert.equal(textOf(other), 'efg');
    const third = filled('xyz');
    assert.equal(third.bytes, buffer);
    assert.equal(textOf(other), 'efg');
    third.settle();
  });

  test('two may read at a time', () => {
    const one = filled('one');
    const other = filled('other');
    assert.notEqual(one.bytes, other.bytes);
    assert.equal(textOf(one), 'one');
    assert.equal(textOf(other), 'other');
    one.settle();
    other.settle();
    assert.equal(textOf(one), 'one');
    assert.equal(textOf(other), 'other');
  });

  test('is given back when all has been used', () => {
    const input = filled('abc');
    input.settle();
    input.advance(input.to);
    input.settle();
    assert.equal(input.bytes.length, 0);
    assert.equal(input.length, 0);
  });
});

suite('what has not begun', () => {
  test('empty lines alone are blank', () => {
    for (const blank of ['', '\r', '\r\n', '\r\n\r', '\r\n\r\n', '\r\n'.repeat(4)]) {
      assert.equal(blank === '' || filled(blank).blank, true, JSON.stringify(blank));
    }
    for (const text of ['G', 'GET', '\r\nG', '\r\nGET', 'a\r\n', '\r\n'.repeat(5)]) {
      assert.equal(filled(text).blank, false, JSON.stringify(text));
    }
    assert.equal(new Input(new ScriptedConn()).blank, true);
  });

  test('line ends are found behind what is known', () => {
    const input = filled('ab\ncd');
    assert.deepEqual(
      [0, 2, 3, 5].map((count) => input.endsAfter(count)),
      ['line', 'line', null, null],
    );
    input.settle();
    assert.equal(input.endsAfter(2), 'line');
  });

  test('the end of a head is found, however little of it is new', () => {
    for (const end of ['\r\n\r\n', '\n\n', '\n\r\n', '\r\n\n']) {
      const text = `a: b${end}`;
      const input = filled(text);
      const found = Array.from({ length: text.length + 1 }, (_, count) => input.endsAfter(count));
      assert.deepEqual(found, [...Array.from({ length: text.length }, () => 'head'), null]);
      input.settle();
    }
    const inside = filled('\n\nab');
    inside.advance(inside.from + 1);
    assert.equal(inside.endsAfter(0), 'line', 'what was used does not count');
    inside.settle();
  });
});
