/**
 * Runs golden programs under strace: `child.js FILE`. The calls of a program stand between two calls of close
 * on descriptors that nobody has; the file gets our own lines, with the same marks in between.
 */
import { writeFileSync } from 'node:fs';
import { linux } from '../../src/index.ts';
import { plainStyle } from '../../src/trace/style.ts';
import { TextSink } from '../../src/trace/text-sink.ts';
import { traced } from '../../src/trace/traced.ts';
import { asked } from './asked.ts';
import { MARK } from './marks.ts';
import { subjectOf } from './program.ts';
import { programs } from './programs.ts';

const [, , file = ''] = process.argv;
const lines: string[] = [];
const kernel = traced(linux.kernel, new TextSink((line) => lines.push(line), plainStyle(asked)));
for (const [i, run] of Object.values(programs).entries()) {
  kernel.close(MARK - i);
  run(subjectOf(kernel));
}
kernel.close(MARK - Object.keys(programs).length);
writeFileSync(file, lines.join(''));
