/** What netfd/trace exports: all that a trace is made with, and it works together. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { linux, Stack } from '../../src/index.ts';
import {
  callSet,
  faulty,
  type Kernel,
  plainStyle,
  RecentCalls,
  straceLine,
  TextSink,
  traced,
} from '../../src/trace.ts';
import * as face from '../../src/trace.ts';

test('the package has the face', () => {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { exports } = JSON.parse(text) as { exports: Record<string, unknown> };
  assert.deepEqual(exports['./trace'], {
    types: './dist/src/trace.d.ts',
    default: './dist/src/trace.js',
  });
});

test('every sink is there', () => {
  const sinks = [
    'ChromeSink',
    'NDJSONSink',
    'RecentCalls',
    'SpanSink',
    'SummarySink',
    'TextSink',
  ] as const;
  const exported: Readonly<Record<string, unknown>> = face;
  for (const name of sinks) assert.equal(typeof exported[name], 'function', name);
});

test('a stack whose calls are traced, and seen afterwards', async () => {
  const recent = new RecentCalls();
  const stack = new Stack({ ...linux, kernel: traced(linux.kernel, recent) });
  const listener = await stack.listen('tcp', '127.0.0.1:0');
  const [client, server] = await Promise.all([
    stack.dial('tcp', listener.addr.toString()),
    listener.accept(),
  ]);
  await client.write(new TextEncoder().encode('hello'));
  const buffer = new Uint8Array(16);
  assert.equal(await server.read(buffer), 5);
  for (const one of [client, server, listener]) one.close();
  const lines = recent.lines();
  assert.deepEqual(
    recent.recent().map((call) => straceLine(call, plainStyle())),
    lines,
  );
  for (const expected of [
    /^socket\(AF_INET, /,
    /^bind\(/,
    /^listen\(/,
    /^connect\(/,
    /^accept4\(/,
  ]) {
    assert.ok(
      lines.some((line) => expected.test(line)),
      String(expected),
    );
  }
  assert.ok(lines.some((line) => /^write\(\d+, "hello", 5\) += 5$/.test(line)));
});

test('with faults, and only what is asked for', () => {
  const lines: string[] = [];
  const set = callSet('close,dup');
  const broken = faulty(linux.kernel, 'close:error=EIO');
  const kernel = traced(broken, new TextSink((line) => lines.push(line)), {
    filter: (name) => set.has(name),
  });
  const { read } = kernel as unknown as Readonly<Record<string, unknown>>;
  assert.equal(read, (broken as unknown as Readonly<Record<string, unknown>>)['read']);
  kernel.close(-1);
  kernel.listen(-1, 1);
  assert.deepEqual(lines, [
    'close(-1)                               = -1 EIO (Input/output error)\n',
  ]);
});

test('what is traced has every call, and takes what the calls take', () => {
  const kernel: Kernel = traced(linux.kernel, new RecentCalls());
  assert.deepEqual(Object.keys(kernel).toSorted(), Object.keys(linux.kernel).toSorted());
  const bytes = new Uint8Array(1);
  assert.throws(() => kernel.read(-1, bytes, 2), RangeError);
  assert.throws(() => kernel.listen(-1, 'x' as unknown as number), TypeError);
});
