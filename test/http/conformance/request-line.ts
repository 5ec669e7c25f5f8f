/** Request lines: methods, targets of the four forms, versions, the white space and the ends of lines. */
import {
  type Bare,
  BAD,
  BAD_NAME,
  BAD_VALUE,
  BAD_VERSION,
  head,
  last,
  LONG_METHOD,
  NO_HOST,
  noTunnel,
  refuse,
  saw,
  section,
  served,
  shown,
  type WireCase,
} from './case.ts';

const HOST = 'Host: h';

/** A request line that is served, with what is seen of it. */
function good(text: string, seen: string): Bare {
  return served(shown(text), head(text, HOST), saw(seen));
}

function bad(text: string, reply: string = BAD): Bare {
  return refuse(shown(text), head(text, HOST), reply);
}

/** A method and what is seen of it. */
function method(name: string): Bare {
  return good(`${name} / HTTP/1.1`, `${name} / @h`);
}

/** A target in origin-form, and the path and query that are made of it. */
function origin(target: string, path: string, query: string): Bare {
  const text = `path ${path}\nquery ${query}`;
  const reply = saw(text);
  return served(`GET ${shown(target)}`, head(`GET ${target} HTTP/1.1`, HOST), reply);
}

/** A target that goes to the handler as it is. */
function kept(target: string, host = 'h'): Bare {
  return good(`GET ${target} HTTP/1.1`, `GET ${target} @${host}`);
}

function target(text: string): Bare {
  return bad(`GET ${text} HTTP/1.1`);
}

const ALL_TOKEN = "!#$%&'*+-.^_`|~";

