/** The sinks that write no lines of strace's: each on calls that are made up, and on real ones. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { linux } from '../../src/index.ts';
import { EBADF } from '../../src/syscall/errno.ts';
import { AF_INET, SOCK_STREAM } from '../../src/syscall/socket.ts';
import type { Call } from '../../src/trace/call.ts';
import { ChromeSink } from '../../src/trace/chrome-sink.ts';
import { NDJSONSink } from '../../src/trace/ndjson-sink.ts';
import { SpanSink, type SpanTracer } from '../../src/trace/span-sink.ts';
import { SummarySink } from '../../src/trace/summary-sink.ts';
import { traced } from '../../src/trace/traced.ts';
import { subjectOf } from './program.ts';
import { programs } from './programs.ts';

const TIME = 1_700_000_000_000;

function callOf(name: Call['name'], args: Call['args'], result: number): Call {
  return { name, args, before: [], result, time: TIME + 0.25, duration: 0.0123456, number: 1 };
}

const WRITTEN = callOf('write', [7, new TextEncoder().encode('a"\n'), 3, 0], 3);
const REFUSED = callOf('close', [-1], -EBADF);
const NOT_YET = callOf('accept4', [3, null, null, 0], -11);
const MADE = callOf('socket', [AF_INET, SOCK_STREAM, 0], 9);

interface Event {
  readonly name: string;
  readonly ph: string;
  readonly ts?: number;
  readonly dur?: number;
}

describe('NDJSONSink', () => {
  test('an object a line', () => {
    const lines: string[] = [];
    const sink = new NDJSONSink((line) => lines.push(line));
    for (const call of [WRITTEN, REFUSED, MADE]) sink.call(call);
    const times = { time: TIME + 0.25, duration: 0.012 };
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      [
        { ...times, name: 'write', fd: 7, args: String.raw`7, "a\"\n", 3`, result: 3 },
        { ...times, name: 'close', args: '-1', result: -1, error: 'EBADF' },
        { ...times, name: 'socket', fd: 9, args: 'AF_INET, SOCK_STREAM, IPPROTO_IP', result: 9 },
      ],
    );
  });

  test('every golden program: one line a call, each of them JSON', () => {
    const lines: string[] = [];
    let calls = 0;
    const sink = new NDJSONSink((line) => lines.push(line));
    const kernel = traced(linux.kernel, {
      call(call) {
        calls += 1;
        sink.call(call);
      },
    });
    for (const run of Object.values(programs)) run(subjectOf(kernel));
    assert.ok(calls > 1000);
    assert.equal(lines.length, calls);
    for (const line of lines) {
      assert.equal(line.indexOf('\n'), line.length - 1);
      const { name, args } = JSON.parse(line) as { name: string; args: string };
      assert.ok(name in linux.kernel && typeof args === 'string');
    }
  });
});

describe('ChromeSink', () => {
  /** The pieces that it writes. */
  function pieces(): string[] {
    const written: string[] = [];
    const sink = new ChromeSink((text) => written.push(text), { pid: 5, tid: 6, name: 'server' });
    for (const call of [WRITTEN, REFUSED]) sink.call(call);
    sink.end();
    sink.end();
    sink.call(WRITTEN);
    return written;
  }

  test('complete events, in microseconds', () => {
    const common = { ph: 'X', ts: TIME * 1000 + 250, dur: 12.346, pid: 5, tid: 6 };
    assert.deepEqual(JSON.parse(pieces().join('')), [
      { name: 'process_name', ph: 'M', pid: 5, tid: 6, args: { name: 'server' } },
      {
        name: 'write',
        cat: 'syscall',
        ...common,
        args: { args: String.raw`7, "a\"\n", 3`, result: '3', fd: 7 },
      },
      {
        name: 'close',
        cat: 'syscall,error',
        ...common,
        args: { args: '-1', result: '-1 EBADF (Bad file descriptor)' },
      },
    ]);
  });

  test('cut after any event it lacks its last bracket and nothing else', () => {
    const written = pieces();
    for (let i = 1; i < written.length; i += 1) {
      const events = JSON.parse(`${written.slice(0, i).join('')}]`) as Event[];
      assert.equal(events.length, i);
    }
  });

  test('calls of one thread do not overlap', () => {
    const written: string[] = [];
    const sink = new ChromeSink((text) => written.push(text));
    const kernel = traced(linux.kernel, sink);
    for (let i = 0; i < 100; i += 1) kernel.close(-1);
    sink.end();
    const events = JSON.parse(written.join('')) as Event[];
    const calls = events.filter(({ ph }) => ph === 'X');
    assert.equal(calls.length, 100);
    // As the sum of two numbers of 16 digits, whose last is about 0.2 microseconds.
    for (const [i, { ts = 0 }] of calls.entries()) {
      const last = calls[i - 1];
      if (last !== undefined) assert.ok(ts >= (last.ts ?? 0) + (last.dur ?? 0) - 1);
    }
  });
});

describe('SpanSink', () => {
  test('a span of each call, with its times', () => {
    const told: unknown[] = [];
    const tracer: SpanTracer = {
      startSpan(name, options) {
        told.push([name, options]);
        return {
          setStatus: (status) => told.push(status),
          end: (time) => told.push(time),
        };
      },
    };
    const sink = new SpanSink(tracer);
    for (const call of [WRITTEN, REFUSED, NOT_YET]) sink.call(call);
    const startTime = TIME + 0.25;
    const end = startTime + 0.0123456;
    const spanOf = (name: string, attributes: object): unknown => [
      name,
      { kind: 0, startTime, attributes },
    ];
    assert.deepEqual(told, [
      spanOf('write', {
        'syscall.args': String.raw`7, "a\"\n", 3`,
        'syscall.result': 3,
        'syscall.fd': 7,
      }),
      end,
      spanOf('close', {
        'syscall.args': '-1',
        'syscall.result': -1,
        'error.type': 'EBADF',
      }),
      { code: 2, message: '-1 EBADF (Bad file descriptor)' },
      end,
      // That nothing has come yet is no error of a span.
      spanOf('accept4', {
        'syscall.args': '3, NULL, NULL, 0',
        'syscall.result': -1,
        'syscall.fd': 3,
        'error.type': 'EAGAIN',
      }),
      end,
    ]);
  });

  test('what is no tracer is said', () => {
    assert.throws(() => new SpanSink({} as SpanTracer), /SpanSink: tracer must be a Tracer/);
  });
});

describe('SummarySink', () => {
  test('counts calls, errors and time, the most time first', () => {
    const sink = new SummarySink();
    for (const call of [REFUSED, WRITTEN, WRITTEN, REFUSED, REFUSED, MADE]) sink.call(call);
    const rows = sink.rows().map(({ name, calls, errors }) => [name, calls, errors]);
    assert.deepEqual(rows, [
      ['close', 3, 3],
      ['write', 2, 0],
      ['socket', 1, 0],
    ]);
  });
});
