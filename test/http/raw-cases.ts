/**
 * Exchanges as bytes: what a client sends, and what it gets back to the byte. Here are the form of a
 * case, the words to build one with, the handler that answers, and the good requests; malformed-cases.ts
 * and smuggling-cases.ts have the others, raw.test.ts runs them all.
 *
 * Replies are written out in full; only the Date stands as a star. RFC 9110, RFC 9112.
 */
import { ErrAbortHandler, HttpError } from '../../src/http/errors.ts';
import type { ResponseWriter, ServerRequest } from '../../src/http/handler.ts';
import type { ServerOptions } from '../../src/http/server/server-options.ts';
import { protocolHandlers } from './protocol-handlers.ts';

export interface RawCase {
  readonly name: string;
  /** One code unit a byte. */
  readonly send: string;
  readonly reply: string;
  /** Whether the connection takes another request. */
  readonly open: boolean;
  /** How many requests reach the handler. */
  readonly served: number;
  readonly options?: ServerOptions;
  /** The client finishes after sending. */
  readonly finish?: boolean;
  /** The server logs something. */
  readonly logs?: boolean;
}

type Extra = Partial<Pick<RawCase, 'open' | 'served' | 'options' | 'finish' | 'logs'>>;

/** A request that is served, on a connection that stays. */
export function good(name: string, send: string, reply: string, extra: Extra = {}): RawCase {
  return { name, send, reply, open: true, served: 1, ...extra };
}

/** A request that is refused before any handler sees it, with a connection that is closed. */
export function bad(name: string, send: string, reply: string, extra: Extra = {}): RawCase {
  return { name, send, reply, open: false, served: 0, ...extra };
}

