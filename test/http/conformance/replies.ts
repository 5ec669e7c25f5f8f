/** How replies end: lengths, chunks, the end of the connection, and those without a body. RFC 9112, 6. */
import { type Bare, chunk, get, head, saw, section, served, type WireCase } from './case.ts';
import { LONG } from './echo.ts';

const HOST = 'Host: h';
const DATE = 'Date: *';
const TYPE = 'Content-Type: text/plain; charset=utf-8';
const STAY = 'Connection: keep-alive';
const OK = 'HTTP/1.1 200 OK';
const OLD_OK = 'HTTP/1.0 200 OK';
const IN_CHUNKS = 'Transfer-Encoding: chunked';

/** A request and the next one, whose reply tells where this one has ended. */
function reply(name: string, request: string, expected: string): Bare {
  return served(name, request + get(), expected + saw('GET / @h'));
}

function to(path: string, expected: string): Bare {
  return reply(`GET ${path}`, head(`GET ${path} HTTP/1.1`, HOST), expected);
}

/** The same head as for GET, and no body. */
function toHead(path: string, expected: string): Bare {
  return reply(`HEAD ${path}`, head(`HEAD ${path} HTTP/1.1`, HOST), expected);
}

function toOld(path: string, expected: string, ...fields: readonly string[]): Bare {
  const name = `GET ${path} of HTTP/1.0${fields.length > 0 ? ' with keep-alive' : ''}`;
  return served(name, head(`GET ${path} HTTP/1.0`, ...fields) + get(), expected, {
    open: false,
  });
}

function toOldKept(method: string, path: string, expected: string): Bare {
  const name = `${method} ${path} of HTTP/1.0 with keep-alive, which stays`;
  return reply(name, head(`${method} ${path} HTTP/1.0`, STAY), expected);
}

export const replyCases: readonly WireCase[] = [
  ...section(
    'RFC 9112, 6.3: a reply of HTTP/1.1 is delimited by its length, or by chunks',
    to('/short', `${head(OK, DATE, 'Content-Length: 5', TYPE)}short`),
    to('/nothing', head(OK, DATE, 'Content-Length: 0')),
    to('/long', `${head(OK, DATE, TYPE, IN_CHUNKS)}${chunk(LONG)}0\r\n\r\n`),
    to('/flushed', `${head(OK, DATE, TYPE, IN_CHUNKS)}${chunk('one')}${chunk('two')}0\r\n\r\n`),
    to('/declared', `${head(OK, 'Content-Length: 6', DATE)}onetwo`),
    to('/status-418', `${head("HTTP/1.1 418 I'm a teapot", DATE, 'Content-Length: 5', TYPE)}short`),
  ),

  ...section(
    'RFC 9110, 15: replies to 204, 304 and 1xx have no body',
    to('/204', head('HTTP/1.1 204 No Content', DATE)),
    to('/204-length', head('HTTP/1.1 204 No Content', DATE)),
    to('/304', head('HTTP/1.1 304 Not Modified', DATE)),
    to('/304-length', head('HTTP/1.1 304 Not Modified', 'Content-Length: 5', DATE)),
    to(
      '/hints',
      head('HTTP/1.1 103 Early Hints', 'Link: </a>') +
        head('HTTP/1.1 102 Processing') +
        `${head(OK, DATE, 'Content-Length: 5', TYPE)}short`,
    ),
  ),

  ...section(
    'RFC 9110, 9.3.2: a reply to HEAD has the head of one to GET, and no body',
    reply(
      'HEAD / that is echoed',
      head('HEAD / HTTP/1.1', HOST),
      head(OK, 'Content-Type: text/plain', 'Content-Length: 9', DATE),
    ),
    toHead('/short', head(OK, DATE, 'Content-Length: 5', TYPE)),
    toHead('/nothing', head(OK, DATE)),
    toHead('/long', head(OK, DATE, TYPE, IN_CHUNKS)),
    toHead('/flushed', head(OK, DATE, TYPE, IN_CHUNKS)),
    toHead('/declared', head(OK, 'Content-Length: 6', DATE)),
    toHead('/204', head('HTTP/1.1 204 No Content', DATE)),
    toHead('/304', head('HTTP/1.1 304 Not Modified', DATE)),
    reply(
      'HEAD with a body',
      `${head('HEAD /short HTTP/1.1', HOST, 'Content-Length: 3')}abc`,
      head(OK, DATE, 'Content-Length: 5', TYPE),
    ),
    reply(
      'HEAD with chunks',
      `${head('HEAD /short HTTP/1.1', HOST, IN_CHUNKS)}3\r\nabc\r\n0\r\n\r\n`,
      head(OK, DATE, 'Content-Length: 5', TYPE),
    ),
    reply(
      'head in lower case',
      head('head /short HTTP/1.1', HOST),
      `${head(OK, DATE, 'Content-Length: 5', TYPE)}short`,
    ),
  ),

  ...section(
    'RFC 9112, 6.3: to HTTP/1.0 there are no chunks: where the length is not known the connection ends',
    toOld('/short', `${head(OLD_OK, DATE, 'Content-Length: 5', TYPE)}short`),
    toOld('/nothing', head(OLD_OK, DATE, 'Content-Length: 0')),
    toOld('/long', head(OLD_OK, DATE, TYPE) + LONG),
    toOld('/flushed', `${head(OLD_OK, DATE, TYPE)}onetwo`),
    toOld('/long', head(OLD_OK, DATE, TYPE) + LONG, STAY),
    toOld('/flushed', `${head(OLD_OK, DATE, TYPE)}onetwo`, STAY),
    toOld('/declared', `${head(OLD_OK, 'Content-Length: 6', DATE)}onetwo`),
    toOld('/204', head('HTTP/1.0 204 No Content', DATE)),
    toOld('/304', head('HTTP/1.0 304 Not Modified', DATE)),
    toOld('/hints', `${head(OLD_OK, DATE, 'Content-Length: 5', TYPE)}short`),
    toOldKept('GET', '/short', `${head(OLD_OK, DATE, 'Content-Length: 5', TYPE, STAY)}short`),
    toOldKept('GET', '/declared', `${head(OLD_OK, 'Content-Length: 6', DATE, STAY)}onetwo`),
    toOldKept('GET', '/204', head('HTTP/1.0 204 No Content', DATE, STAY)),
    toOldKept('GET', '/304', head('HTTP/1.0 304 Not Modified', DATE, STAY)),
    toOldKept('HEAD', '/short', head(OLD_OK, DATE, 'Content-Length: 5', TYPE, STAY)),
  ),
];
