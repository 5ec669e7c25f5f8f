import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directoryPage, escapeHTML } from './directory-page.ts';
import type { FileEntry } from './file-system.ts';

function file(name: string, size = 0, mtimeMs = 0): FileEntry {
  return { name, isDirectory: false, size, mtimeMs };
}

test('names are escaped for where they stand', () => {
  const name = `"><img src=x onerror='1'>&?#%.txt`;
  const page = directoryPage('/', [file(name)], true);
  assert.ok(page.includes(`>${escapeHTML(name)}</a>`));
  assert.ok(page.includes(`href="./${encodeURIComponent(name)}"`));
  assert.ok(!page.includes('<img'));
  assert.ok(!/href="[^"]*[<>'&?#]/.test(page.replaceAll("'", '')));
});

test('so is the path', () => {
  const page = directoryPage('/<b>/', [], true);
  assert.ok(page.includes('<title>/&lt;b&gt;/</title>'));
  assert.ok(!page.includes('<b>'));
});

test('sizes and times', () => {
  const time = Date.UTC(2026, 10, 21, 4, 5);
  const sizes = [0, 1023, 1024, 1536, 10 * 1024, 5 * 1024 ** 2, 3 * 1024 ** 4, 5000 * 1024 ** 4];
  const entries = sizes.map((size, i) => file(`f${i}`, size, time));
  const cells = [...directoryPage('/', entries, true).matchAll(/<\/a><td>(.*)<td>(.*)/g)];
  assert.deepEqual(
    cells.map(([, size]) => size),
    ['0 B', '1023 B', '1.0 KiB', '1.5 KiB', '10 KiB', '5.0 MiB', '3.0 TiB', '5000 TiB'],
  );
  assert.ok(cells.every(([, , when]) => when === '2026-11-21 04:05'));
});

test('times that are none', () => {
  for (const mtimeMs of [-1, Number.NaN, 1e17, Number.POSITIVE_INFINITY]) {
    assert.match(directoryPage('/', [file('f', 1, mtimeMs)], true), /<td>1 B<td>\n/);
  }
});

test('the root has nothing above it', () => {
  assert.ok(!directoryPage('/', [], true).includes('../'));
  assert.ok(directoryPage('/a/', [], true).includes('href="../"'));
});
