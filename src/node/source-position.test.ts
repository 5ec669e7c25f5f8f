import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { MAX_MAPS, SourcePositions } from './source-position.ts';

const folder = mkdtempSync(join(tmpdir(), 'netfd-maps-'));
after(() => rmSync(folder, { recursive: true }));

/** Line 1 of the result is line 5 of the source; "AAIA": column 0, first source, four lines on, column 0. */
const payload = { version: 3, sources: ['a b.ts'], names: [], mappings: 'AAIA' };
const source = pathToFileURL(join(folder, 'a b.ts')).href;

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('a map beside the file, by path and by URL', () => {
  const path = file('beside.js', 'run();\n//# sourceMappingURL=beside.js.map\n');
  file('beside.js.map', JSON.stringify(payload));
  const positions = new SourcePositions();
  const expected = { file: source, line: 5, column: 1 };
  assert.deepEqual(positions.of(path, 1, 3), expected);
  assert.deepEqual(positions.of(pathToFileURL(path).href, 1, 3), expected);
});

test('a map inside the file; the last comment counts', () => {
  const data = Buffer.from(JSON.stringify(payload)).toString('base64');
  const comment = '//# sourceMappingURL=';
  const inside = `${comment}nothing.map\nrun();\n${comment}data:application/json;base64,${data}\n`;
  assert.equal(new SourcePositions().of(file('inside.js', inside), 1, 1)?.file, source);
  const percent = `${comment}data:application/json,${encodeURIComponent(JSON.stringify(payload))}`;
  assert.equal(new SourcePositions().of(file('percent.js', percent), 1, 1)?.line, 5);
});

test('sources have a root', () => {
  const path = file('rooted.js', '//# sourceMappingURL=rooted.js.map\n');
  file('rooted.js.map', JSON.stringify({ ...payload, sourceRoot: '../src' }));
  const expected = new URL('../src/a%20b.ts', pathToFileURL(path)).href;
  assert.equal(new SourcePositions().of(path, 1, 1)?.file, expected);
});

test('no map, or none that can be used, is null', () => {
  const positions = new SourcePositions();
  for (const [i, text] of [
    'run();\n',
    '//# sourceMappingURL=missing.map\n',
    '//# sourceMappingURL=https://example.com/x.map\n',
    '//# sourceMappingURL=data:application/json,{broken\n',
    '//# sourceMappingURL=data:application/json,%\n',
    '//# sourceMappingURL=data:application/json,{"version":3,"sources":["x"],"mappings":""}\n',
  ].entries()) {
    assert.equal(positions.of(file(`none-${i}.js`, text), 1, 1), null, text);
  }
  for (const name of [
    '/missing/file.js',
    'evalmachine.<anonymous>',
    '',
    'http://[',
    'file://x/y',
  ]) {
    assert.equal(positions.of(name, 1, 1), null, name);
  }
});

test('what is remembered has a bound', () => {
  const positions = new SourcePositions();
  for (let i = 0; i < MAX_MAPS + 10; i += 1) positions.of(`/missing/${i}.js`, 1, 1);
  assert.equal(positions.size, MAX_MAPS);
});
