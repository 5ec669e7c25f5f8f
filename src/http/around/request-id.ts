/**
 * A name for each request, by which it is found in the logs of all who had to do with it: the one that a
 * proxy in front has given, or one of our own.
 */
import { optionalBoolean, optionalFunction, requireOptions } from '../../net/options.ts';
import { fieldName } from '../message/field-name.ts';
import type { Handler, HandlerFunc, ServerRequest } from '../handler.ts';
import { asHandler } from '../handler-func.ts';
import type { Header } from '../message/header.ts';
import { namesOf, refuseUnknown } from '../option-names.ts';
import { passUnhandled } from '../unhandled.ts';

/** Whose names of requests are believed, and how one is made. */
export interface RequestIdOptions {
  /** Where the name stands, in the request and in the reply ["X-Request-Id"]. */
  readonly header?: string | undefined;
  /** A name that the request brings is taken over, if it is a good one [true]. */
  readonly trust?: boolean | undefined;
  /** Makes a name [a random UUID]. */
  readonly generate?: (() => string) | undefined;
}

const KNOWN: ReadonlySet<string> = namesOf<RequestIdOptions>({
  header: true,
  trust: true,
  generate: true,
});

const FIELD = 'X-Request-Id';

/** No longer than this, and nothing that a log could stumble over. */
const GOOD = /^[A-Za-z0-9._~+/=:@-]{1,128}$/;

/** By the fields of a request, which all handlers share. */
const ids = new WeakMap<Header, string>();

/**
 * A handler that gives each request a name, says it in the reply, and passes the request on to `handler`,
 * for which {@link requestIdOf} has it.
 */
export function requestId(handler: Handler | HandlerFunc, options: RequestIdOptions = {}): Handler {
  const inner = asHandler('requestId', handler);
  requireOptions('requestId', options);
  refuseUnknown('requestId', options, KNOWN);
  const { header: field = FIELD, trust = true, generate = randomId } = options;
  if (typeof field !== 'string' || fieldName(field) === null) {
    throw new TypeError('requestId: option header must be the name of a field');
  }
  optionalBoolean('requestId', 'trust', trust);
  optionalFunction('requestId', 'generate', generate);
  return {
    unhandled: passUnhandled(inner),
    serveHTTP: (w, r) => {
      const id = (trust ? goodId(r, field) : null) ?? generate();
      ids.set(r.header, id);
      w.header().set(field, id);
      return inner.serveHTTP(w, r);
    },
  };
}

/**
 * The name of a request: what {@link requestId} has given it, else a good one that it brings in
 * X-Request-Id, else a random one, which it keeps.
 */
export function requestIdOf(r: ServerRequest): string {
  const given = givenIdOf(r);
  if (given !== null) return given;
  const made = randomId();
  ids.set(r.header, made);
  return made;
}

/** The name that a request has been given, or brings; null without one. */
export function givenIdOf(r: ServerRequest): string | null {
  return ids.get(r.header) ?? goodId(r, FIELD);
}

let base = '';
let count = 0;

/** A name for a request that nobody else asks for the name of: cheaper than a random one. */
export function nextId(): string {
  if (base === '') base = randomId().slice(0, 13);
  return `${base}-${(++count).toString(36)}`;
}

function goodId(r: ServerRequest, field: string): string | null {
  const id = r.header.get(field);
  return id !== undefined && GOOD.test(id) ? id : null;
}

function randomId(): string {
  return crypto.randomUUID();
}
