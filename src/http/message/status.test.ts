import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenRows } from '../../../test/golden/net-values.ts';
import { Status, bodyAllowed, statusLine, statusText } from './status.ts';

test('texts are Go’s', () => {
  for (const row of goldenRows<number, string>('StatusText')) {
    assert.equal(statusText(row.in), row.out);
  }
  assert.equal(statusText(Status.NonAuthoritativeInfo), 'Non-Authoritative Information');
  assert.equal(statusText(Status.RequestURITooLong), 'Request URI Too Long');
  assert.equal(statusText(Status.RequestEntityTooLarge), 'Request Entity Too Large');
  assert.equal(statusText(Status.RequestedRangeNotSatisfiable), 'Requested Range Not Satisfiable');
  assert.equal(statusText(777), '');
});

test('every code has a text, and no text runs words together', () => {
  for (const code of Object.values(Status)) assert.notEqual(statusText(code), '');
  for (const code of Object.values(Status)) assert.doesNotMatch(statusText(code), /[a-z][A-Z]/);
});

test('status lines, the same ones each time', () => {
  for (let round = 0; round < 2; round++) {
    assert.equal(statusLine(200), 'HTTP/1.1 200 OK\r\n');
    assert.equal(statusLine(200, 0), 'HTTP/1.0 200 OK\r\n');
    assert.equal(statusLine(200, 0, 'Fine'), 'HTTP/1.0 200 Fine\r\n');
    assert.equal(statusLine(999), 'HTTP/1.1 999 status code 999\r\n');
    assert.equal(statusLine(777), 'HTTP/1.1 777 status code 777\r\n');
    assert.equal(statusLine(100), 'HTTP/1.1 100 Continue\r\n');
    assert.equal(statusLine(1000), 'HTTP/1.1 1000 status code 1000\r\n');
    assert.equal(statusLine(0), 'HTTP/1.1 000 status code 0\r\n');
  }
});

test('which responses have a body', () => {
  for (const code of [100, 101, 103, 199, 204, 205, 304]) assert.ok(!bodyAllowed(code));
  for (const code of [200, 206, 301, 303, 404, 500]) assert.ok(bodyAllowed(code));
});
