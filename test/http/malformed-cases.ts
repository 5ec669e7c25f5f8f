/**
 * Requests that are not HTTP, or more than the server takes: each is refused with a reply that the client
 * can read, and the connection is closed. RFC 9112 sections 2.2, 3, 5 and 6; RFC 9110 section 5.5.
 */
import { BAD, bad, get, good, head, ok, post, type RawCase, refused } from './raw-cases.ts';

const NAME: string = refused(BAD, 'invalid header name');
const VALUE: string = refused(BAD, 'invalid header value');
const HOST: string = refused(BAD, 'malformed Host header');
const HOSTS: string = refused(BAD, 'too many Host headers');
const NO_HOST: string = refused(BAD, 'missing required Host header');
const LENGTH: string = refused(BAD, 'bad Content-Length');
const VERSION: string = refused('505 HTTP Version Not Supported', 'unsupported protocol version');
const EOF: string = refused(BAD, 'unexpected EOF');
const HEADERS: string = refused('431 Request Header Fields Too Large');
const TOO_LARGE: string = refused('413 Request Entity Too Large');
const PLAIN: string = refused(BAD);

const HELLO = 'GET /hello HTTP/1.1';

/** A line that takes the place of the request line. */
function line(name: string, text: string, reply = PLAIN): RawCase {
  return bad(name, head(text, 'Host: x'), reply);
}

/** A line among the fields. */
function field(name: string, text: string, reply: string): RawCase {
  return bad(name, head(HELLO, 'Host: x', text, 'A: b'), reply);
}

