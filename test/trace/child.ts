/**
 * Runs golden programs under strace: `child.js FILE [OPTION…]`, with the options of strace. The calls of a program
 * stand between two calls of close on descriptors that nobody has; the file gets our own lines, with the same
 * marks in between.
 */
import { writeFileSync } from 'node:fs';
import { linux } from '../../src/index.ts';
import { parseTraceOptions } from '../../src/trace/options.ts';
import { makeStyle } from '../../src/trace/style.ts';
import { TextSink } from '../../src/trace/text-sink.ts';
import { traced } from '../../src/trace/traced.ts';
import { asked } from './asked.ts';
import { MARK } from './marks.ts';
import { subjectOf } from './program.ts';
import { programs } from './programs.ts';

const [, , file = '', ...options] = process.argv;
const settings = parseTraceOptions(options);
const lines: string[] = [];
const write = (line: string): void => void lines.push(line);
const sink = new TextSink(write, makeStyle(settings, asked), settings);
const kernel = traced(linux.kernel, sink);
for (const [i, run] of Object.values(programs).entries()) {
  kernel.close(MARK - i);
  run(subjectOf(kernel));
}
kernel.close(MARK - Object.keys(programs).length);
writeFileSync(file, lines.join(''));
