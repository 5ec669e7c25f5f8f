/** The files that the servers of the file workloads serve: made once, of bytes that compress badly. */
import { createHash } from 'node:crypto';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './toolchain.ts';

export const filesFolder: string = join(root, 'dist', 'bench', 'served');

const sizes: Readonly<Record<string, number>> = {
  '64k.bin': 64 * 1024,
  '10m.bin': 10 * 1024 * 1024,
};

/** The bytes of a file, the same in every run. */
export function bytesOf(name: string): Buffer {
  const size = sizes[name] ?? 0;
  const blocks: Buffer[] = [];
  for (let i = 0; i * 64 < size; i++) {
    blocks.push(createHash('sha512').update(`${name} ${i}`).digest());
  }
  return Buffer.concat(blocks);
}

/** Writes those that are not there. */
export function makeFiles(): void {
  mkdirSync(filesFolder, { recursive: true });
  for (const [name, size] of Object.entries(sizes)) {
    const path = join(filesFolder, name);
    if (statSync(path, { throwIfNoEntry: false })?.size !== size) {
      writeFileSync(path, bytesOf(name));
    }
  }
}
