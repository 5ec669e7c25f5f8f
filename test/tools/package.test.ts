/** tools/check-package.mjs: what is packed is whole, and it would be told if it were not. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { suite, test } from 'node:test';

interface CheckPackage {
  readonly packageFaults: (paths: readonly string[], read: (path: string) => string) => string[];
  readonly currentFaults: () => string[];
}

const module: string = new URL('../../../tools/check-package.mjs', import.meta.url).href;
const { packageFaults, currentFaults } = (await import(module)) as CheckPackage;

test('each map of this package leads to sources that are in it', (t) => {
  if (spawnSync('npm', ['--version']).status !== 0) return t.skip('there is no npm here');
  assert.deepEqual(currentFaults(), []);
});

/** A package in which nothing is wrong. */
const GOOD: Readonly<Record<string, string>> = {
  'package.json': '{}',
  'src/a.ts': 'export const a = 1;',
  'dist/src/a.js': 'export const a = 1;\n//# sourceMappingURL=a.js.map\n',
  'dist/src/a.js.map': '{"sourceRoot":"","sources":["../../src/a.ts"]}',
  'dist/src/a.d.ts': 'export declare const a = 1;\n//# sourceMappingURL=a.d.ts.map',
  'dist/src/a.d.ts.map': '{"sources":["../../src/a.ts"]}',
};

function faultsOf(files: Readonly<Record<string, string>>): string[] {
  return packageFaults(Object.keys(files), (path) => files[path]!);
}

suite('faults', () => {
  test('none', () => assert.deepEqual(faultsOf(GOOD), []));

  test('a source that is left out', () => {
    const { 'src/a.ts': _, ...others } = GOOD;
    assert.deepEqual(faultsOf(others), [
      'dist/src/a.js.map: leads to src/a.ts, which is not packed',
      'dist/src/a.d.ts.map: leads to src/a.ts, which is not packed',
    ]);
  });

  test('a map that is left out', () => {
    const { 'dist/src/a.js.map': _, ...others } = GOOD;
    assert.deepEqual(faultsOf(others), [
      'dist/src/a.js: leads to dist/src/a.js.map, which is not packed',
    ]);
  });

  test('a file without a map, a map without a source, a test', () => {
    const files = {
      ...GOOD,
      'dist/src/b.js': '1;',
      'dist/src/b.js.map': '{"sources":[]}',
      'src/b.test.ts': '',
    };
    assert.deepEqual(faultsOf(files), [
      'dist/src/b.js: has no map',
      'dist/src/b.js.map: names no source',
      'src/b.test.ts: a test',
    ]);
  });
});
