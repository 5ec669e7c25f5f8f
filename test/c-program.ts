/**
 * Asks the machine's C headers and library: compiles a small program and gives what it prints. For
 * tests only; where there is no compiler the test is skipped and says so.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** False, or why C cannot be compiled here: the value that node:test's `skip` takes. */
export const noCompiler: string | false =
  spawnSync('cc', ['--version']).status === 0 ? false : 'there is no C compiler (cc)';

/** What the statements in `body` print as "key value" lines, with those headers included. */
export function askC(headers: readonly string[], body: readonly string[]): Map<string, string> {
  const dir = mkdtempSync(join(tmpdir(), 'netfd-c-'));
  try {
    const source = join(dir, 'ask.c');
    const program = join(dir, 'ask');
    const includes = ['stdio.h', ...headers].map((header) => `#include <${header}>`);
    const lines = ['#define _GNU_SOURCE', ...includes, 'int main(void) {', ...body, '}', ''];
    writeFileSync(source, lines.join('\n'));
    execFileSync('cc', ['-w', '-o', program, source], { stdio: ['ignore', 'inherit', 'inherit'] });
    const output = execFileSync(program, { encoding: 'utf8' });
    return new Map(output.trimEnd().split('\n').map(cutAtSpace));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The bytes of a variable `s` of this type, of zeros but for what the C statements fill. */
export function structFromC(
  headers: readonly string[],
  type: string,
  ...fill: readonly string[]
): Uint8Array {
  const found = askC(
    [...headers, 'string.h'],
    [
      `${type} s; memset(&s, 0, sizeof s);`,
      ...fill,
      'printf("bytes ");',
      'for (unsigned i = 0; i < sizeof s; i++) printf("%02x", ((unsigned char *)&s)[i]);',
      'printf("\\n");',
    ],
  );
  return Buffer.from(found.get('bytes')!, 'hex');
}

function cutAtSpace(line: string): [string, string] {
  const space = line.indexOf(' ');
  return [line.slice(0, space), line.slice(space + 1)];
}
