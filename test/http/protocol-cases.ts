/**
 * Exchanges in which what is less usual in HTTP/1.1 is used: trailers, interim responses, tunnels,
 * statuses without a body, options of the connection. RFC 9110, sections 6.5, 7.6, 7.8, 9.3.6, 10.1, 15.
 */
import {
  bad,
  BAD,
  chunk,
  CHUNKED_HEAD,
  CONTINUE,
  get,
  good,
  head,
  ok,
  ok10,
  post,
  type RawCase,
  refused,
  TYPE,
} from './raw-cases.ts';

const DATE = 'Date: *';
const CHUNKED = 'Transfer-Encoding: chunked';

/** The head of a chunked reply that announces these trailers. */
function announcing(names: string): string {
  return head('HTTP/1.1 200 OK', `Trailer: ${names}`, DATE, TYPE, CHUNKED);
}

const trailers: readonly RawCase[] = [
  good(
    'an announced trailer',
    get('/trailer'),
    [announcing('X-Sum'), chunk('abc'), '0\r\nX-Sum: 6\r\n\r\n'].join(''),
  ),
  good(
    'an announced trailer of a long body',
    get('/trailer-long'),
    `${announcing('X-Sum')}${chunk('x'.repeat(3000))}0\r\nX-Sum: 3000\r\n\r\n`,
  ),
  good(
    'trailers that come late',
    get('/trailer-late'),
    `${CHUNKED_HEAD}${chunk('x'.repeat(3000))}0\r\nX-Late: 1\r\nX-More: 2\r\n\r\n`,
  ),
  good(
    'trailers of both kinds, and a field of the head',
    get('/trailer-both'),
    [
      head('HTTP/1.1 200 OK', 'Trailer: X-A, X-B', 'X-C: head', DATE, TYPE, CHUNKED),
      chunk('abc'),
      '0\r\nX-A: a\r\nX-B: b\r\nX-D: d\r\n\r\n',
    ].join(''),
  ),
  good(
    'an announced trailer that is not set',
    get('/trailer-unset'),
    `${announcing('X-Sum, X-Other')}${chunk('abc')}0\r\nX-Other: 1\r\n\r\n`,
  ),
  good(
    'fields that may not be trailers',
    get('/trailer-forbidden'),
    [
      head('HTTP/1.1 200 OK', 'Trailer: X-Sum', 'Host: y', 'If-Match: "z"', DATE, TYPE, CHUNKED),
      chunk('abc'),
      '0\r\nX-Sum: 6\r\n\r\n',
    ].join(''),
    { logs: true },
  ),
  good('none but such', get('/trailer-only-forbidden'), ok('abc'), { logs: true }),
  good(
    'trailers beside a length are dropped',
    get('/trailer-length'),
    `${head('HTTP/1.1 200 OK', 'Content-Length: 3', DATE, TYPE)}abc`,
  ),
  good('trailers without a body', get('/trailer-204'), head('HTTP/1.1 204 No Content', DATE)),
  good(
    'trailers of a body without chunks',
    get('/trailer-identity'),
    `${head('HTTP/1.1 200 OK', DATE, 'Connection: close')}abc`,
    { open: false },
  ),
  good(
    'trailers for HTTP/1.0',
    head('GET /trailer HTTP/1.0', 'Connection: keep-alive'),
    ok10('abc', 'Connection: keep-alive'),
  ),
  good('trailers for HEAD', head('HEAD /trailer HTTP/1.1', 'Host: x'), announcing('X-Sum')),
  good(
    'trailers of a request that may be none',
    post(
      '0\r\nHost: y\r\nX-A: 1\r\ncontent-length: 5\r\nAuthorization: z\r\nif-match: *\r\n\r\n',
      CHUNKED,
    ),
    ok('-1  X-A,1'),
  ),
  good(
    'too many trailers',
    post('0\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n', CHUNKED),
    refused('431 Request Header Fields Too Large'),
    { open: false, options: { maxTrailers: 2 } },
  ),
  good(
    'trailers that are too long',
    post(`0\r\nA: ${'a'.repeat(50)}\r\n\r\n`, CHUNKED),
    refused('431 Request Header Fields Too Large'),
    { open: false, options: { maxTrailerBytes: 50 } },
  ),
  good(
    'chunks with too little in them',
    post(`1;${'a'.repeat(60)}\r\nx\r\n0\r\n\r\n`, CHUNKED),
    refused(BAD),
    { open: false, options: { maxChunkOverhead: 40 } },
  ),
];

