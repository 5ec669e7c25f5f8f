/**
 * Runs golden programs under strace: `child.js FILE [OPTION…]`, with the options of strace. The calls of a program
 * stand between two calls of close on descriptors that nobody has; the file gets our own lines, with the same
 * marks in between.
 */
import { writeFileSync } from 'node:fs';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { linux } from '../../src/index.ts';
import { parseTraceOptions } from '../../src/trace/options.ts';
import { makeStyle } from '../../src/trace/style.ts';
import { TextSink } from '../../src/trace/text-sink.ts';
import { traced } from '../../src/trace/traced.ts';
import { ASKING, MARK } from './marks.ts';
import { subjectOf } from './program.ts';
import { programs } from './programs.ts';

const [, , file = '', ...options] = process.argv;
const settings = parseTraceOptions(options);
const lines: string[] = [];
/** What the trace asks stands between marks. */
function marked<A extends readonly unknown[]>(
  call: (...args: A) => number,
): (...args: A) => number {
  return (...args) => {
    linux.kernel.close(ASKING);
    const result = call(...args);
    linux.kernel.close(ASKING);
    return result;
  };
}
const asked: Kernel = {
  ...linux.kernel,
  getsockopt: marked((...args) => linux.kernel.getsockopt(...args)),
  ioctl: marked((...args) => linux.kernel.ioctl(...args)),
  readlinkat: marked((...args) => linux.kernel.readlinkat(...args)),
  statx: marked((...args) => linux.kernel.statx(...args)),
  getsockname: marked((...args) => linux.kernel.getsockname(...args)),
  getpeername: marked((...args) => linux.kernel.getpeername(...args)),
  socket: marked((...args) => linux.kernel.socket(...args)),
  sendto: marked((...args) => linux.kernel.sendto(...args)),
  recvfrom: marked((...args) => linux.kernel.recvfrom(...args)),
  close: marked((...args) => linux.kernel.close(...args)),
};
const write = (line: string): void => void lines.push(line);
const sink = new TextSink(write, makeStyle(settings, asked), settings);
const kernel = traced(linux.kernel, sink);
for (const [i, run] of Object.values(programs).entries()) {
  kernel.close(MARK - i);
  run(subjectOf(kernel));
}
kernel.close(MARK - Object.keys(programs).length);
writeFileSync(file, lines.join(''));
