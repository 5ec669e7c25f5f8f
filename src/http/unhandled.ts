/**
 * What a server has answered itself, without its handler: requests that were refused, and `OPTIONS *`. It
 * is told to the option `unhandled` of the server, and to its handler, if that has a method of this name.
 * Here is what is told, and to whom; what makes it of the bytes of a connection is conn/refused-request.ts.
 */
import type { Addr } from '../net/conn.ts';

/** A request that the server has answered itself, as far as it is known. */
export interface UnhandledRequest {
  readonly remoteAddr: Addr;
  readonly localAddr: Addr;
  /** Its first line, a code unit for each byte: up to 1024, as far as they came, whatever they are. */
  readonly line: string;
  /** "GET"; empty if it is not known. */
  readonly method: string;
  /** As it was sent; empty if the line is not a whole one, or is none. */
  readonly target: string;
  /** "HTTP/1.1", or whatever version it claims; empty as `target` is. */
  readonly proto: string;
  /** Of the reply. */
  readonly status: number;
  /** What the reply says besides: "malformed Host header"; often empty. */
  readonly reason: string;
  /** Of the reply's body. */
  readonly bytes: number;
  /** In milliseconds, from the first bytes that were waited upon; 0 if all came at once. */
  readonly duration: number;
}

/** Who is told of them. What it throws is told to the log of the server. */
export type UnhandledListener = (request: UnhandledRequest) => void;

/** What may want to be told: a handler. */
interface Told {
  readonly unhandled?: UnhandledListener | undefined;
}

/**
 * Tells `handler` and `hook`, each by way of `call`; null if neither wants to know, so that nothing is
 * made for them.
 */
export function unhandledTeller(
  handler: Told,
  hook: UnhandledListener | undefined,
  call: (run: () => unknown) => void,
): UnhandledListener | null {
  const byHandler = typeof handler.unhandled === 'function';
  if (!byHandler && hook === undefined) return null;
  return (request) => {
    if (byHandler) call(() => handler.unhandled?.(request));
    if (hook !== undefined) call(() => hook(request));
  };
}

/** For a handler around `inner`: tells that one, if it wants to know. */
export function passUnhandled(inner: Told): UnhandledListener | undefined {
  if (typeof inner.unhandled !== 'function') return undefined;
  return (request) => inner.unhandled?.(request);
}
