/**
 * The small files that a network program reads: /etc/hosts, /proc/sys/…. Whole, with plain blocking
 * calls, and bounded.
 */
import type { Kernel } from './kernel.ts';
import { cString } from '../syscall/c-string.ts';
import { EINTR } from '../syscall/errno.ts';
import { AT_FDCWD, O_CLOEXEC, O_RDONLY } from '../syscall/fcntl.ts';

const CHUNK = 16 * 1024;

/** What is read of one file at most; the rest is left out. */
const MAX_FILE = 4 * 1024 * 1024;

const decoder = new TextDecoder();

/** The text of a file as UTF-8, or null if it cannot be read. */
export function readTextFile(kernel: Kernel, path: string): string | null {
  const fd = kernel.openat(AT_FDCWD, cString(path), O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return null;
  const chunk = new Uint8Array(CHUNK);
  let text = '';
  for (let total = 0; total < MAX_FILE;) {
    const count = kernel.read(fd, chunk, CHUNK, 0);
    if (count === -EINTR) continue;
    if (count <= 0) break;
    total += count;
    text += decoder.decode(chunk.subarray(0, count), { stream: true });
  }
  kernel.close(fd);
  return text + decoder.decode();
}
