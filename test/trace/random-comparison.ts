/**
 * Runs random programs in a process under strace, and compares what it printed with our own lines.
 *
 * Nothing that they do may change the machine: the process has no rights of root's but to open packet sockets.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signatures } from '../../src/trace/signatures.ts';
import { agreed, partsOf } from './marks.ts';
import type { RandomProgram } from './random-program.ts';

export interface Difference {
  readonly program: RandomProgram;
  readonly ours: string;
  readonly theirs: string;
}

/** Milliseconds that a portion may take. */
const PATIENCE = 60_000;

const child = fileURLToPath(new URL('./random-child.js', import.meta.url));
const WITHOUT_RIGHTS = ['setpriv', '--bounding-set', '-all,+net_raw'];
const STRACE = ['strace', '-e', 'signal=none', '-e', `trace=${Object.keys(signatures).join(',')}`];

/** Of each program that differs, the first lines that do. */
export function compare(programs: readonly RandomProgram[]): Difference[] {
  const folder = mkdtempSync(join(tmpdir(), 'netfd-random-'));
  const [theirs, ours, given] = ['strace', 'netfd', 'programs'].map((name) => join(folder, name));
  const isRoot = process.getuid?.() === 0;
  const node = [process.execPath, '--single-threaded', child, given!, ours!];
  const [command, ...args] = [...(isRoot ? WITHOUT_RIGHTS : []), ...STRACE, '-o', theirs!, ...node];
  try {
    writeFileSync(given!, JSON.stringify(programs));
    execFileSync(command!, args, { stdio: 'inherit', timeout: PATIENCE, killSignal: 'SIGKILL' });
    // What stands after a program is the end of it: every second part.
    const [expected, actual] = [theirs!, ours!].map((file) =>
      partsOf(readFileSync(file, 'latin1')).filter((_, i) => i % 2 === 0),
    );
    return programs.flatMap((program, i) => difference(program, actual![i]!, expected![i]!));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function difference(
  program: RandomProgram,
  actual: readonly string[],
  expected: readonly string[],
): Difference[] {
  for (let i = 0; i < Math.max(actual.length, expected.length); i += 1) {
    const [ours = '(nothing)', theirs = '(nothing)'] = [actual[i], expected[i]];
    if (ours !== agreed(ours, theirs)) return [{ program, ours, theirs }];
  }
  return [];
}
