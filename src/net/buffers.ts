/**
 * Several buffers in one operation: writev(2) and readv(2). After Go's net.Buffers and Writev of
 * internal/poll/writev.go, with one difference: nothing is consumed. The list stays as it is, and a write
 * that fails says in `bytesWritten` how far it came.
 */
import type { Writer } from '../io/stream.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { FD } from '../poll/fd.ts';
import type { PollCall } from '../poll/message-call.ts';
import { EIO } from '../syscall/errno.ts';
import { requireBytes } from './arguments.ts';
import { OpError } from './op-error.ts';
import { counted, inTurn } from './transfer.ts';

/** Linux's limit of buffers in one call: UIO_MAXIOV of <linux/uio.h>. */
const UIO_MAXIOV = 1024;

const encoder = new TextEncoder();

/** What can be written in one go. */
export type Buffers = readonly (Uint8Array | string)[];

/** What is left of a list of buffers. */
class Cursor {
  readonly #buffers: readonly Uint8Array[];
  readonly #lengths: readonly number[];
  #index = 0;
  #offset = 0;
  /** How many bytes are behind it. */
  passed = 0;

  /** Empty buffers are left out, as Go leaves them out. */
  constructor(buffers: readonly Uint8Array[]) {
    this.#buffers = buffers.filter(({ length }) => length > 0);
    this.#lengths = this.#buffers.map(({ length }) => length);
  }

  get atEnd(): boolean {
    return this.#index === this.#buffers.length;
  }

  /** The next buffers, as many as one call may have. TypeError if one is not as it was. */
  window(method: string): Uint8Array[] {
    const end = this.#index + UIO_MAXIOV;
    const window = this.#buffers.slice(this.#index, end);
    if (window.some(({ length }, i) => length !== this.#lengths[this.#index + i])) {
      throw new TypeError(`${method}: a buffer was detached or resized while waiting`);
    }
    if (this.#offset > 0) window[0] = window[0]!.subarray(this.#offset);
    return window;
  }

  advance(count: number): void {
    this.passed += count;
    this.#offset += count;
    while (!this.atEnd && this.#offset >= this.#lengths[this.#index]!) {
      this.#offset -= this.#lengths[this.#index++]!;
    }
  }
}

/** Writes all buffers of `buffers`, one after the other; gives the number of bytes. For net's own files. */
export async function writev(fd: FD, buffers: Buffers): Promise<number> {
  const cursor = new Cursor(bytesOf('writev', buffers));
  const call: PollCall = {
    mode: 'write',
    op: 'writev',
    syscall: 'writev',
    target: null,
    drainedBelow: 0,
    attempt(kernel: Kernel, sysfd: number): number {
      if (cursor.atEnd) return 0;
      const result = kernel.writev(sysfd, cursor.window('writev'));
      // No kernel should take nothing of something; to try again would never end.
      return result === 0 ? -EIO : result;
    },
  };
  const operation = fd.beginCall(call, (count) => {
    cursor.advance(count);
    return cursor.atEnd ? cursor.passed : undefined;
  });
  return inTurn(
    fd,
    counted(operation, () => cursor.passed),
  );
}

/** Reads once into `buffers`, each filled before the next; null at the end. For net's own files. */
export async function readv(fd: FD, buffers: readonly Uint8Array[]): Promise<number | null> {
  requireList('readv', buffers);
  for (const buffer of buffers) requireBytes('readv', 'each of buffers', buffer);
  const cursor = new Cursor(buffers);
  const attempt = (kernel: Kernel, sysfd: number): number =>
    cursor.atEnd ? 0 : kernel.readv(sysfd, cursor.window('readv'));
  const operation = fd.call('read', { op: 'read', syscall: 'readv' }, attempt);
  const count = await inTurn(fd, operation);
  return count === 0 && !cursor.atEnd && fd.kind.zeroReadIsEnd ? null : count;
}

/** What has writev itself. */
interface VectorWriter extends Writer {
  writev(buffers: Buffers): Promise<number>;
}

/**
 * Writes all of `buffers` to any writer: by writev if it has that, as connections of sockets have, else
 * by one write for each buffer that is not empty. Gives the number of bytes.
 *
 * A failure says in `bytesWritten` how many bytes of all buffers were written before. A writer's own error
 * that is no OpError is the cause of an OpError "writev" then, if there were any.
 */
export async function writeBuffers(writer: Writer, buffers: Buffers): Promise<number> {
  if (hasWritev(writer)) return writer.writev(buffers);
  let written = 0;
  for (const bytes of bytesOf('writeBuffers', buffers)) {
    if (bytes.length === 0) continue;
    try {
      written += await writer.write(bytes);
    } catch (error) {
      throw withBytesBefore(error, written);
    }
  }
  return written;
}

function hasWritev(writer: Writer): writer is VectorWriter {
  return typeof (writer as Partial<VectorWriter>).writev === 'function';
}

/** A failed write counts its own bytes only. One object may stand for many failures: it stays as it is. */
function withBytesBefore(error: unknown, before: number): unknown {
  if (before === 0) return error;
  if (!(error instanceof OpError)) return writevError(error as Error, before);
  return Object.assign(error, { bytesWritten: before + (error.bytesWritten ?? 0) });
}

function writevError(cause: Error, bytesWritten: number): OpError {
  return Object.assign(new OpError('writev', '', null, null, cause), { bytesWritten });
}

function bytesOf(method: string, buffers: Buffers): Uint8Array[] {
  requireList(method, buffers);
  return buffers.map((each) => {
    const bytes = typeof each === 'string' ? encoder.encode(each) : each;
    if (bytes instanceof Uint8Array) return bytes;
    throw new TypeError(`${method}: each of buffers must be a Uint8Array or a string`);
  });
}

function requireList(method: string, buffers: unknown): void {
  if (!Array.isArray(buffers)) throw new TypeError(`${method}: buffers must be an array`);
}
