/**
 * Where netfd is known to read otherwise than node:http and http-parser-js, each with the reason: where it
 * takes more than both, where it sees another end, and where it refuses what both take. Each has an example
 * that shows that it is so.
 */
import { METHODS } from 'node:http';
import { methods as methodsOfParserJS } from 'http-parser-js';
import type { SeenRequest } from './http-reading.ts';

/** netfd takes what both others refuse. */
export interface Leniency {
  readonly name: string;
  readonly reason: string;
  readonly example: string;
  readonly applies: (request: SeenRequest) => boolean;
  /** The same bytes without it: nothing else in them may be lenient. `start` is where the request is. */
  readonly without: (text: string, start: number, request: SeenRequest) => string;
}

const known: ReadonlySet<string> = new Set(
  [...METHODS].filter((method) => methodsOfParserJS.includes(method)),
);

export const LENIENCIES: readonly Leniency[] = [
  {
    name: 'a method is any token',
    reason:
      'RFC 9110, 9.1: methods are an open set, and what is not known is for the handler to refuse (405, 501). ' +
      'The others have a list. Where a request ends does not depend on its method, but for CONNECT.',
    example: 'FROB / HTTP/1.1\r\nHost: h\r\n\r\n',
    applies: ({ method }) => !known.has(method),
    without: (text, start, { method }) => {
      const at = text.indexOf(method, start);
      return `${text.slice(0, at)}PUT${text.slice(at + method.length)}`;
    },
  },
];

/**
 * Requests behind which the others may see another protocol, so that the end of their bodies, and what
 * follows, is not compared. Their heads are.
 */
export const TUNNELS: readonly {
  readonly name: string;
  readonly reason: string;
  readonly example: string;
  readonly applies: (request: SeenRequest) => boolean;
}[] = [
  {
    name: 'CONNECT',
    reason:
      'Both others end HTTP at the head. netfd leaves it to the handler whether there is a tunnel; ' +
      'as long as there is none, the request ends where its fields say, and the next one follows.',
    example: 'CONNECT t:443 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc',
    applies: ({ method }) => method === 'CONNECT',
  },
  {
    name: 'Upgrade',
    reason:
      'http-parser-js ends HTTP at the head, although nobody has agreed to another protocol. node:http goes ' +
      'on, if nobody listens for upgrades, but loses what has come together with the request.',
    example:
      'GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\nContent-Length: 3\r\n\r\nabc',
    applies: ({ fields }) =>
      fields.some(([name]) => name === 'upgrade') &&
      fields.some(([name, value]) => name === 'connection' && /upgrade/i.test(value)),
  },
];

export function isTunnel(request: SeenRequest): boolean {
  return TUNNELS.some((tunnel) => tunnel.applies(request));
}

interface Strictness {
  /** What netfd says. */
  readonly why: string;
  readonly reason: string;
  readonly example: string;
}

function head(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** netfd refuses what both others take. */
export const STRICTNESSES: readonly Strictness[] = [
  {
    why: '400',
    reason: 'more than four empty lines before a request, or more that is empty than CRLF',
    example: `\r\n\r\n\r\n\r\n\r\n${head('GET / HTTP/1.1', 'Host: h')}`,
  },
  {
    why: '400 target',
    reason: 'a target of another form than goes with the method (RFC 9112, 3.2), or another scheme',
    example: head('GET * HTTP/1.1', 'Host: h'),
  },
  {
    why: '400 malformed Host header',
    reason: 'RFC 9112, 3.2: a Host is a host and a port',
    example: head('GET / HTTP/1.1', 'Host: a b'),
  },
  {
    why: '400 too many Host headers',
    reason: 'RFC 9112, 3.2: there is one Host. The others take the first, or the last',
    example: head('GET / HTTP/1.1', 'Host: a', 'Host: b'),
  },
  {
    why: '400 Transfer-Encoding in an HTTP/1.0 request',
    reason: 'RFC 9112, 6.1: its framing is faulty; whether it has chunks depends on who reads it',
    example: `${head('POST / HTTP/1.0', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  },
  {
    why: '417',
    reason:
      'RFC 9110, 10.1.1: an expectation that nobody meets. node:http overlooks it in HTTP/1.0',
    example: head('GET / HTTP/1.0', 'Expect: x'),
  },
  {
    why: '501 unsupported transfer encoding',
    reason:
      'RFC 9112, 6.1: a coding that nobody undoes, an empty one included (node:http before 26 took that)',
    example: `${head('POST / HTTP/1.1', 'Host: h', 'Transfer-Encoding: x, chunked')}0\r\n\r\n`,
  },
  {
    why: '505 unsupported protocol version',
    reason: 'RFC 9110, 15.6.6: the lines of HTTP/0.9 and HTTP/2.0 look otherwise',
    example: head('GET / HTTP/2.0', 'Host: h'),
  },
];
