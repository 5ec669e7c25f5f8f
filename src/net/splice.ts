/**
 * Bytes from one socket to another that never come into the program: splice(2), through a pipe.
 *
 *   source ──drain──► pipe ──pump──► destination         as much as there is, then all of it
 *
 * Waiting for the source holds no pipe; waiting for the destination does, because there is something in
 * it. If the destination fails then, that is lost: what was read and not written. After Go's
 * internal/poll/splice_linux.go.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { FD } from '../poll/fd.ts';
import { EINTR, EINVAL, EIO } from '../syscall/errno.ts';
import { SPLICE_F_NONBLOCK } from '../syscall/splice.ts';
import { type SplicePipe, type SplicePipes, splicePipesOf } from './splice-pipes.ts';

/** What one call is asked for: as in Go. The pipe is what limits it. */
const MAX_SPLICE = 4 * 1024 * 1024;

/** How much is moved without waiting before others have their turn. */
const TURN_BYTES = 8 * 1024 * 1024;

/** How far a copy has come. */
export interface Progress {
  /** Bytes that were taken from the source. */
  bytesRead: number;
  /** Bytes that the destination has got. */
  bytesWritten: number;
}

const NAMES = { op: 'readfrom', syscall: 'splice' };

/**
 * Moves up to `limit` bytes, or all to the end of the source. False if nothing was moved because it
 * cannot be done this way: the kernel refuses it (EINVAL), or there is no pipe to be had.
 *
 * An OpError is that of the side that failed; its cause is what counts.
 */
export async function spliceAll(
  dst: FD,
  src: FD,
  limit: number,
  progress: Progress,
): Promise<boolean> {
  const pipes = splicePipesOf(src.system);
  const { netpoll } = src.pollDesc;
  for (let sinceTurn = 0; progress.bytesRead < limit;) {
    const max = Math.min(limit - progress.bytesRead, MAX_SPLICE);
    const drained = await drain(src, pipes, max, progress.bytesRead === 0);
    if (drained === 'end') return true;
    if (drained === 'refused') return false;
    progress.bytesRead += drained.count;
    await pump(dst, pipes, drained, progress);
    sinceTurn += drained.count;
    if (sinceTurn < TURN_BYTES && netpoll.spend()) continue;
    sinceTurn = 0;
    await new Promise<void>((resolve) => netpoll.later(resolve));
  }
  return true;
}

/** A pipe, and how many bytes are in it. */
interface Drained {
  readonly pipe: SplicePipe;
  readonly count: number;
}

async function drain(
  src: FD,
  pipes: SplicePipes,
  max: number,
  first: boolean,
): Promise<Drained | 'end' | 'refused'> {
  let refused = false;
  let taken: SplicePipe | null = null;
  const attempt = (kernel: Kernel, sysfd: number): number => {
    const pipe = pipes.take();
    if (pipe === null) {
      refused = true;
      return 0;
    }
    const result = kernel.splice(sysfd, null, pipe.writeEnd, null, max, SPLICE_F_NONBLOCK);
    if (result > 0) taken = pipe;
    else pipes.give(pipe);
    refused = first && result === -EINVAL;
    return refused ? 0 : result;
  };
  const count = await src.call('read', NAMES, attempt);
  if (refused) return 'refused';
  return taken === null ? 'end' : { pipe: taken, count };
}

/** Empties the pipe, which is kept for the next one then, and closed otherwise. */
async function pump(
  dst: FD,
  pipes: SplicePipes,
  { pipe, count }: Drained,
  progress: Progress,
): Promise<void> {
  let left = count;
  const attempt = (kernel: Kernel, sysfd: number): number => {
    while (left > 0) {
      const result = kernel.splice(pipe.readEnd, null, sysfd, null, left, SPLICE_F_NONBLOCK);
      if (result === -EINTR) continue;
      // No kernel should take nothing of something; to try again would never end.
      if (result <= 0) return result === 0 ? -EIO : result;
      left -= result;
      progress.bytesWritten += result;
    }
    return 0;
  };
  try {
    await dst.call('write', NAMES, attempt);
  } finally {
    if (left === 0) pipes.give(pipe);
    else pipes.close(pipe);
  }
}