const lines: readonly RawCase[] = [
  bad('LF alone everywhere', 'GET /hello HTTP/1.1\nHost: x\n\n', PLAIN),
  bad('LF alone after the request line', 'GET /hello HTTP/1.1\nHost: x\r\n\r\n', PLAIN),
  bad('LF alone after a field', 'GET /hello HTTP/1.1\r\nHost: x\nA: b\r\n\r\n', VALUE),
  bad('LF alone at the end', 'GET /hello HTTP/1.1\r\nHost: x\r\n\n', NAME),
  bad('LF alone before', `\n${get('/hello')}`, PLAIN),
  bad('CR alone after the request line', 'GET /hello HTTP/1.1\rHost: x\r\n\r\n', PLAIN),
  bad('CR alone in a value', 'GET /hello HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n', VALUE),
  bad('CR alone at the end', 'GET /hello HTTP/1.1\r\nHost: x\r\n\rA: b\r\n\r\n', PLAIN),
  bad('two CR', 'GET /hello HTTP/1.1\r\nHost: x\r\r\n\r\n', VALUE),
  bad('CR alone before', `\r${get('/hello')}`, PLAIN),
  bad('five empty lines before', `\r\n\r\n\r\n\r\n\r\n${get('/hello')}`, PLAIN),
  bad('CRs before', '\r\r\r\r', PLAIN),

  line('no version', 'GET /hello'),
  line('no target', 'GET HTTP/1.1'),
  line('an empty target', 'GET  HTTP/1.1'),
  line('no method', ' /hello HTTP/1.1'),
  line('two spaces before the version', 'GET /hello  HTTP/1.1'),
  line('two spaces before the target', 'GET  /hello HTTP/1.1'),
  line('a space at the end', 'GET /hello HTTP/1.1 '),
  line('tabs', 'GET\t/hello\tHTTP/1.1'),
  line('a space in the target', 'GET /hel lo HTTP/1.1'),
  line('more after the version', 'GET /hello HTTP/1.1 HTTP/1.1'),
  line('a lower-case version', 'GET /hello http/1.1'),
  line('a version without a minor', 'GET /hello HTTP/1'),
  line('a version of two digits', 'GET /hello HTTP/11.1'),
  line('a minor of two digits', 'GET /hello HTTP/1.10'),
  line('a version that is none', 'GET /hello HTTP/x.1'),
  line('another protocol', 'GET /hello ICY/1.1'),
  line('HTTP/2.0', 'GET /hello HTTP/2.0', VERSION),
  line('HTTP/0.9', 'GET /hello HTTP/0.9', VERSION),
  bad('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', VERSION),
  line('a method that is no token', 'G@T /hello HTTP/1.1'),
  line('a method with a byte above ASCII', 'GE\xd4 /hello HTTP/1.1'),
  line('a method in quotes', '"GET" /hello HTTP/1.1'),
  line('a long method', `${'M'.repeat(33)} /hello HTTP/1.1`, refused('501 Not Implemented')),
  line('NUL in the method', 'GE\0T /hello HTTP/1.1'),
  line('NUL in the target', 'GET /hel\0lo HTTP/1.1'),
  line('DEL in the target', 'GET /hel\x7flo HTTP/1.1'),
  line('a target without a slash', 'GET hello HTTP/1.1'),
  line('an asterisk for GET', 'GET * HTTP/1.1'),
  line('another scheme', 'GET ftp://x/ HTTP/1.1'),
  line('a scheme without a host', 'GET http:///hello HTTP/1.1'),
  line('a user in the target', 'GET http://u:p@x/ HTTP/1.1'),
  line('CONNECT to a path', 'CONNECT /hello HTTP/1.1'),
  line('CONNECT without a port', 'CONNECT x HTTP/1.1'),
  line('CONNECT to an URL', 'CONNECT http://x/ HTTP/1.1'),
  bad('TLS', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', PLAIN),
  bad('SSH', 'SSH-2.0-OpenSSH_9.2\r\n', PLAIN),
  bad('SOCKS', '\x05\x01\0', PLAIN),
];

const fields: readonly RawCase[] = [
  field('a folded line', ' folded', NAME),
  field('a line folded by a tab', '\tfolded', NAME),
  bad('a folded first line', head(HELLO, ' Host: x'), NAME),
  field('a space before the colon', 'A : b', NAME),
  field('a tab before the colon', 'A\t: b', NAME),
  field('a space in a name', 'A B: c', NAME),
  field('no colon', 'A', NAME),
  field('no name', ': b', NAME),
  field('a name in quotes', '"A": b', NAME),
  field('a byte above ASCII in a name', '\xc4: b', NAME),
  field('NUL in a name', 'A\0: b', NAME),
  field('NUL in a value', 'A: b\0c', VALUE),
  field('VT in a value', 'A: \x0bb', VALUE),
  field('ESC in a value', 'A: \x1b[0m', VALUE),
  field('DEL in a value', 'A: \x7f', VALUE),

  bad('no Host', head(HELLO), NO_HOST),
  bad('no Host, absolute-form', head('GET http://x/ HTTP/1.1'), NO_HOST),
  bad('no Host, CONNECT', head('CONNECT x:1 HTTP/1.1'), NO_HOST),
  field('two Hosts', 'Host: y', HOSTS),
  field('the same Host twice', 'host: x', HOSTS),
  bad('two Hosts, HTTP/1.0', head('GET / HTTP/1.0', 'Host: x', 'Host: x'), HOSTS),
  ...['a b', 'a/b', 'u@a', '<a>', 'a"', 'a\\b', 'a?b', 'a#b', 'a|b', '{a}', 'a^b', 'a`'].map(
    (host) => bad(`Host: ${host}`, head(HELLO, `Host: ${host}`), HOST),
  ),
  bad('NUL in Host', head(HELLO, 'Host: a\0'), VALUE),

  ...['+3', '-3', '0x3', '3,3', '3, 3', '3 3', '', 'abc', '3a', '1e1', '3.0', '3;', '\xb3'].map(
    (length) => bad(`Content-Length: ${length}`, post('abc', `Content-Length: ${length}`), LENGTH),
  ),
  bad('a length past 2^53', post('', 'Content-Length: 9007199254740993'), LENGTH),
  bad('a length past 2^64', post('', 'Content-Length: 18446744073709551617'), LENGTH),
  bad('two lengths', post('abc', 'Content-Length: 3', 'content-length: 4'), LENGTH),
  bad('the same length twice', post('abc', 'Content-Length: 3', 'Content-Length: 3'), LENGTH),

  bad('an unknown expectation', get('/hello', 'Expect: 200-ok'), refused('417 Expectation Failed')),
  bad('an empty expectation', get('/hello', 'Expect:'), refused('417 Expectation Failed')),
];

const SMALL = { maxHeaderBytes: 100, maxHeaders: 3, maxBodyBytes: 5 };

const limits: readonly RawCase[] = [
  good('a head of just the limit', get('/hello', `A: ${'a'.repeat(63)}`), ok('hello'), {
    options: SMALL,
  }),
  bad('a head one byte larger', get('/hello', `A: ${'a'.repeat(64)}`), HEADERS, { options: SMALL }),
  bad('a head without an end', get('/hello', `A: ${'a'.repeat(99)}`).slice(0, -4), HEADERS, {
    options: SMALL,
  }),
  bad('a target without an end', `GET /${'a'.repeat(200)}`, refused('414 Request URI Too Long'), {
    options: SMALL,
  }),
  good('just as many fields as allowed', get('/hello', 'A: b', 'C: d'), ok('hello'), {
    options: SMALL,
  }),
  bad('one field more', get('/hello', 'A: b', 'C: d', 'E: f'), HEADERS, { options: SMALL }),
  good('a body of just the limit', post('abcde', 'Content-Length: 5'), ok('5 abcde'), {
    options: SMALL,
  }),
  bad('a body one byte larger', post('abcdef', 'Content-Length: 6'), TOO_LARGE, { options: SMALL }),
  good(
    'chunks of just the limit',
    post('3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n', 'Transfer-Encoding: chunked'),
    ok('-1 abcde'),
    { options: SMALL },
  ),
  good('chunks one byte larger', post('6\r\nabcdef\r\n', 'Transfer-Encoding: chunked'), TOO_LARGE, {
    open: false,
    options: SMALL,
  }),
];

/** The handler asks for the body, and what reading it throws is answered. */
function chunks(name: string, body: string): RawCase {
  return good(name, post(body, 'Transfer-Encoding: chunked'), PLAIN, { open: false });
}

const bodies: readonly RawCase[] = [
  chunks('a size that is no number', 'x\r\nabc\r\n0\r\n\r\n'),
  chunks('no size', '\r\nabc\r\n0\r\n\r\n'),
  chunks('a size with a sign', '+3\r\nabc\r\n0\r\n\r\n'),
  chunks('a negative size', '-3\r\nabc\r\n0\r\n\r\n'),
  chunks('a size with 0x', '0x3\r\nabc\r\n0\r\n\r\n'),
  chunks('a space before a size', ' 3\r\nabc\r\n0\r\n\r\n'),
  chunks('a space after a size', '3 \r\nabc\r\n0\r\n\r\n'),
  chunks('two sizes', '3 3\r\nabc\r\n0\r\n\r\n'),
  chunks('a size of 17 digits', '00000000000000003\r\nabc\r\n0\r\n\r\n'),
  chunks('a size past 2^53', 'ffffffffffffffff\r\nabc\r\n0\r\n\r\n'),
  chunks('LF alone after a size', '3\nabc\r\n0\r\n\r\n'),
  chunks('CR alone after a size', '3\rabc\r\n0\r\n\r\n'),
  chunks('LF alone after an extension', '3;a\nabc\r\n0\r\n\r\n'),
  chunks('NUL in an extension', '3;a\0\r\nabc\r\n0\r\n\r\n'),
  chunks('more data than its size', '3\r\nabcd\r\n0\r\n\r\n'),
  chunks('less data than its size', '4\r\nabc\r\n0\r\n\r\n'),
  chunks('LF alone after data', '3\r\nabc\n0\r\n\r\n'),
  chunks('nothing after data', '3\r\nabc0\r\n\r\n'),
  chunks('a trailer without a colon', '3\r\nabc\r\n0\r\nA\r\n\r\n'),
  chunks('a trailer with a space before the colon', '0\r\nA : b\r\n\r\n'),
  chunks('a folded trailer', '0\r\nA: b\r\n c\r\n\r\n'),
  chunks('CR alone at the end of a trailer', '0\r\n\rA: b\r\n\r\n'),
  chunks('LF alone in a trailer', '0\r\nA: b\n\r\n'),
];

/** The client finishes too early. */
const ends: readonly RawCase[] = [
  bad('nothing is sent', '', '', { finish: true }),
  bad('the end in the request line', 'GET /he', EOF, { finish: true }),
  bad('the end after the request line', `${HELLO}\r\n`, EOF, { finish: true }),
  bad('the end in a field', `${HELLO}\r\nHost: x`, EOF, { finish: true }),
  bad('the end before the last LF', get('/hello').slice(0, -1), EOF, { finish: true }),
  bad('the end after an empty line', '\r\n', '', { finish: true }),
  good('the end after a request', get('/hello'), ok('hello'), { open: false, finish: true }),
  good('the end after a request and an empty line', `${get('/hello')}\r\n`, ok('hello'), {
    open: false,
    finish: true,
  }),
  good('the end while a handler runs', get('/later'), ok('later'), { open: false, finish: true }),
  good('the end after a body', post('abc', 'Content-Length: 3'), ok('3 abc'), {
    open: false,
    finish: true,
  }),
  good('the end in a body', post('ab', 'Content-Length: 3'), PLAIN, { open: false, finish: true }),
  good('the end in an unread body', `${get('/ignore', 'Content-Length: 3')}ab`, ok('ignored'), {
    open: false,
    finish: true,
  }),
  good('the end in a chunk', post('3\r\nab', 'Transfer-Encoding: chunked'), PLAIN, {
    open: false,
    finish: true,
  }),
  good('the end before the last chunk', post('1\r\na\r\n', 'Transfer-Encoding: chunked'), PLAIN, {
    open: false,
    finish: true,
  }),
];

export const malformedCases: readonly RawCase[] = [
  ...lines,
  ...fields,
  ...limits,
  ...bodies,
  ...ends,
];
