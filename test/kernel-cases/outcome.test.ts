import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mismatch, type Outcome, type Step } from './outcome.ts';
import { recorded, tuple } from './recorded.ts';

/** Whether a step that wants `want` is content with that outcome. */
function suits(want: Step['want'], outcome: Outcome | string, res = String(want)): boolean {
  const given = typeof outcome === 'string' ? { text: outcome } : outcome;
  return mismatch({ op: 'recv', args: [], res, want: want ?? null }, given) === null;
}

test('errors, numbers, truths and successes', () => {
  assert.ok(suits('EAGAIN', 'EAGAIN'));
  assert.ok(!suits('EAGAIN', 'EINTR'));
  assert.ok(suits(3, { text: '"abc"', count: 3 }));
  assert.ok(!suits(3, { text: '"ab"', count: 2 }));
  assert.ok(suits(-17, '-17'));
  assert.ok(!suits(0, 'EAGAIN'));
  assert.ok(suits(true, 'True') && !suits(true, 'False') && !suits(false, 'True'));
  assert.ok(suits('ok', { text: '7', count: 7 }) && !suits('ok', 'EMFILE'));
  assert.ok(suits(null, 'anything'));
});

test('ranges, and values of the same form', () => {
  assert.ok(suits('4..6', '4') && suits('4..6', { text: '"x"', count: 6 }));
  assert.ok(!suits('4..6', '7') && !suits('4..6', 'EAGAIN'));
  assert.ok(suits('predicate', '127.0.0.1:P1', '127.0.0.1:P1'));
  assert.ok(!suits('predicate', '127.0.0.1:5000', '127.0.0.1:P1'));
  assert.ok(suits('predicate', '99', '1536') && !suits('predicate', 'EINVAL', '1536'));
  assert.ok(suits('predicate', { text: '76B', count: 76 }, 'n'));
  assert.ok(!suits('predicate', { text: '99', plausible: false }, '1536'));
});

test('flags are sets', () => {
  assert.ok(suits('IN|RDHUP|HUP', 'IN|HUP|RDHUP'));
  assert.ok(!suits('IN|RDHUP|HUP', 'IN|HUP'));
  assert.ok(suits('b:OUT|IN,c:IN', 'b:IN|OUT,c:IN'));
});

test('of a message only the parts that are wanted', () => {
  const message = '"x" flags=CTRUNC|EOR cmsg=CREDS(PID,0,0),RIGHTS[1]';
  assert.ok(suits('"x"', message));
  assert.ok(suits('"x" flags=EOR|CTRUNC', message));
  assert.ok(suits('"x" cmsg=CREDS,RIGHTS[1]', message));
  assert.ok(suits('"x" cmsg=CREDS(PID,0,0),RIGHTS', message));
  assert.ok(!suits('"y"', message) && !suits('"x" flags=EOR', message));
  assert.ok(!suits('"x" cmsg=CREDS', message) && !suits('"x" cmsg=', message));
  assert.ok(!suits('"x" cmsg=CREDS(PID,1,0),RIGHTS[1]', message));
  assert.ok(suits('"x" cmsg=', '"x" flags=0 cmsg='));
  assert.ok(suits('0 cmsg=1/4[4B]', { text: '0 flags=0 cmsg=1/4[4B]', count: 0 }));
});

test('values as the cases write them', () => {
  assert.equal(
    recorded(tuple(1, true, null, 'a', Uint8Array.of(0, 92, 97))),
    "(1, True, None, 'a', b'\\x00\\\\a')",
  );
  assert.equal(recorded([tuple('tcp', 0), [false]]), "[('tcp', 0), [False]]");
  assert.equal(recorded('S.'), 'S.');
});
