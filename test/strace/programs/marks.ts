/**
 * What the traced programs have in common: lines in their own trace, and the hand-over to the harness
 * that plays the other side (scene.ts). While a program holds, its thread stands still, so what the
 * harness does in the meantime arrives in one piece and the trace is the same each time.
 */
import { readSync, writeSync } from 'node:fs';
import { linux, OpError } from '../../../src/index.ts';

function say(what: string): void {
  const bytes = Buffer.from(what);
  linux.kernel.write(-1, bytes, bytes.length, 0);
}

/** From here on the trace counts. */
export function begin(): void {
  say('BEGIN');
}

/** A step, as in the Go programs. */
export function mark(label: string): void {
  say(`MARK ${label}`);
}

/** What the program has seen. */
export function note(text: string): void {
  say(`NOTE ${text}`);
}

/** Asks the harness to do something; gives what it answers once it is done. */
export function hold(request: string): string {
  writeSync(1, `${request}\n`);
  const byte = new Uint8Array(1);
  let answer = '';
  while (readSync(0, byte) === 1 && byte[0] !== 0x0a) answer += String.fromCharCode(byte[0]!);
  return answer;
}

/** In Go's words: what failed, without the operation and the addresses around it. */
export function reason(error: unknown): string {
  if (error === null) return '<nil>';
  return error instanceof OpError ? error.cause.message : (error as Error).message;
}

/** What the call throws, or null. */
export function errorOf(call: () => void): unknown {
  try {
    call();
    return null;
  } catch (error) {
    return error;
  }
}

/** What the operation fails with, or null. */
export async function failureOf(operation: Promise<unknown>): Promise<unknown> {
  try {
    await operation;
    return null;
  } catch (error) {
    return error;
  }
}

/** The count and the error of a read in Go's words. */
export async function readResult(
  read: Promise<number | null>,
): Promise<{ n: number; err: string }> {
  try {
    const count = await read;
    return count === null ? { n: 0, err: 'EOF' } : { n: count, err: '<nil>' };
  } catch (error) {
    return { n: 0, err: reason(error) };
  }
}
