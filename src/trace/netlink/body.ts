/**
 * The body of a message: a struct and attributes behind it, as most of them are.
 *
 * Its first field is a family, by which strace(1) prints what is too short: "{ifi_family=AF_INET, ...}". Bodies of
 * types or families that are not known are the family and bytes.
 */
import { familyName } from '../../syscall/socket-names.ts';
import { type Attributes, attributesText } from './attribute.ts';
import { hexBytes } from './bytes.ts';
import type { Context } from './context.ts';
import { type Field, fieldsText, sizeOf } from './struct.ts';

export interface Body {
  /** Behind the family. */
  readonly fields: readonly Field[];
  /** What strace calls the family. */
  readonly family: string;
  readonly attributes: Attributes | null;
}

export function bodyText(bytes: Uint8Array, body: Body, context: Context): string {
  const family = `${body.family}=${familyName(bytes[0]!)}`;
  const size = 1 + sizeOf(body.fields);
  if (bytes.length < size) return `{${family}, ...}`;
  const head = `{${family}, ${fieldsText(body.fields, bytes.subarray(1), context)}}`;
  const rest = bytes.subarray((size + 3) & ~3);
  if (rest.length === 0 || body.attributes === null) return head;
  return `${head}, ${attributesText(rest, body.attributes, { ...context, family: bytes[0]! })}`;
}

export function unknownText(bytes: Uint8Array, context: Context): string {
  const family = `family=${familyName(bytes[0]!)}`;
  if (bytes.length === 1) return `{${family}}`;
  return `{${family}, data=${hexBytes(bytes.subarray(1), context.style)}}`;
}
