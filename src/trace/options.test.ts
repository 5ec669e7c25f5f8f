import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CALL_NAMES } from '../kernel/call-set.ts';
import { DEFAULT_RING, parseTraceOptions, readTraceOptions } from './options.ts';
import { DEFAULT_SETTINGS, type TraceSettings } from './settings.ts';

/** Words, and what they change. */
const RIGHT: readonly (readonly [string, Partial<TraceSettings>])[] = [
  ['', {}],
  ['--', {}],
  ['-e trace=accept4,read', { calls: new Set(['accept4', 'read']) }],
  ['-e t=accept4', { calls: new Set(['accept4']) }],
  ['-e accept4', { calls: new Set(['accept4']) }],
  ['-etrace=accept4', { calls: new Set(['accept4']) }],
  ['--trace=accept4', { calls: new Set(['accept4']) }],
  ['--trace accept4', { calls: new Set(['accept4']) }],
  ['-e trace=read -e trace=write', { calls: new Set(['write']) }],
  ['-e !close', { calls: new Set(CALL_NAMES.filter((name) => name !== 'close')) }],
  ['-e trace=none', { calls: new Set() }],
  ['-e inject=accept4:error=EMFILE', { inject: ['accept4:error=EMFILE'] }],
  [
    '--inject=read:retval=0 --inject write:error=EIO',
    { inject: ['read:retval=0', 'write:error=EIO'] },
  ],
  ['-s 0', { strings: 0 }],
  ['-s100', { strings: 100 }],
  ['-x', { hex: 'non-ascii' }],
  ['-xx', { hex: 'all' }],
  ['-x -x -x', { hex: 'all' }],
  ['-T', { duration: true }],
  ['-r', { relative: true }],
  ['-t', { clock: 'seconds' }],
  ['-tt', { clock: 'microseconds' }],
  ['-t -tt', { clock: 'epoch' }],
  ['-tttt', { clock: 'epoch' }],
  ['-y', { descriptors: 'paths' }],
  ['-yyy', { descriptors: 'all' }],
  ['-a 0', { column: 0 }],
  ['-a60', { column: 60 }],
  ['-c', { summary: 'only' }],
  ['-C -C', { summary: 'also' }],
  ['-o out.txt', { output: 'out.txt' }],
  ['-o -', { output: '-' }],
  ['--format=text', { format: 'text' }],
  ['--format ndjson', { format: 'ndjson' }],
  ['--format=chrome', { format: 'chrome' }],
  ['--stacks --explain', { stacks: true, explain: true }],
  ['--ring', { ring: DEFAULT_RING }],
  ['--ring=5', { ring: 5 }],
  [
    '-Tyttxs5',
    { duration: true, descriptors: 'paths', clock: 'microseconds', hex: 'non-ascii', strings: 5 },
  ],
];

const NUMBER = 'expected a whole number from 0 to 2147483647';

/** Words, and what is said of them. */
const WRONG: readonly (readonly [string, string])[] = [
  ['-z', 'trace: "-z" is no option: expected -e, -s, -a, -o, --trace'],
  ['-Tz', 'trace: "-z" is no option'],
  ['--nope', 'trace: "--nope" is no option'],
  ['--nope=1', 'trace: "--nope" is no option'],
  ['server.ts', 'trace: "server.ts" is no option'],
  ['-T -- -T', 'trace: "-T" is no option'],
  ['-', 'trace: "-" is no option'],
  ['-s', 'trace: option -s: expected a value behind it'],
  ['-e', 'trace: option -e: expected a value behind it'],
  ['--trace', 'trace: option --trace: expected a value behind it'],
  ['-s -1', `trace: option -s: ${NUMBER}, not "-1"`],
  ['-s 5x', `trace: option -s: ${NUMBER}, not "5x"`],
  ['-s 99999999999', `trace: option -s: ${NUMBER}, not "99999999999"`],
  ['-a 1.5', `trace: option -a: ${NUMBER}, not "1.5"`],
  ['-e trace=acept4', 'trace: option -e: "acept4" is no call that netfd makes'],
  ['-e %nope', 'trace: option -e: "%nope" is no call that netfd makes'],
  ['--trace=', 'trace: option --trace: "" is no call that netfd makes'],
  [
    '-e signal=none',
    'trace: option -e: expected trace=SET, inject=RULE or a set of calls, not "signal=none"',
  ],
  ['-e inject=', 'trace: option -e: expected a rule such as accept4:error=EMFILE, not ""'],
  ['--inject=', 'trace: option --inject: expected a rule such as accept4:error=EMFILE, not ""'],
  ['-c -C', 'trace: option -C: expected one of -c and -C, not both'],
  ['-Cc', 'trace: option -c: expected one of -c and -C, not both'],
  ['--format=xml', 'trace: option --format: expected one of text, ndjson, chrome, not "xml"'],
  ['--ring=0', 'trace: option --ring: expected a whole number from 1 to 1048576, not "0"'],
  ['--ring=', 'trace: option --ring: expected a whole number from 1 to 1048576, not ""'],
  ['--stacks=yes', 'trace: option --stacks: expected no value, not "yes"'],
];

function wordsOf(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

describe('options of a trace', () => {
  for (const [text, changes] of RIGHT) {
    test(JSON.stringify(text), () => {
      assert.deepEqual(parseTraceOptions(wordsOf(text)), { ...DEFAULT_SETTINGS, ...changes });
    });
  }
  for (const [text, message] of WRONG) {
    test(`wrong: ${JSON.stringify(text)}`, () => {
      const said = (error: Error): boolean =>
        error instanceof TypeError && error.message.startsWith(message);
      assert.throws(() => parseTraceOptions(wordsOf(text)), said);
    });
  }
  test('wrong: an empty name of a file', () => {
    assert.throws(() => parseTraceOptions(['-o', '']), {
      message: /-o: expected the name of a file/,
    });
  });
  test('wrong: no array of strings', () => {
    for (const wrong of ['-T', null, undefined, [5]]) {
      assert.throws(() => parseTraceOptions(wrong as never), { message: /an array of strings/ });
    }
  });
  test('what stands behind the options is left', () => {
    const read = readTraceOptions(['-T', '-s', '5', 'server.ts', '-T']);
    assert.deepEqual(read.rest, ['server.ts', '-T']);
    assert.equal(read.settings.strings, 5);
    assert.deepEqual(readTraceOptions(['-T', '--', '-x.js']).rest, ['-x.js']);
  });
});
