/**
 * From the bytes of a request that is refused to what observers are told of it. There is no more than the
 * bytes, so the first line is taken apart here once more, as far as it came. Made only where somebody is
 * told, and only of what has gone wrong.
 */
import { latin1Text } from '../../io/latin1.ts';
import type { Addr } from '../../net/conn.ts';
import type { Input } from './input.ts';
import { refusalText } from './refusal.ts';
import type { UnhandledListener, UnhandledRequest } from '../unhandled.ts';

/** Who is told, if anybody wants to know. */
interface Teller {
  readonly unhandled: UnhandledListener | null;
}

/** From where it came. */
interface From {
  readonly remoteAddr: Addr;
  readonly localAddr: Addr;
}

/** Bytes of a line that are told. */
const MAX_LINE = 1024;

const CR = 13;
const LF = 10;

const METHOD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}) /;
const WHOLE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ (\S+) (HTTP\/\d\.\d)$/;

/** Tells of the request whose bytes stand first in the input of `conn`, and were not parsed to the end. */
export function tellRefused(
  { unhandled }: Teller,
  conn: From & { readonly input: Input },
  deadlines: { readonly headTime: number },
  status: number,
  reason: string,
): void {
  if (unhandled === null) return;
  const { remoteAddr, localAddr, input } = conn;
  const bytes = refusalText(status, reason).length;
  const duration = deadlines.headTime;
  unhandled({ remoteAddr, localAddr, ...lineIn(input), status, reason, bytes, duration });
}

/** Tells of a request whose head was good, and that was answered at once. */
export function tellAnswered(
  { unhandled }: Teller,
  { remoteAddr, localAddr }: From,
  { method, target, proto }: Pick<UnhandledRequest, 'method' | 'target' | 'proto'>,
  status: number,
  bytes: number,
): void {
  if (unhandled === null) return;
  const said = { line: `${method} ${target} ${proto}`, method, target, proto };
  unhandled({ remoteAddr, localAddr, ...said, status, reason: '', bytes, duration: 0 });
}

type Line = Pick<UnhandledRequest, 'line' | 'method' | 'target' | 'proto'>;

function lineIn(input: Input): Line {
  const { bytes, to } = input;
  let start = input.from;
  while (start < to && (bytes[start] === CR || bytes[start] === LF)) start++;
  const most = Math.min(to, start + MAX_LINE);
  let end = start;
  while (end < most && bytes[end] !== LF) end++;
  const isWhole = end < to && bytes[end] === LF;
  if (isWhole && end > start && bytes[end - 1] === CR) end--;
  const line = latin1Text(bytes, start, end);
  const method = METHOD.exec(line)?.[1] ?? '';
  const [, target = '', proto = ''] = (isWhole && WHOLE.exec(line)) || [];
  return { line, method, target, proto };
}