export const requestLineCases: readonly WireCase[] = [
  ...section(
    'RFC 9110, 9.1: a method is a token, and its case counts',
    ...['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS', 'PROPFIND', 'M-SEARCH'].map(
      method,
    ),
    ...['get', 'Get', 'G', 'GE', 'GETS', 'XGET', 'POSTS', 'HEADER', 'QUERY', 'PRI'].map(method),
    method(ALL_TOKEN),
    method('0123456789'),
    method('M'.repeat(32)),
    bad(`${'M'.repeat(33)} / HTTP/1.1`, LONG_METHOD),
    bad(`${'M'.repeat(5000)} / HTTP/1.1`, LONG_METHOD),
    ...[
      '',
      '(',
      ')',
      '<',
      '>',
      '@',
      ',',
      ';',
      ':',
      '\\',
      '"',
      '/',
      '[',
      ']',
      '?',
      '=',
      '{',
      '}',
    ].map((byte) => bad(`GE${byte === '' ? ' ' : byte}T / HTTP/1.1`)),
    ...['\0', '\t', '\x01', '\x0b', '\x0c', '\x1f', '\x7f', '\x80', '\xa0', '\xff'].map((byte) =>
      bad(`GE${byte}T / HTTP/1.1`),
    ),
    bad('"GET" / HTTP/1.1'),
    bad(': / HTTP/1.1'),
  ),

  ...section(
    'RFC 9112, 3.2.1: origin-form',
    kept('/'),
    kept('//'),
    kept('//a.b/c'),
    kept('/.'),
    kept('/../../etc/passwd'),
    kept('/%'),
    kept('/%2'),
    kept('/%zz%00'),
    kept('/%2e%2E/%2F'),
    kept('/?'),
    kept('/a?b?c'),
    kept('/a#b'),
    kept('/*'),
    kept('/\\'),
    kept('/a;b,c=d&e'),
    kept('/"<>^`{|}'),
    kept('/http://x/'),
    kept('/a@b:c'),
    kept("/-._~!$&'()*+,;=:@"),
    kept('/\x80\xff'),
    kept('/caf\xc3\xa9'),
    kept(`/${'a'.repeat(4000)}`),
    kept(`/?${'a=b&'.repeat(1000)}`),
    origin('/parts', '/parts', ''),
    origin('/parts?', '/parts', ''),
    origin('/parts?a=b%20c&d', '/parts', 'a=b%20c&d'),
    origin('/parts?a?b/c', '/parts', 'a?b/c'),
    origin('/parts/%61%62', '/parts/ab', ''),
    origin('/parts/%2f%2F', '/parts///', ''),
    origin('/parts/%25%32%35', '/parts/%25', ''),
    origin('/parts/%zz%4', '/parts/%zz%4', ''),
    origin('/parts/%3fa?%3f', '/parts/?a', '%3f'),
    origin('/%70arts', '/parts', ''),
    origin('/parts/+', '/parts/+', ''),
    origin('/parts/../a', '/parts/../a', ''),
    origin('http://t/parts?a', '/parts', 'a'),
    ...['a', 'a/b', './a', '../a', '?a', '#a', '%2f', '\\a', '.', '@', ';'].map(target),
    ...['\0', '\x01', '\t', '\x0b', '\x0c', '\x1f', '\x7f'].map((byte) => target(`/a${byte}b`)),
    target('/a b'),
    target('/ '),
  ),

  ...section(
    'RFC 9112, 3.2.2: absolute-form, whose host counts',
    kept('http://t/', 't'),
    kept('http://t', 't'),
    kept('HTTP://t/p?q', 't'),
    kept('https://t/p', 't'),
    kept('HttpS://T/', 'T'),
    kept('http://t?q', 't'),
    kept('http://t:80/', 't:80'),
    kept('http://t:/', 't:'),
    kept('http://127.0.0.1:1/', '127.0.0.1:1'),
    kept('http://[::1]/', '[::1]'),
    kept('http://[::1]:8080/a', '[::1]:8080'),
    kept('http://t//a//b', 't'),
    kept('http://t/http://u/', 't'),
    served(
      'another Host beside it',
      head('GET http://t/ HTTP/1.1', 'Host: other:1'),
      saw('GET http://t/ @t'),
    ),
    served(
      'an empty Host beside it',
      head('GET http://t/ HTTP/1.1', 'Host:'),
      saw('GET http://t/ @t'),
    ),
    refuse('no Host beside it', head('GET http://t/ HTTP/1.1'), NO_HOST),
    served(
      'HTTP/1.0, and no Host',
      head('GET http://t/ HTTP/1.0'),
      last('GET http://t/ @t HTTP/1.0'),
      { open: false },
    ),
    ...['http:', 'http:/', 'http://', 'http:///a', 'http:/t/', 'http:t', 'http', '://t/'].map(
      target,
    ),
    ...[
      'http://a:b/',
      'http://a:80:80/',
      'http://[::1/',
      'http://::1/',
      'http://[]/',
      'http://%zz/',
    ].map(target),
    ...[
      'http://:80/',
      'http://a b/',
      'http://a\\b/',
      'http://<a>/',
      'http://caf\xe9/',
      'http://[::1]a/',
    ].map(target),
    ...['http://?a', 'http://#a', 'http://u@t/', 'http://u:p@t/', 'http://@t/'].map(target),
    ...['ftp://t/', 'ws://t/', 'file:///a', 'mailto:a', 'httpx://t/', 'xhttp://t/', 'urn:a'].map(
      target,
    ),
  ),

  ...section(
    'RFC 9112, 3.2.3: authority-form, for CONNECT alone',
    ...['t:443', '127.0.0.1:1', '[::1]:65535'].map((authority) =>
      served(
        `CONNECT ${authority}`,
        head(`CONNECT ${authority} HTTP/1.1`, HOST),
        noTunnel(`CONNECT ${authority} @${authority}`),
      ),
    ),
    ...[
      't',
      't:',
      ':443',
      't:x',
      't:443/',
      '/',
      '*',
      'u@t:1',
      'http://t/',
      'http://t:1',
      't:1?a',
    ].map((authority) => bad(`CONNECT ${authority} HTTP/1.1`)),
    ...[
      't:123456',
      't:65536',
      't:99999',
      't:1:1',
      '[::1:1',
      '::1:1',
      'caf\xe9:1',
      't:+1',
      't:-1',
    ].map((authority) => bad(`CONNECT ${authority} HTTP/1.1`)),
    bad('connect t:443 HTTP/1.1'),
    target('t:443'),
    target('127.0.0.1:80'),
  ),

  ...section(
    'RFC 9112, 3.2.4: asterisk-form, for OPTIONS alone',
    served(
      'OPTIONS *',
      head('OPTIONS * HTTP/1.1', HOST),
      head('HTTP/1.1 200 OK', 'Content-Length: 0', 'Date: *'),
    ),
    served(
      'OPTIONS * with a body',
      `${head('OPTIONS * HTTP/1.1', HOST, 'Content-Length: 3')}abc`,
      head('HTTP/1.1 200 OK', 'Content-Length: 0', 'Date: *'),
    ),
    good('OPTIONS / HTTP/1.1', 'OPTIONS / @h'),
    good('OPTIONS http://t HTTP/1.1', 'OPTIONS http://t @t'),
    bad('OPTIONS ** HTTP/1.1'),
    bad('OPTIONS *a HTTP/1.1'),
    bad('OPTIONS */ HTTP/1.1'),
    bad('OPTIONS *?a HTTP/1.1'),
    bad('options * HTTP/1.1'),
    bad('HEAD * HTTP/1.1'),
    target('*'),
  ),

  ...section(
    'RFC 9112, 2.3: versions',
    good('GET / HTTP/1.1', 'GET / @h'),
    good('GET / HTTP/1.2', 'GET / @h'),
    good('GET / HTTP/1.9', 'GET / @h'),
    served('GET / HTTP/1.0', head('GET / HTTP/1.0', HOST), last('GET / @h HTTP/1.0'), {
      open: false,
    }),
    ...['0.0', '0.9', '2.0', '3.0', '9.9', '2.1'].map((version) =>
      bad(`GET / HTTP/${version}`, BAD_VERSION),
    ),
    ...[
      '1',
      '1.',
      '.1',
      '1.10',
      '1.01',
      '01.1',
      '11',
      '1,1',
      '1.x',
      'x.1',
      '+1.1',
      '-1.1',
      '1.-1',
    ].map((version) => bad(`GET / HTTP/${version}`)),
    ...['1.1.1', ' 1.1', '1 .1', '1. 1', '\xb9.1', '\x31\x00.1', '1.1\0', '0x1.1', '', '1.1a'].map(
      (version) => bad(`GET / HTTP/${version}`),
    ),
    ...['http/1.1', 'Http/1.1', 'HTTP1.1', 'HTTP\\1.1', 'HTTP//1.1', 'HTTPS/1.1', 'XHTTP/1.1'].map(
      (version) => bad(`GET / ${version}`),
    ),
    ...['HTTP', 'HTT/1.1', 'ICY/1.1', 'RTSP/1.0', '1.1', '/1.1', 'HTTP-1.1', 'SIP/2.0'].map(
      (version) => bad(`GET / ${version}`),
    ),
    refuse('a request of HTTP/0.9', 'GET /\r\n'),
    refuse('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', BAD_VERSION),
  ),

  ...section(
    'RFC 9112, 3: single spaces between the parts, and no other white space',
    ...['GET  / HTTP/1.1', 'GET /  HTTP/1.1', ' GET / HTTP/1.1', '\tGET / HTTP/1.1'].map((t) =>
      bad(t),
    ),
    ...['GET / HTTP/1.1 ', 'GET / HTTP/1.1\t', 'GET\t/ HTTP/1.1', 'GET /\tHTTP/1.1'].map((t) =>
      bad(t),
    ),
    ...['GET\x0b/ HTTP/1.1', 'GET /\x0cHTTP/1.1', 'GET /\x0b HTTP/1.1', 'GET\xa0/\xa0HTTP/1.1'].map(
      (t) => bad(t),
    ),
    ...['GET/ HTTP/1.1', 'GET /HTTP/1.1', 'GET', 'GET ', 'GET / ', ' ', 'GET / HTTP/1.1 x'].map(
      (t) => bad(t),
    ),
    ...['GET / HTTP/1.1 HTTP/1.1', 'GET /a /b HTTP/1.1', 'GET / HTTP/1.1, HTTP/1.0'].map((t) =>
      bad(t),
    ),
  ),

  ...section(
    'RFC 9112, 2.2: lines end in CRLF. A recipient may take LF alone; one that does not cannot be misled',
    refuse('LF alone everywhere', 'GET / HTTP/1.1\nHost: h\n\n'),
    refuse('LF alone after the request line', 'GET / HTTP/1.1\nHost: h\r\n\r\n'),
    refuse('LF alone after a field', 'GET / HTTP/1.1\r\nHost: h\nA: b\r\n\r\n', BAD_VALUE),
    refuse('LF alone at the end of the head', 'GET / HTTP/1.1\r\nHost: h\r\n\n', BAD_NAME),
    refuse('CR alone after the request line', 'GET / HTTP/1.1\rHost: h\r\n\r\n'),
    refuse('CR alone after a field', 'GET / HTTP/1.1\r\nHost: h\rA: b\r\n\r\n', BAD_VALUE),
    refuse('CR alone at the end of the head', 'GET / HTTP/1.1\r\nHost: h\r\n\rX', BAD),
    refuse('CR CR LF after the request line', 'GET / HTTP/1.1\r\r\nHost: h\r\n\r\n'),
    refuse('CR CR LF after a field', 'GET / HTTP/1.1\r\nHost: h\r\r\n\r\n', BAD_VALUE),
    refuse('CR CR LF at the end of the head', 'GET / HTTP/1.1\r\nHost: h\r\n\r\r\n', BAD),
    refuse('LF CR after the request line', 'GET / HTTP/1.1\n\rHost: h\r\n\r\n'),
    refuse('CR in the target', head('GET /\rb HTTP/1.1', HOST)),
    refuse('LF in the target', head('GET /\nb HTTP/1.1', HOST)),
    refuse('CRLF in the request line', 'GET /\r\n HTTP/1.1\r\nHost: h\r\n\r\n'),
  ),

  ...section(
    'RFC 9112, 2.2: empty lines before a request are ignored, up to four here',
    served('one', `\r\n${head('GET / HTTP/1.1', HOST)}`, saw('GET / @h')),
    served('four', `${'\r\n'.repeat(4)}${head('GET / HTTP/1.1', HOST)}`, saw('GET / @h')),
    refuse('five', `${'\r\n'.repeat(5)}${head('GET / HTTP/1.1', HOST)}`),
    served('one after the request', `${head('GET / HTTP/1.1', HOST)}\r\n`, saw('GET / @h')),
    refuse('LF alone before the request', `\n${head('GET / HTTP/1.1', HOST)}`),
    refuse('CR alone before the request', `\r${head('GET / HTTP/1.1', HOST)}`),
    refuse('a line of a space before the request', ` \r\n${head('GET / HTTP/1.1', HOST)}`),
    refuse('NUL before the request', `\0${head('GET / HTTP/1.1', HOST)}`),
    refuse('a byte order mark before the request', `\xef\xbb\xbf${head('GET / HTTP/1.1', HOST)}`),
    served('nothing but an empty line', '\r\n', ''),
  ),

  ...section(
    'other protocols: answered, and closed',
    refuse('TLS', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'),
    refuse('SSH', 'SSH-2.0-OpenSSH_9.2\r\n'),
    refuse('SOCKS4', '\x04\x01\0\x50'),
    refuse('SOCKS5', '\x05\x01\0'),
    refuse(
      'the PROXY protocol',
      `PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n${head('GET / HTTP/1.1', HOST)}`,
    ),
    refuse('the binary PROXY protocol', '\r\n\r\n\0\r\nQUIT\n'),
    refuse('a reply', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
    refuse('RTSP', 'DESCRIBE rtsp://h/ RTSP/1.0\r\nCSeq: 1\r\n\r\n'),
    refuse('SMTP', 'EHLO h\r\n'),
    refuse('Redis', '*1\r\n$4\r\nPING\r\n'),
    refuse('NULs', '\0\0\0\0'),
  ),
];
