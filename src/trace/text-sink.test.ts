import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import type { Call } from './call.ts';
import { parseTraceOptions } from './options.ts';
import { TextSink } from './text-sink.ts';
import { makeStyle } from './style.ts';

const LAYOUTS = [
  '',
  '-t',
  '-tt',
  '-ttt',
  '-r',
  '-r -t',
  '-r -ttt',
  '-T',
  '-tt -T -a 20',
  '-r -T -a 0',
];

/** What is alike of all times. */
function shape(line: string): string {
  const day = line.replaceAll(/\d\d:\d\d:\d\d/g, 'H:M:S').replaceAll(/H:M:S\.\d{6}/g, 'H:M:S.U');
  return day.replaceAll(/\d+\.\d{6}/g, 'S.U');
}

function straced(options: readonly string[]): string[] {
  const strace = ['-e', 'trace=epoll_create1', ...options];
  const program = ['python3', '-c', 'import select\na = select.epoll()\nb = select.epoll()'];
  return run([...strace, ...program])
    .split('\n')
    .filter((line) => line.includes('epoll_create1('));
}

function run(args: readonly string[]): string {
  const command = ['-c', 'exec strace "$@" 2>&1 </dev/null', 'sh', ...args];
  return execFileSync('sh', command, { encoding: 'utf8' });
}

function ours(options: readonly string[], results: readonly number[]): string[] {
  const settings = parseTraceOptions(options);
  const lines: string[] = [];
  const sink = new TextSink((line) => lines.push(line.trimEnd()), makeStyle(settings), settings);
  for (const [i, result] of results.entries()) {
    const call: Call = {
      name: 'epoll_create1',
      args: [0x80000],
      before: [],
      result,
      time: 1_795_306_990_702.838 + i,
      duration: 0.012,
      number: i + 1,
    };
    sink.call(call);
  }
  return lines;
}

describe('layout of lines', () => {
  for (const text of LAYOUTS) {
    const options = text.split(' ').filter((word) => word !== '');
    test(`as strace ${text}`, () => {
      const expected = straced(options);
      const results = expected.map((line) => Number(/= (\d+)/.exec(line)![1]));
      assert.equal(results.length, 2);
      assert.deepEqual(ours(options, results).map(shape), expected.map(shape));
    });
  }
  test('times are cut to microseconds', () => {
    const [first, second] = ours(['-ttt', '-r', '-T'], [3, 4]);
    assert.match(
      first!,
      /^1795306990\.702838 \(\+ {5}0\.000000\) epoll_create1\(EPOLL_CLOEXEC\) .*= 3 <0\.000012>$/,
    );
    assert.match(
      second!,
      /^1795306990\.70383\d \(\+ {5}0\.001000\) epoll_create1\(EPOLL_CLOEXEC\) .*= 4 <0\.000012>$/,
    );
  });
});
