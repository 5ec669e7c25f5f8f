/** The table of strace -c: what strace counts of a program we count, and print as it does. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { linux } from '../../src/index.ts';
import { CALL_NAMES } from '../../src/kernel/call-set.ts';
import { type SummaryRow, SummarySink, summaryText } from '../../src/trace/summary-sink.ts';
import { traced } from '../../src/trace/traced.ts';

const child = fileURLToPath(new URL('./every-call.js', import.meta.url));

/** What strace -c prints of every-call.ts, for these calls; with -w, as our times are the wall clock's. */
function straceTable(calls: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'netfd-summary-'));
  const file = join(folder, 'strace');
  const argv = ['-c', '-w', '-o', file, '-e', `trace=${calls}`, process.execPath, child];
  execFileSync('strace', argv, { stdio: 'ignore' });
  const text = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true });
  return text;
}

const ROW = /^ *([\d.]+) +([\d.]+) +(\d+) +(\d+) +(\d+)? *(\w+)$/;

function rowsOf(table: string): SummaryRow[] {
  const rows: SummaryRow[] = [];
  for (const line of table.split('\n')) {
    const [, , seconds, , calls, errors = '0', name] = ROW.exec(line) ?? [];
    if (name === undefined || name === 'total') continue;
    rows.push({
      name,
      calls: Number(calls),
      errors: Number(errors),
      time: Number(seconds) * 1000,
    });
  }
  return rows;
}

/** Without the figures that strace makes of nanoseconds, of which it prints microseconds, but as long. */
function rounded(table: string): string[] {
  return table.split('\n').map((line) => {
    const [, percent, , each, , , name] = ROW.exec(line) ?? [];
    if (name === undefined || percent === undefined || each === undefined) return line;
    assert.equal(line.search(/\d/) + percent.length, 6);
    assert.equal(line.slice(0, 30).trimEnd().length, 30);
    // The sum of what was rounded is not the sum.
    const seconds = name === 'total' ? ' '.repeat(13) : line.slice(6, 19);
    return `${' '.repeat(6)}${seconds}${' '.repeat(11)}${line.slice(30)}`;
  });
}

test('the table as strace has it', () => {
  const theirs = straceTable(CALL_NAMES.join(','));
  const rows = rowsOf(theirs);
  assert.ok(rows.length > 20 && rows.some(({ errors }) => errors > 0));
  assert.deepEqual(rounded(summaryText(rows)), rounded(theirs));
});

test('one call, and none', () => {
  const theirs = straceTable('epoll_create');
  assert.deepEqual(rounded(summaryText(rowsOf(theirs))), rounded(theirs));
  assert.equal(summaryText([]), straceTable('none'));
});

test('as many calls and errors as strace counts', () => {
  const sink = new SummarySink();
  const kernel = traced(linux.kernel, sink);
  const bytes = new Uint8Array(8);
  kernel.read(-1, bytes, 1);
  kernel.listen(-1, 1);
  kernel.dup(-1);
  const known = new Map(rowsOf(straceTable('listen,dup')).map((row) => [row.name, row]));
  for (const { name, calls, errors, time } of sink.rows()) {
    assert.ok(time >= 0);
    const theirs = known.get(name);
    if (theirs !== undefined) assert.deepEqual([calls, errors], [theirs.calls, theirs.errors]);
  }
  assert.match(sink.text(), /^100\.00 .* 3 +3 total$/m);
});