const statuses: readonly RawCase[] = [
  good('205', get('/205'), head('HTTP/1.1 205 Reset Content', DATE, 'Content-Length: 0')),
  good(
    '205 has no other length',
    get('/205-length'),
    head('HTTP/1.1 205 Reset Content', DATE, 'Content-Length: 0'),
  ),
  good(
    '205, flushed',
    get('/205-flush'),
    head('HTTP/1.1 205 Reset Content', DATE, 'Content-Length: 0'),
  ),
  good(
    '205 for HTTP/1.0',
    head('GET /205 HTTP/1.0', 'Connection: keep-alive'),
    head('HTTP/1.0 205 Reset Content', DATE, 'Content-Length: 0', 'Connection: keep-alive'),
  ),
  good('102, twice', get('/102'), head('HTTP/1.1 102 Processing').repeat(2) + ok('hello')),
  good(
    'early hints, several, and none of them final',
    get('/hints'),
    [
      head('HTTP/1.1 103 Early Hints', 'Link: </a.css>'),
      head('HTTP/1.1 103 Early Hints', 'Link: </a.css>', 'Link: </b.js>'),
      `${head('HTTP/1.1 200 OK', 'Content-Length: 5', DATE, TYPE)}hello`,
    ].join(''),
  ),
  good(
    'HTTP/1.0 gets no early hints',
    head('GET /hints HTTP/1.0'),
    `${head('HTTP/1.0 200 OK', 'Content-Length: 5', DATE, TYPE)}hello`,
    { open: false },
  ),
  good(
    '100 of the handler, once',
    `${get('/100', 'Expect: 100-continue', 'Content-Length: 3')}abc`,
    CONTINUE + ok('abc'),
  ),
  good('100 of the handler for nobody', `${get('/100', 'Content-Length: 3')}abc`, ok('abc')),
  good(
    'an error with a status that is none',
    get('/odd-status'),
    refused('500 Internal Server Error'),
    {
      open: false,
      logs: true,
    },
  ),
];

const persistence: readonly RawCase[] = [
  good(
    'keep-alive of the handler, close of the client',
    get('/says-keep-alive', 'Connection: close'),
    ok('hello', 'Connection: close'),
    { open: false },
  ),
  good(
    'keep-alive of the handler, HTTP/1.0',
    head('GET /says-keep-alive HTTP/1.0'),
    ok10('hello'),
    { open: false },
  ),
  good(
    'another option of the handler, HTTP/1.0 with keep-alive',
    head('GET /says-option HTTP/1.0', 'Connection: keep-alive'),
    `${head('HTTP/1.0 200 OK', 'Connection: X-Hop', 'X-Hop: 1', DATE, 'Content-Length: 5', TYPE, 'Connection: keep-alive')}hello`,
  ),
  good(
    'close of the handler in a second field',
    get('/says-close-second'),
    `${head('HTTP/1.1 200 OK', 'Connection: X-Hop', 'Connection: Close', DATE, 'Content-Length: 5', TYPE)}hello`,
    { open: false },
  ),
  good('Proxy-Connection is nothing', get('/hello', 'Proxy-Connection: close'), ok('hello')),
  good('Keep-Alive is nothing', get('/hello', 'Keep-Alive: timeout=1, max=1'), ok('hello')),
  good(
    'fields that Connection names are fields',
    get('/fields', 'Connection: A, , TE', 'A: b'),
    ok('[["Connection","A, , TE"],["A","b"]]'),
  ),
  good(
    'HTTP/1.0: Proxy-Connection is nothing',
    head('GET /hello HTTP/1.0', 'Proxy-Connection: keep-alive'),
    ok10('hello'),
    { open: false },
  ),
];

const SWITCHED: string = head(
  'HTTP/1.1 101 Switching Protocols',
  'Connection: Upgrade',
  'Upgrade: echo',
  DATE,
);
const UPGRADE: readonly string[] = ['Connection: keep-alive, Upgrade', 'Upgrade: echo'];

