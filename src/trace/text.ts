/** A call as a line of strace(1). */
import { errnoName, strerror } from '../syscall/errno.ts';
import type { Call } from './call.ts';
import type { Column, Result } from './signature.ts';
import { signatures } from './signatures.ts';
import { DEFAULT_COLUMN } from './settings.ts';
import type { Style } from './style.ts';

/** "accept4(3, NULL, NULL, 0)". */
export function callText(call: Call, style: Style): string {
  const columns = signatures[call.name].columns as readonly Column<unknown>[];
  const parts: string[] = [];
  for (let i = 0; i < columns.length; i += 1) {
    const text = columns[i]!.print(call.args[i], call, style);
    if (text !== undefined) parts.push(text);
  }
  return `${call.name}(${parts.join(', ')})`;
}

/** " (INJECTED) (DELAYED)"; empty for nearly every call. */
function marksText({ injected }: Call): string {
  return injected === undefined ? '' : ` (${injected.replace(' ', ') (')})`;
}

/** "5", "-1 EAGAIN (Resource temporarily unavailable)", "7 (INJECTED)". */
export function resultText(call: Call, style: Style): string {
  return plainResult(call, style) + marksText(call);
}

function plainResult(call: Call, style: Style): string {
  if (call.result < 0) {
    return `-1 ${errnoName(-call.result)} (${strerror(-call.result)})`;
  }
  const result: Result | undefined = signatures[call.name].result;
  return result === undefined ? String(call.result) : result(call, style);
}

/** A call, and blanks up to the column of results: one at least. */
export function padded(text: string, column: number): string {
  return `${text} `.padEnd(column);
}

/** The whole line, without its end: arguments, and results from `column` on. */
export function lineOf(call: Call, style: Style, column: number = DEFAULT_COLUMN): string {
  return `${padded(callText(call, style), column)}= ${resultText(call, style)}`;
}
