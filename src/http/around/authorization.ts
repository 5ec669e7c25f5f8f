/**
 * Who sends a request, as its field Authorization says: a user with a password (Basic, RFC 7617), or
 * whoever holds a token (Bearer, RFC 6750). A password is safe only where the connection is.
 */
import type { Handler, HandlerFunc, ServerRequest } from '../handler.ts';
import { asHandler } from '../handler-func.ts';
import type { Header } from '../message/header.ts';
import { error } from '../replies.ts';
import { Status, statusText } from '../message/status.ts';
import { optionalFunction, requireOptions } from '../../net/options.ts';
import { namesOf, refuseUnknown } from '../option-names.ts';
import { passUnhandled } from '../unhandled.ts';

/** The user and password that a request has brought. */
export interface BasicAuth {
  readonly user: string;
  readonly password: string;
}

/** Who may ask, and what those are told who may not. */
export interface BasicAuthOptions {
  /** What the password is for, as browsers show it ["Restricted"]. */
  readonly realm?: string | undefined;
  /** Whether this user has this password; compare by {@link secretsEqual}. */
  readonly check: (
    user: string,
    password: string,
    r: ServerRequest,
  ) => boolean | PromiseLike<boolean>;
}

const KNOWN: ReadonlySet<string> = namesOf<BasicAuthOptions>({
  realm: true,
  check: true,
});

const utf8 = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** The users that passed, by the fields of their requests, which all handlers share. */
const users = new WeakMap<Header, string>();

/**
 * A handler that passes on to `handler` the requests of those whose user and password `check` approves of,
 * and answers 401 to the others. What `check` throws is thrown.
 */
export function basicAuth(handler: Handler | HandlerFunc, options: BasicAuthOptions): Handler {
  const inner = asHandler('basicAuth', handler);
  requireOptions('basicAuth', options);
  refuseUnknown('basicAuth', options, KNOWN);
  const { realm = 'Restricted', check } = options;
  if (typeof realm !== 'string' || /[^ -~]/.test(realm)) {
    throw new TypeError('basicAuth: option realm must be a string of printable ASCII');
  }
  if (check === undefined) throw new TypeError('basicAuth: option check must be a function');
  optionalFunction('basicAuth', 'check', check);
  const challenge = `Basic realm="${realm.replace(/["\\]/g, '\\$&')}", charset="UTF-8"`;
  return {
    unhandled: passUnhandled(inner),
    serveHTTP: async (w, r) => {
      const sent = parseBasicAuth(r);
      if (sent !== null && (await check(sent.user, sent.password, r)) === true) {
        users.set(r.header, sent.user);
        return inner.serveHTTP(w, r);
      }
      w.header().set('WWW-Authenticate', challenge);
      return error(w, statusText(Status.Unauthorized), Status.Unauthorized);
    },
  };
}

/** The user that {@link basicAuth} has let through with this request; undefined if it has not. */
export function authenticatedUser(r: ServerRequest): string | undefined {
  return users.get(r.header);
}

/**
 * The user and password that a request says, null if it says none or in no good form. They are decoded
 * as UTF-8, or as latin1 where they are no UTF-8, as some clients send them.
 */
export function parseBasicAuth(r: ServerRequest): BasicAuth | null {
  const coded = credentials(r, 'basic');
  if (coded === null || !/^[A-Za-z0-9+/]+={0,2}$/.test(coded)) return null;
  let text: string;
  try {
    text = atob(coded);
  } catch {
    return null;
  }
  try {
    text = utf8.decode(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  } catch {
    // As it is.
  }
  const colon = text.indexOf(':');
  // RFC 7617, section 2: a user has no colon, and neither has a control character.
  if (colon < 0 || /\p{Cc}/u.test(text)) return null;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The token of a request, null if it has none or one of no good form. */
export function bearerToken(r: ServerRequest): string | null {
  const token = credentials(r, 'bearer');
  return token !== null && /^[A-Za-z0-9\-._~+/]+=*$/.test(token) ? token : null;
}

/**
 * Whether two texts are the same, in a time that depends on the length of `given` alone: it does not tell
 * how far a guess is right.
 */
export function secretsEqual(given: string, expected: string): boolean {
  const a = encoder.encode(given);
  const b = encoder.encode(expected);
  let differs = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) {
    differs |= (a[i] as number) ^ (b.length === 0 ? 1 : (b[i % b.length] as number));
  }
  return differs === 0;
}

/** What follows the scheme; null if there is another scheme, or more than one field. */
function credentials(r: ServerRequest, scheme: string): string | null {
  const fields = r.header.values('Authorization');
  const [field] = fields;
  if (field === undefined || fields.length > 1) return null;
  const match = /^([A-Za-z]+) +([^ ]+)$/.exec(field);
  return match?.[1]?.toLowerCase() === scheme ? (match[2] as string) : null;
}
