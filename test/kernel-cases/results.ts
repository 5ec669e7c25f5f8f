/** Results of calls in the words of the cases, and values in them as bytes. */
import type { Outcome, Step } from './outcome.ts';
import type { Run } from './run.ts';
import { errorName } from './vocabulary.ts';

/** One kind of step: makes its call, and says what came of it. */
export type Operation = (run: Run, args: readonly string[], step: Step) => Outcome;

export function plain(result: number): Outcome {
  return result < 0 ? { text: errorName(result) } : { text: String(result), count: result };
}

/** A call that gives a descriptor, which gets the name that was recorded. */
export function opened(run: Run, result: number, step: Step): Outcome {
  if (result >= 0) run.name(step.res.split(' ', 1)[0]!, result);
  return plain(result);
}

/** Bytes as the cases write them: "20000B", or a text in quotes. */
export function bytesOf(text: string): Uint8Array {
  const size = /^(\d+)B$/.exec(text);
  if (size !== null) return new Uint8Array(Number(size[1]));
  const quoted = /^"(.*)"$/s.exec(text);
  if (quoted === null) throw new Error(`no bytes are ${text}`);
  return Buffer.from(quoted[1]!, 'latin1');
}

/** "a"+"b": several pieces. */
export function piecesOf(text: string): Uint8Array[] {
  return text === '' ? [] : text.split(/(?<=["B])\+/).map(bytesOf);
}

/** Up to 64 bytes in quotes, more by their number. */
export function received(run: Run, result: number, data: Uint8Array): Outcome {
  if (result < 0) return plain(result);
  run.received.push(data);
  const text = data.length > 64 ? `${data.length}B` : `"${Buffer.from(data).toString('latin1')}"`;
  return { text, count: result };
}

export function int32s(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

export function int64s(...values: readonly number[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
}

/** The int at the beginning of `data`. */
export function int32At(data: Uint8Array, at = 0): number {
  return new DataView(data.buffer, data.byteOffset, data.length).getInt32(at, true);
}
