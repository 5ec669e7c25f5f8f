/** Values as the cases write them down: True, None, 'text', b'bytes', (1, 2), [1, 2]. */

/** What is written in round brackets; an array is written in square ones. */
export class Tuple {
  readonly values: readonly Value[];

  constructor(values: readonly Value[]) {
    this.values = values;
  }
}

export type Value = boolean | number | string | null | Uint8Array | Tuple | readonly Value[];

export function tuple(...values: readonly Value[]): Tuple {
  return new Tuple(values);
}

/** A value as the result of a check: text on its own has no quotes. */
export function recorded(value: Value): string {
  return typeof value === 'string' ? value : nested(value);
}

function nested(value: Value): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return `'${value}'`;
  if (value instanceof Uint8Array) return `b'${[...value].map(escaped).join('')}'`;
  if (value instanceof Tuple) return `(${value.values.map(nested).join(', ')})`;
  return `[${(value as readonly Value[]).map(nested).join(', ')}]`;
}

function escaped(byte: number): string {
  const known: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 92: '\\\\' };
  if (known[byte] !== undefined) return known[byte];
  if (byte >= 32 && byte < 127) return String.fromCharCode(byte);
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
