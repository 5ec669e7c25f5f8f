/**
 * Runs random programs under strace: `random-child.js PROGRAMS FILE`. The one is JSON, an array of
 * {@link RandomProgram}; the other gets our own lines. Before each program stands close(MARK), after it
 * close(MARK - 1).
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Sink } from '../../src/trace/call.ts';
import { linux } from '../../src/index.ts';
import { plainStyle } from '../../src/trace/style.ts';
import { lineOf } from '../../src/trace/text.ts';
import { traced } from '../../src/trace/traced.ts';
import { Random } from '../native/random.ts';
import { asked } from './asked.ts';
import { MARK } from './marks.ts';
import { type RandomProgram, runCall } from './random-program.ts';
import { World } from './random-world.ts';

const [, , programs = '', file = ''] = process.argv;
const lines: string[] = [];
const style = plainStyle(asked);
const sink: Sink = {
  call(call) {
    try {
      lines.push(lineOf(call, style));
    } catch (error) {
      lines.push(`${call.name} is not printed: ${(error as Error).stack?.replaceAll('\n', ' ')}`);
    }
    style.note(call);
  },
};
const kernel = traced(linux.kernel, sink);

for (const [i, { seed, calls }] of (
  JSON.parse(readFileSync(programs, 'utf8')) as RandomProgram[]
).entries()) {
  mkdirSync(`${file}.d/${i}/d`, { recursive: true });
  writeFileSync(`${file}.d/${i}/a`, 'contents of a file, a line or two\n'.repeat(3));
  process.chdir(`${file}.d/${i}`);
  kernel.close(MARK);
  const world = new World(kernel);
  for (const at of calls) runCall(world, new Random(seed + at * 0x9e37), at);
  world.end();
  kernel.close(MARK - 1);
}
process.chdir('/');
rmSync(`${file}.d`, { recursive: true, force: true });
kernel.close(MARK);
writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