/** A head of these lines. */
export function head(...lines: string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** "GET `target`" with a Host and these fields. */
export function get(target: string, ...fields: string[]): string {
  return head(`GET ${target} HTTP/1.1`, 'Host: x', ...fields);
}

/** A POST to /echo with a Host and these fields, and what follows. */
export function post(body: string, ...fields: string[]): string {
  return head('POST /echo HTTP/1.1', 'Host: x', ...fields) + body;
}

export const TYPE = 'Content-Type: text/plain; charset=utf-8';

/** 200 with `body`; `fields` come after the server's own. */
export function ok(body: string, ...fields: string[]): string {
  return `${head('HTTP/1.1 200 OK', 'Date: *', `Content-Length: ${body.length}`, TYPE, ...fields)}${body}`;
}

/** The same for an HTTP/1.0 client. */
export function ok10(body: string, ...fields: string[]): string {
  return ok(body, ...fields).replace('HTTP/1.1', 'HTTP/1.0');
}

/** What the server answers of its own accord. */
export function refused(status: string, reason = ''): string {
  const body = reason === '' ? status : `${status}: ${reason}`;
  const length = `Content-Length: ${body.length}`;
  return head(`HTTP/1.1 ${status}`, 'Date: *', length, TYPE, 'Connection: close') + body;
}

export const BAD: string = '400 Bad Request';

/** One chunk of a chunked body. */
export function chunk(data: string): string {
  return `${data.length.toString(16)}\r\n${data}\r\n`;
}

export const CHUNKED_HEAD: string = head(
  'HTTP/1.1 200 OK',
  'Date: *',
  TYPE,
  'Transfer-Encoding: chunked',
);
const EMPTY: string = head('HTTP/1.1 200 OK', 'Date: *', 'Content-Length: 0');
const NO_BODY: string = head('HTTP/1.1 200 OK', 'Content-Length: 0', 'Date: *');
export const CONTINUE: string = head('HTTP/1.1 100 Continue');

/** A long string that has an end which is not its beginning. */
export const LONG: string = `${'0123456789'.repeat(300)}end`;

type Answer = (w: ResponseWriter, r: ServerRequest) => void | Promise<unknown>;

const answers: Readonly<Record<string, Answer>> = {
  '/hello': (w) => void w.write('hello'),
  '/later': async (w) => {
    await Promise.resolve();
    await w.write('later');
  },
  '/echo': async (w, r) => {
    const text = Buffer.from(await r.body.bytes()).toString('latin1');
    const trailer = r.trailer.isEmpty ? '' : ` ${[...r.trailer].join(' ')}`;
    await w.write(`${r.contentLength} ${text}${trailer}`);
  },
  '/echo-late': async (w, r) => {
    await w.flush();
    await w.write(await r.body.text());
  },
  '/ignore': (w) => void w.write('ignored'),
  '/fields': (w, r) => void w.write(JSON.stringify([...r.header])),
  '/empty': () => {},
  '/close': (w) => {
    w.header().set('Connection', 'close');
    void w.write('bye');
  },
  '/long': (w) => void w.write(LONG),
  '/stream': async (w) => {
    await w.write('one');
    await w.flush();
    await w.write('two');
  },
  '/declared': async (w) => {
    w.header().set('Content-Length', 6);
    await w.flush();
    await w.write('one');
    await w.write('two');
  },
  '/short': (w) => {
    w.header().set('Content-Length', 6);
    void w.write('one');
  },
  '/early': (w) => {
    w.header().set('Link', '</a.css>');
    w.writeHeader(103);
    void w.write('hello');
  },
  '/204': (w) => w.writeHeader(204),
  '/204-length': (w) => {
    w.header().set('Content-Length', 6);
    w.writeHeader(204);
  },
  '/304': (w) => {
    w.header().set('Content-Length', 6);
    w.writeHeader(304);
  },
  '/coding': (w) => {
    w.header().set('Transfer-Encoding', 'chunked');
    void w.write('hello');
  },
  '/throw': () => {
    throw new Error('of the handler');
  },
  '/throw-later': async (w) => {
    await w.write('one');
    await w.flush();
    throw new Error('of the handler');
  },
  '/abort': () => {
    throw ErrAbortHandler;
  },
  '/teapot': (w) => {
    void w.write('this is dropped');
    throw new HttpError('short and stout', 'ERR_TEAPOT', 418);
  },
};

/** Answers by path; anything else is told what it is. */
export function answer(w: ResponseWriter, r: ServerRequest): void | Promise<unknown> {
  const known = answers[r.path] ?? protocolHandlers[r.path === '' ? r.target : r.path];
  if (known !== undefined) return known(w, r);
  const { method, target, path, rawQuery, host, proto } = r;
  return w.write([method, target, path, rawQuery, host, proto].join('|'));
}

export const goodCases: readonly RawCase[] = [
  // ---- lines and fields
  good('GET', get('/hello'), ok('hello')),
  good('a handler with a promise', get('/later'), ok('later')),
  good('a name in any case', head('GET /hello HTTP/1.1', 'hOsT: x'), ok('hello')),
  good('no white space after the colon', head('GET /hello HTTP/1.1', 'Host:x'), ok('hello')),
  good(
    'white space around values',
    get('/fields', 'A: \t b \t', 'B:\tc', 'C:  d\te '),
    ok('[["A","b"],["B","c"],["C","d\\te"]]'),
  ),
  good('empty values', get('/fields', 'A:', 'B: \t '), ok('[["A",""],["B",""]]')),
  good('colons in values', get('/fields', 'A: b:c:', 'A: d'), ok('[["A","b:c:"],["A","d"]]')),
  good(
    'all that a name may be of',
    get('/fields', "!#$%&'*+-.^_`|~09Az: 1"),
    ok('[["!#$%&\'*+-.^_`|~09az","1"]]'),
  ),
  // The value goes back as UTF-8.
  good(
    'bytes above ASCII in values',
    get('/fields', 'A: \xe9\xff'),
    ok('[["A","\xc3\xa9\xc3\xbf"]]'),
  ),
  good('an empty Host', head('GET /hello HTTP/1.1', 'Host:'), ok('hello')),
  good('one empty line before', `\r\n${get('/hello')}`, ok('hello')),
  good('four empty lines before', `\r\n\r\n\r\n\r\n${get('/hello')}`, ok('hello')),
  good('an empty line after', `${get('/hello')}\r\n`, ok('hello')),
  good(
    'Upgrade, which is ignored',
    get('/hello', 'Connection: Upgrade', 'Upgrade: h2c'),
    ok('hello'),
  ),
  good('HTTP/1.2', head('GET / HTTP/1.2', 'Host: x'), ok('GET|/|/||x|HTTP/1.1')),

  // ---- methods and targets
  good('a method of its own', head('FROB! / HTTP/1.1', 'Host: x'), ok('FROB!|/|/||x|HTTP/1.1')),
  good('methods keep their case', head('get / HTTP/1.1', 'Host: x'), ok('get|/|/||x|HTTP/1.1')),
  good('a query', get('/a?b=c?d&e'), ok('GET|/a?b=c?d&e|/a|b=c?d&e|x|HTTP/1.1')),
  good('an encoded path', get('/%61%2f%zz?%61'), ok('GET|/%61%2f%zz?%61|/a/%zz|%61|x|HTTP/1.1')),
  good('two slashes', get('//a//b'), ok('GET|//a//b|//a//b||x|HTTP/1.1')),
  good('a host and a port', head('GET / HTTP/1.1', 'Host: a:1'), ok('GET|/|/||a:1|HTTP/1.1')),
  good('an IPv6 host', head('GET / HTTP/1.1', 'Host: [::1]:1'), ok('GET|/|/||[::1]:1|HTTP/1.1')),
  good('absolute-form', get('http://y:2/a?b'), ok('GET|http://y:2/a?b|/a|b|y:2|HTTP/1.1')),
  good('absolute-form without a path', get('HTTPS://y'), ok('GET|HTTPS://y|/||y|HTTP/1.1')),
  good('absolute-form with a query only', get('http://y?a'), ok('GET|http://y?a|/|a|y|HTTP/1.1')),
  good('OPTIONS *', head('OPTIONS * HTTP/1.1', 'Host: x'), NO_BODY, { served: 0 }),
  good('OPTIONS of a path', head('OPTIONS /hello HTTP/1.1', 'Host: x'), ok('hello')),
  good(
    'CONNECT',
    head('CONNECT y:443 HTTP/1.1', 'Host: y:443'),
    `${head('HTTP/1.1 200 OK', 'Date: *')}CONNECT|y:443|||y:443|HTTP/1.1`,
    { open: false },
  ),

  // ---- HEAD and statuses without a body
  good('HEAD', head('HEAD /hello HTTP/1.1', 'Host: x'), ok('hello').slice(0, -5)),
  good(
    'HEAD of nothing',
    head('HEAD /empty HTTP/1.1', 'Host: x'),
    head('HTTP/1.1 200 OK', 'Date: *'),
  ),
  good('HEAD of a stream', head('HEAD /stream HTTP/1.1', 'Host: x'), CHUNKED_HEAD),
  good('nothing written', get('/empty'), EMPTY),
  good('204', get('/204'), head('HTTP/1.1 204 No Content', 'Date: *')),
  good('204 has no length', get('/204-length'), head('HTTP/1.1 204 No Content', 'Date: *')),
  good('304', get('/304'), head('HTTP/1.1 304 Not Modified', 'Content-Length: 6', 'Date: *')),
  good(
    'early hints',
    get('/early'),
    head('HTTP/1.1 103 Early Hints', 'Link: </a.css>') +
      ok('hello').replace('Date', 'Link: </a.css>\r\nDate'),
  ),

  // ---- the framing of replies
  good('a long body is chunked', get('/long'), `${CHUNKED_HEAD}${chunk(LONG)}0\r\n\r\n`),
  good('a stream', get('/stream'), `${CHUNKED_HEAD}${chunk('one')}${chunk('two')}0\r\n\r\n`),
  good(
    'a declared length, flushed',
    get('/declared'),
    `${head('HTTP/1.1 200 OK', 'Content-Length: 6', 'Date: *')}onetwo`,
  ),
  good(
    'less than declared',
    get('/short'),
    `${head('HTTP/1.1 200 OK', 'Content-Length: 6', 'Date: *', TYPE, 'Connection: close')}one`,
    { open: false },
  ),
  good(
    'a transfer coding said by the handler',
    get('/coding'),
    `${head('HTTP/1.1 200 OK', 'Date: *', 'Transfer-Encoding: chunked')}${chunk('hello')}0\r\n\r\n`,
  ),

  // ---- staying and closing
  good('keep-alive', get('/hello', 'Connection: keep-alive'), ok('hello')),
  good('close', get('/hello', 'Connection: close'), ok('hello', 'Connection: close'), {
    open: false,
  }),
  good(
    'close among others, in any case',
    get('/hello', 'Connection: a, CLOSE ,b'),
    ok('hello', 'Connection: close'),
    { open: false },
  ),
  good(
    'close wins over keep-alive',
    get('/hello', 'Connection: keep-alive', 'Connection: close'),
    ok('hello', 'Connection: close'),
    { open: false },
  ),
  good('closer is not close', get('/hello', 'Connection: closer'), ok('hello')),
  good(
    'closed by the handler',
    get('/close'),
    `${head('HTTP/1.1 200 OK', 'Connection: close', 'Date: *', 'Content-Length: 3', TYPE)}bye`,
    { open: false },
  ),
  good('HTTP/1.0', head('GET /hello HTTP/1.0', 'Host: x'), ok10('hello'), { open: false }),
  good('HTTP/1.0 without Host', head('GET / HTTP/1.0'), ok10('GET|/|/|||HTTP/1.0'), {
    open: false,
  }),
  good(
    'HTTP/1.0 with keep-alive',
    head('GET /hello HTTP/1.0', 'Connection: Keep-Alive'),
    ok10('hello', 'Connection: keep-alive'),
  ),
  good(
    'HTTP/1.0 with keep-alive and close',
    head('GET /hello HTTP/1.0', 'Connection: keep-alive, close'),
    ok10('hello'),
    { open: false },
  ),
  good(
    'HTTP/1.0: a stream ends with the connection',
    head('GET /stream HTTP/1.0', 'Connection: keep-alive'),
    `${head('HTTP/1.0 200 OK', 'Date: *', TYPE)}onetwo`,
    { open: false },
  ),
  good(
    'HTTP/1.0: HEAD',
    head('HEAD /hello HTTP/1.0', 'Connection: keep-alive'),
    ok10('hello', 'Connection: keep-alive').slice(0, -5),
  ),
  good('two at once', get('/hello') + get('/later'), ok('hello') + ok('later'), { served: 2 }),
  good(
    'none after close',
    get('/hello', 'Connection: close') + get('/hello'),
    ok('hello', 'Connection: close'),
    { open: false },
  ),

  // ---- bodies
  good('a body', post('abc', 'Content-Length: 3'), ok('3 abc')),
  good('an empty body', post('', 'Content-Length: 0'), ok('0 ')),
  good('no length, no body', post(''), ok('0 ')),
  good('zeros before the length', post('abc', 'Content-Length: 0003'), ok('3 abc')),
  good('GET with a body', `${get('/echo', 'Content-Length: 3')}abc`, ok('3 abc')),
  good(
    'HTTP/1.0 with a body',
    `${head('POST /echo HTTP/1.0', 'Content-Length: 3')}abc`,
    ok10('3 abc'),
    { open: false },
  ),
  good('a body of heads', post(get('/hello'), 'Content-Length: 32'), ok(`32 ${get('/hello')}`)),
  good('an unread body', `${get('/ignore', 'Content-Length: 3')}abc`, ok('ignored')),
  good(
    'a body, then a request',
    post('abc', 'Content-Length: 3') + get('/hello'),
    ok('3 abc') + ok('hello'),
    { served: 2 },
  ),
  good(
    'chunks',
    post(`${chunk('abc')}${chunk('de')}0\r\n\r\n`, 'Transfer-Encoding: chunked'),
    ok('-1 abcde'),
  ),
  good('no chunk', post('0\r\n\r\n', 'Transfer-Encoding: chunked'), ok('-1 ')),
  good('Chunked in any case', post('0\r\n\r\n', 'transfer-ENCODING: CHunked'), ok('-1 ')),
  good('a tab before chunked', post('0\r\n\r\n', 'Transfer-Encoding:\tchunked\t'), ok('-1 ')),
  good(
    'sizes in any case, with zeros before',
    post(`00A\r\n0123456789\r\n0b\r\n0123456789a\r\n000\r\n\r\n`, 'Transfer-Encoding: chunked'),
    ok('-1 01234567890123456789a'),
  ),
  good(
    'chunk extensions',
    post('3;a;b=c;d="e f"\r\nabc\r\n0;z\r\n\r\n', 'Transfer-Encoding: chunked'),
    ok('-1 abc'),
  ),
  good(
    'trailers',
    post('3\r\nabc\r\n0\r\nA: b\r\nc:d\r\n\r\n', 'Transfer-Encoding: chunked', 'Trailer: A'),
    ok('-1 abc A,b C,d'),
  ),
  good(
    'unread chunks',
    `${get('/ignore', 'Transfer-Encoding: chunked')}${chunk('abc')}0\r\n\r\n`,
    ok('ignored'),
  ),
  good(
    'Expect, and the body read',
    post('abc', 'Expect: 100-Continue', 'Content-Length: 3'),
    CONTINUE + ok('3 abc'),
  ),
  good(
    'Expect, and the body not read',
    get('/ignore', 'Expect: 100-continue', 'Content-Length: 3'),
    ok('ignored', 'Connection: close'),
    { open: false },
  ),
  good(
    'Expect, and the body read after the head is sent',
    `${get('/echo-late', 'Expect: 100-continue', 'Content-Length: 3')}abc`,
    `${head('HTTP/1.1 200 OK', 'Date: *', 'Connection: close', 'Transfer-Encoding: chunked')}${chunk('abc')}0\r\n\r\n`,
    { open: false },
  ),
  good('Expect without a body', get('/hello', 'Expect: 100-continue'), ok('hello')),
  good(
    'HTTP/1.0: Expect is ignored',
    `${head('POST /echo HTTP/1.0', 'Expect: 100-continue', 'Content-Length: 3')}abc`,
    ok10('3 abc'),
    { open: false },
  ),

  // ---- handlers that fail
  good('a handler throws', get('/throw'), refused('500 Internal Server Error'), {
    open: false,
    logs: true,
  }),
  good(
    'a handler throws for HEAD',
    head('HEAD /throw HTTP/1.1', 'Host: x'),
    refused('500 Internal Server Error').slice(0, -25),
    { open: false, logs: true },
  ),
  good('a handler throws in the middle', get('/throw-later'), `${CHUNKED_HEAD}${chunk('one')}`, {
    open: false,
    logs: true,
  }),
  good('a handler aborts', get('/abort'), '', { open: false }),
  good('a handler throws a status', get('/teapot'), refused("418 I'm a teapot"), { open: false }),
  good('what came before is sent', get('/hello') + get('/abort'), ok('hello'), {
    open: false,
    served: 2,
  }),
];
