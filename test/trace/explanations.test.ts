/** Every row of the table of explanations explains a call that is really made, and looks like its example. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { linux } from '../../src/index.ts';
import type { Call } from '../../src/trace/call.ts';
import type { Explanation } from '../../src/trace/explanation.ts';
import { chapters, explain, ExplainedSink, explanationsOf } from '../../src/trace/explanations.ts';
import { History, MAX_DESCRIPTORS } from '../../src/trace/history.ts';
import { plainStyle } from '../../src/trace/style.ts';
import { lineOf } from '../../src/trace/text.ts';
import { TextSink } from '../../src/trace/text-sink.ts';
import { traced } from '../../src/trace/traced.ts';
import { subjectOf } from './program.ts';
import { programs } from './programs.ts';
import { explainedPrograms, type Tracer } from './explained-programs.ts';

/** "…" of an example stands for anything, and spaces before the result do not count. */
function patternOf(example: string): RegExp {
  const parts = example.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

interface Seen {
  readonly row: Explanation;
  readonly line: string;
}

/** What explained the calls of all programs. */
function run(): readonly Seen[] {
  const seen: Seen[] = [];
  for (const program of Object.values(explainedPrograms)) {
    const history = new History();
    const style = plainStyle(linux.kernel);
    const sink = {
      call(call: Call): void {
        const line = lineOf(call, style).replace(/ += /, ' = ');
        for (const row of explanationsOf(call, history)) seen.push({ row, line });
        style.note(call);
        history.note(call);
      },
    };
    const over: Tracer = (change) => traced(change(linux.kernel), sink);
    program(
      over((kernel) => kernel),
      over,
    );
  }
  return seen;
}

const rows = chapters.flatMap((chapter) => chapter.rows);

const skip = existsSync('/proc/net/if_inet6')
  ? false
  : 'rows about IPv6 need a machine that has it';

test('every row explains a call like its example', { skip }, () => {
  const seen = run();
  const missing = rows.filter(
    (row) => !seen.some((each) => each.row === row && patternOf(row.example).test(each.line)),
  );
  const lines = missing.map((row) => {
    const others = seen.filter((each) => each.row === row).map(({ line }) => line);
    return `${row.kind} ${row.example}\n  ${row.text}\n  explains: ${others.slice(0, 3).join('\n')}`;
  });
  assert.equal(lines.length, 0, lines.join('\n'));
});

test('an explanation is one or two plain sentences', () => {
  for (const { text, example } of rows) {
    assert.match(text, /^[^\n]*[.?]$/, example);
    assert.ok(text.length <= 260, `${text.length}: ${text}`);
    assert.ok(example.includes('('), example);
  }
});

test('no two rows are told apart by nothing', () => {
  const keys = rows.map(({ kind, example, text }) => `${kind} ${example} ${text}`);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(new Set(rows.map(({ text }) => text)).size, rows.length);
});

test('the history forgets the oldest descriptor when it is full', () => {
  const history = new History();
  const made = { name: 'epoll_create1', args: [0], before: [], time: 0, duration: 0 } as const;
  for (let fd = 0; fd <= MAX_DESCRIPTORS; fd += 1)
    history.note({ ...made, result: fd, number: fd });
  assert.equal(history.size, MAX_DESCRIPTORS);
  assert.equal(history.of(0), undefined);
  assert.equal(history.of(MAX_DESCRIPTORS)?.origin, 'epoll');
});

test('what is not known is not explained', () => {
  const call: Call = {
    name: 'read',
    args: [5, new Uint8Array(1), 1],
    before: [],
    result: 1,
    time: 0,
    duration: 0,
    number: 1,
  };
  assert.equal(explain(call, new History()), null);
});

test('whatever a program does, explaining it fails at nothing', () => {
  const history = new History();
  const sink = {
    call(call: Call): void {
      explain(call, history);
      history.note(call);
    },
  };
  for (const program of Object.values(programs)) program(subjectOf(traced(linux.kernel, sink)));
});

test('an explanation stands under its line', () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const kernel = traced(linux.kernel, new ExplainedSink(new TextSink(write), write));
  kernel.close(kernel.epoll_create1(0x80000));
  assert.match(lines[0]!, /^epoll_create1\(EPOLL_CLOEXEC\) += \d+\n$/);
  assert.match(lines[1]!, /^ {4}# One epoll descriptor for all/);
  assert.match(lines[2]!, /^close\(/);
  assert.equal(lines[3], '    # The descriptor is given back.\n');
});