const protocols: readonly RawCase[] = [
  good(
    'CONNECT, and what comes behind it',
    `${head('CONNECT tunnel:443 HTTP/1.1', 'Host: x')}GET / HTTP/1.1\r\n\r\n`,
    `${head('HTTP/1.1 200 OK', DATE)}GET / HTTP/1.1\r\n\r\n`,
    { open: false, finish: true },
  ),
  good(
    'CONNECT with HTTP/1.0',
    `${head('CONNECT tunnel:443 HTTP/1.0')}hello`,
    `${head('HTTP/1.0 200 OK', DATE)}hello`,
    { open: false, finish: true },
  ),
  good(
    'CONNECT that is refused',
    head('CONNECT no:443 HTTP/1.1', 'Host: x'),
    `${head('HTTP/1.1 403 Forbidden', DATE, 'Content-Length: 2', TYPE)}no`,
  ),
  good(
    'CONNECT to a handler that does nothing',
    head('CONNECT empty:443 HTTP/1.1', 'Host: x'),
    head('HTTP/1.1 200 OK', DATE),
    { open: false },
  ),
  good(
    'an upgrade',
    `${get('/upgrade', ...UPGRADE)}GET / HTTP/1.1\r\n\r\n`,
    `${SWITCHED}GET / HTTP/1.1\r\n\r\n`,
    {
      open: false,
      finish: true,
    },
  ),
  good(
    'an upgrade to something else',
    get('/upgrade', 'Connection: Upgrade', 'Upgrade: other'),
    head(
      'HTTP/1.1 426 Upgrade Required',
      'Connection: Upgrade',
      'Upgrade: echo',
      DATE,
      'Content-Length: 0',
    ),
  ),
  good(
    '101 without a protocol to switch to',
    get('/101'),
    head('HTTP/1.1 101 Switching Protocols', DATE),
    {
      open: false,
    },
  ),
  good('101 for HTTP/1.0', head('GET /101 HTTP/1.0'), refused(BAD), { open: false }),
  good(
    'an upgrade to h2c that is ignored',
    get(
      '/hello',
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAAP__',
    ),
    ok('hello'),
  ),
  good(
    'an upgrade with a body that is ignored',
    post('abc', 'Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 3'),
    ok('3 abc'),
  ),
];

const bodies: readonly RawCase[] = [
  good(
    'Expect, and a body that is read behind the head',
    `${get('/duplex', 'Expect: 100-continue', 'Content-Length: 3')}abc`,
    `${CONTINUE}${head('HTTP/1.1 200 OK', DATE, CHUNKED)}${chunk('abc')}0\r\n\r\n`,
  ),
  good(
    'a reply before the body, which is not read',
    `${get('/reply-first', 'Content-Length: 3')}abc`,
    `${CHUNKED_HEAD}${chunk('first')}0\r\n\r\n`,
  ),
  good(
    'an unread body of just as much as is read and forgotten',
    `${get('/ignore', 'Content-Length: 5')}abcde`,
    ok('ignored'),
    { options: { maxDiscardBytes: 5 } },
  ),
  good(
    'an unread body of one byte more',
    `${get('/ignore', 'Content-Length: 6')}abcdef`,
    ok('ignored', 'Connection: close'),
    { open: false, options: { maxDiscardBytes: 5 } },
  ),
];

const LONG_TARGET: string = 'a'.repeat(50);
const LINE = `GET /${LONG_TARGET} HTTP/1.1`;
const TOO_LONG: string = refused('414 Request URI Too Long');

const lines: readonly RawCase[] = [
  good(
    'a request line of just the limit',
    `\r\n${head(LINE, 'Host: x')}`,
    ok(`GET|/${LONG_TARGET}|/${LONG_TARGET}||x|HTTP/1.1`),
    { options: { maxRequestLine: LINE.length } },
  ),
  bad('a request line one byte longer', head(LINE, 'Host: x'), TOO_LONG, {
    options: { maxRequestLine: LINE.length - 1 },
  }),
  bad('a request line without an end', `GET /${LONG_TARGET}`, TOO_LONG, {
    options: { maxRequestLine: 30 },
  }),
  bad('a host that is none in the target', get('http://a"b/'), refused(BAD)),
  bad('another one', get('http://a\\b/'), refused(BAD)),
  bad('CONNECT to a host that is none', head('CONNECT a"b:1 HTTP/1.1', 'Host: x'), refused(BAD)),
  bad('CONNECT to a port that is none', head('CONNECT a:65536 HTTP/1.1', 'Host: x'), refused(BAD)),
];

export const protocolCases: readonly RawCase[] = [
  ...trailers,
  ...statuses,
  ...persistence,
  ...protocols,
  ...bodies,
  ...lines,
];
