/** What the suites expect of the errors of timeouts and of closing, for any kind of connection. */
import assert from 'node:assert/strict';
import type { Conn } from '../../src/net/conn.ts';
import { OpError } from '../../src/net/op-error.ts';
import { ErrDeadlineExceeded } from '../../src/poll/errors.ts';
import type { Creator } from './creators.ts';

/** That a deadline of the connection has passed. */
export function assertTimeout(error: unknown): void {
  assert.ok(error instanceof OpError, String(error));
  assert.equal(error.cause, ErrDeadlineExceeded);
  assert.equal(error.timeout, true);
  assert.equal(error.temporary, true);
  assert.match(error.message, /: i\/o timeout$/);
  assert.equal(typeof error.bytesWritten, error.op === 'write' ? 'number' : 'undefined');
}

/** That this failed because `conn` was closed here. */
export function assertClosed(creator: Creator, op: string, conn: Conn, error: Error): void {
  const { closedCause, network } = creator;
  if (creator.differences.closedErrorIsBare !== undefined) {
    assert.equal(error, closedCause);
    return;
  }
  assert.ok(error instanceof OpError, String(error));
  assert.equal(error.cause, closedCause);
  const where = `${op} ${network} ${String(conn.localAddr)}->${String(conn.remoteAddr)}`;
  assert.equal(error.message, `${where}: use of closed network connection`);
  assert.equal(error.timeout, false);
  assert.equal(typeof error.bytesWritten, op === 'write' ? 'number' : 'undefined');
}
