/** The texts of errors against the C library's and against Go's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askC, noCompiler } from '../../test/c-program.ts';
import { goldenRows } from '../../test/golden/net-values.ts';
import * as errno from './errno.ts';
import { errnoName, errnoText, strerror } from './errno.ts';

const LAST = errno.EHWPOISON;

test('strerror is the C library’s', { skip: noCompiler }, (t) => {
  const loop = `for (int i = 0; i <= ${LAST + 2}; i++) printf("%d %s\\n", i, strerror(i));`;
  const glibc = ['#ifdef __GLIBC__', 'printf("glibc 1\\n");', '#endif'];
  const answers = askC(['string.h', 'locale.h'], [...glibc, loop]);
  if (!answers.has('glibc')) {
    t.skip('the C library is not glibc');
    return;
  }
  for (let n = 1; n <= LAST + 2; n++) assert.equal(strerror(n), answers.get(String(n)));
});

test('errnoText is Go’s', () => {
  const rows = goldenRows<number, { text: string }>('Errno');
  for (const row of rows) assert.equal(errnoText(row.in), row.out?.text);
});

test('errnoName gives the first name of each number', () => {
  const seconds = new Set(['EWOULDBLOCK', 'EDEADLOCK', 'ENOTSUP']);
  let count = 0;
  for (const [name, value] of Object.entries(errno)) {
    if (typeof value !== 'number' || seconds.has(name)) continue;
    assert.equal(errnoName(value), name);
    count++;
  }
  assert.equal(count, LAST - 2); // nothing is at 41 and 58
});

test('a number without a name has a text all the same', () => {
  for (const n of [0, 41, 58, 134, 999, -1, 1.5, Number.NaN]) {
    assert.equal(errnoName(n), `errno ${n}`);
    assert.equal(errnoText(n), `errno ${n}`);
    assert.equal(strerror(n), `Unknown error ${n}`);
  }
});
