import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { askC, noCompiler } from '../../test/c-program.ts';
import { S_IFMT, S_IFREG, decodeStatx } from './stat.ts';

/** The struct statx of a file, as the kernel fills it: 256 bytes. */
function statxBytes(path: string): Uint8Array {
  const body = [
    'static unsigned char b[256];',
    `statx(AT_FDCWD, ${JSON.stringify(path)}, 0, STATX_BASIC_STATS, (struct statx *)b);`,
    'printf("hex "); for (int i = 0; i < 256; i++) printf("%02x", b[i]); printf("\\n");',
  ];
  const hex = askC(['fcntl.h', 'sys/stat.h'], body).get('hex') ?? '';
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

test('decodes what statx(2) fills', { skip: noCompiler }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'netfd-stat-'));
  try {
    const path = join(dir, 'file');
    writeFileSync(path, 'x'.repeat(100_000), { mode: 0o640 });
    const expected = statSync(path, { bigint: true });
    const decoded = decodeStatx(statxBytes(path));
    assert.equal(decoded.mode, Number(expected.mode));
    assert.equal(decoded.mode & S_IFMT, S_IFREG);
    assert.equal(decoded.size, 100_000);
    assert.equal(decoded.uid, Number(expected.uid));
    assert.equal(decoded.gid, Number(expected.gid));
    assert.equal(decoded.ino, expected.ino);
    assert.equal(decoded.nlink, 1);
    assert.ok(Math.abs(decoded.mtimeMs - Number(expected.mtimeNs) / 1e6) < 0.01);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('a buffer too short for the struct is a RangeError', () => {
  assert.throws(() => decodeStatx(new Uint8Array(255)), { name: 'RangeError', message: /255/ });
});
