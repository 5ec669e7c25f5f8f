import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenRows } from '../../test/golden/net-values.ts';
import { EAGAIN, ECONNREFUSED, EINVAL } from './errno.ts';
import { SyscallError } from './syscall-error.ts';

test('has Go’s text and Node’s fields', () => {
  const error = new SyscallError('connect', -ECONNREFUSED);
  assert.ok(error instanceof Error);
  assert.equal(error.message, 'connect: connection refused');
  assert.equal(String(error), 'SyscallError: connect: connection refused');
  assert.equal(error.code, 'ECONNREFUSED');
  assert.equal(error.errno, -111);
  assert.equal(error.syscall, 'connect');
});

test('has the details that it is given, and the same text', () => {
  const error = new SyscallError('setsockopt', -EINVAL, { level: 1, optname: 36 });
  assert.equal(error.message, 'setsockopt: invalid argument');
  const { code, level, optname } = error as SyscallError & Readonly<Record<string, unknown>>;
  assert.deepEqual([code, level, optname], ['EINVAL', 1, 36]);
});

test('takes a positive number for the same error', () => {
  assert.equal(new SyscallError('read', EAGAIN).errno, -EAGAIN);
  assert.equal(new SyscallError('read', EAGAIN).timeout, true);
});

test('has the error’s text alone if no call is named', () => {
  assert.equal(new SyscallError('', -EINVAL).message, 'invalid argument');
});

test('timeout and temporary are Go’s', () => {
  const rows = goldenRows<number, { timeout: boolean; temporary: boolean }>('Errno');
  for (const row of rows) {
    const { timeout, temporary } = new SyscallError('read', -row.in);
    assert.deepEqual([row.in, timeout, temporary], [row.in, row.out?.timeout, row.out?.temporary]);
  }
});
