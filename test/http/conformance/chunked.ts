/** Bodies in chunks: sizes, extensions, line ends, data, trailers. RFC 9112, section 7.1. */
import {
  type Bare,
  BAD,
  chunk,
  CHUNKED,
  coded,
  codedBody,
  get,
  head,
  last,
  refuse,
  saw,
  sawChunks,
  section,
  served,
  shown,
  type WireCase,
} from './case.ts';

const END = '0\r\n\r\n';
const LONG = 'x'.repeat(300);

/** A size line before the data "abc" that is understood. */
function size(line: string): Bare {
  return served(shown(line), coded(`${line}\r\nabc\r\n${END}`), sawChunks('abc'));
}

/** The same where it is not. */
function badSize(line: string): Bare {
  return refuse(shown(line), coded(`${line}\r\nabc\r\n${END}`));
}

function good(name: string, body: string, data: string, ...trailer: readonly string[]): Bare {
  return served(name, coded(body), sawChunks(data, ...trailer));
}

function bad(name: string, body: string): Bare {
  return refuse(name, coded(body));
}

/** Lines of the trailer behind "abc". */
function trailer(name: string, lines: string, ...seen: readonly string[]): Bare {
  return good(name, `3\r\nabc\r\n0\r\n${lines}\r\n`, 'abc', ...seen);
}

function badTrailer(lines: string): Bare {
  return bad(shown(lines), `3\r\nabc\r\n0\r\n${lines}\r\n`);
}

function cut(body: string): Bare {
  return refuse(shown(body), coded(body), BAD, { finish: true });
}

export const chunkedCases: readonly WireCase[] = [
  ...section(
    'a size is of hexadecimal digits, in any case, up to 16 of them',
    ...['3', '03', '003', '0000000000000003'].map(size),
    good('no chunk', END, ''),
    good('zeros for the end', `3\r\nabc\r\n000\r\n\r\n`, 'abc'),
    good('sixteen zeros for the end', `${'0'.repeat(16)}\r\n\r\n`, ''),
    ...['a', 'A', '0a', '0A'].map((text) =>
      good(`ten as ${text}`, `${text}\r\n0123456789\r\n${END}`, '0123456789'),
    ),
    ...['ff', 'FF', 'fF', '0fF'].map((text) =>
      good(`255 as ${text}`, `${text}\r\n${LONG.slice(0, 255)}\r\n${END}`, LONG.slice(0, 255)),
    ),
    good('300', `12c\r\n${LONG}\r\n${END}`, LONG),
    good('two chunks', chunk('abc') + chunk('de') + END, 'abcde'),
    good('chunks of one byte', 'abcdefghij'.split('').map(chunk).join('') + END, 'abcdefghij'),
    good('line ends as data', chunk('\r\n\r\n') + chunk('\n') + END, '\r\n\r\n\n'),
    good('an end as data', chunk(END) + END, END),
    good('a head as data', chunk(get()) + END, get()),
    good('bytes of all kinds', chunk('\0\x7f\x80\xff') + END, '\0\x7f\x80\xff'),
    ...[
      '',
      'x',
      'g',
      '-3',
      '+3',
      '0x3',
      '0X3',
      '3h',
      '#3',
      '3.',
      '3.0',
      '3,',
      '3_',
      '"3"',
      '$3',
    ].map(badSize),
    ...['3x', '3G', 'three', '\xb3', '\xef\xbc\x93', '%33', '\\3', '3-', '3+'].map(badSize),
    ...['00000000000000003', '10000000000000003', 'ffffffffffffffff', '8000000000000003'].map(
      badSize,
    ),
    ...[
      '20000000000000',
      '7fffffffffffffff',
      'ffffffffffffffffffffffff',
      `${'0'.repeat(100)}3`,
    ].map(badSize),
    ...['3\0', '\x003', '3\x0b', '\x0b3', '\x0c3', '3\x7f', '3\xa0', '\xa03', '\x853'].map(badSize),
  ),

  ...section(
    'white space: none before a size, after it only before an extension',
    ...[' 3', '\t3', '3 ', '3\t', '3  ', '3 3', '3\t3', '3 a', ' ', '3 0'].map(badSize),
    ...['3 ;a', '3\t;a', '3 \t ;a=b'].map(size),
    bad('a blank before the end', `3\r\nabc\r\n 0\r\n\r\n`),
    bad('a blank after the end', `3\r\nabc\r\n0 \r\n\r\n`),
  ),

  ...section(
    'extensions are read over, whatever they say',
    ...[
      '3;a',
      '3;a=b',
      '3;a="b"',
      '3;a="b;c"',
      '3;a="b c"',
      '3;a="\\""',
      '3;a;b;c',
      '3;a=b;c="d"',
    ].map(size),
    ...[
      '3; a',
      '3;a = b',
      '3;a= "b"',
      '3;',
      '3;;',
      '3;=',
      '3;a=',
      '3;"a"',
      '3;a="',
      '3;\t',
      '3; ',
    ].map(size),
    ...['3;\xff', '3;a="\x80"', '3;0', '3;3', '3;chunked', '3;a=\\', `3;${'e'.repeat(500)}`].map(
      size,
    ),
    good('at the end', `3\r\nabc\r\n0;a=b\r\n\r\n`, 'abc'),
    good('at the end, quoted', `3\r\nabc\r\n0;a="b"\r\n\r\n`, 'abc'),
    ...['3;\0', '3;a\0b', '3;\x0b', '3;a\x0c', '3;a="\x01"', '3;\x7f', '3;a\x1b', '3;\x08'].map(
      badSize,
    ),
    ...[
      '3;a\r',
      '3;a\n',
      '3;\n',
      '3;\r',
      '3;a="\r"',
      '3;a="\n"',
      '3;a\rb',
      '3;a\nb',
      '3;a\r\r',
    ].map(badSize),
    bad('CRLF in quotes', `3;a="\r\nabc\r\n0\r\n\r\n"\r\n`.replace('abc', 'ab')),
  ),

  ...section(
    'lines end in CRLF, never in one of the two',
    bad('LF after a size', `3\nabc\r\n${END}`),
    bad('CR after a size', `3\rabc\r\n${END}`),
    bad('CR CR LF after a size', `3\r\r\nabc\r\n${END}`),
    bad('LF CR after a size', `3\n\rabc\r\n${END}`),
    bad('LF after data', `3\r\nabc\n${END}`),
    bad('CR after data', `3\r\nabc\r${END}`),
    bad('CR CR LF after data', `3\r\nabc\r\r\n${END}`),
    bad('LF CR after data', `3\r\nabc\n\r${END}`),
    bad('nothing after data', `3\r\nabc${END}`),
    bad('two line ends after data', `3\r\nabc\r\n\r\n${END}`),
    bad('an empty line before a size', `\r\n3\r\nabc\r\n${END}`),
    bad('LF before a size', `\n3\r\nabc\r\n${END}`),
    bad('LF after the end', `3\r\nabc\r\n0\n\r\n`),
    bad('CR after the end', `3\r\nabc\r\n0\r\r\n`),
    bad('LF for the empty line', `3\r\nabc\r\n0\r\n\n`),
    bad('CR for the empty line', `3\r\nabc\r\n0\r\n\rX`),
    bad('CR CR LF for the empty line', `3\r\nabc\r\n0\r\n\r\r\n`),
    bad('LF everywhere', `3\nabc\n0\n\n`),
  ),

  ...section(
    'data is as long as its size says',
    bad('one byte more', `3\r\nabcd\r\n${END}`),
    bad('one byte less', `3\r\nab\r\n${END}`),
    bad('none', `3\r\n\r\n${END}`),
    bad('two bytes less, which are the line end', `5\r\nabc\r\n${END}`),
    bad('much more', `1\r\n${LONG}\r\n${END}`),
    bad('a size for the end that has data', `0\r\nabc\r\n${END}`),
    ...[
      '',
      '3',
      '3\r',
      '3\r\n',
      '3\r\nab',
      '3\r\nabc',
      '3\r\nabc\r',
      '3\r\nabc\r\n',
      '3;a',
      '3 ',
    ].map(cut),
    ...[
      '3\r\nabc\r\n0',
      '0\r',
      '0\r\n',
      '0\r\n\r',
      '0\r\nA',
      '0\r\nA:',
      '0\r\nA: b\r',
      '0\r\nA: b\r\n',
    ].map(cut),
    cut('7fffffff\r\nabc'),
    cut('1fffffffffffff\r\nabc'),
  ),

  ...section(
    'RFC 9112, 7.1.2: fields of a trailer are as those of a head, and stay apart from them',
    trailer('one', 'A: b\r\n', 'A: b'),
    trailer('three', 'A: b\r\nc:d\r\nA:\t e f \r\n', 'A: b', 'C: d', 'A: e f'),
    trailer('an empty value', 'A:\r\n', 'A: '),
    trailer('bytes above ASCII', 'A: \xe9\r\n', 'A: \xe9'),
    trailer('every byte of a name', "!#$%&'*+-.^_`|~0a: b\r\n", "!#$%&'*+-.^_`|~0a: b"),
    trailer('a colon in a value', 'A: b:c\r\n', 'A: b:c'),
    served(
      'one of the same name as in the head',
      coded('0\r\nA: 2\r\n\r\n', 'A: 1'),
      saw('POST / @h', CHUNKED, 'A: 1', '=-1 ', '+A: 2'),
    ),
    served(
      'announced by Trailer',
      coded('0\r\nA: 2\r\n\r\n', 'Trailer: A'),
      saw('POST / @h', CHUNKED, 'Trailer: A', '=-1 ', '+A: 2'),
    ),
    ...[
      ': b',
      'A',
      'A b',
      'A : b',
      'A\t: b',
      ' A: b',
      '\tA: b',
      'A: b\r\n c',
      'A: b\r\n\tc',
      ' ',
    ].map((line) => badTrailer(`${line}\r\n`)),
    ...['A\0: b', '"A": b', 'A/B: c', '\xe9: b', 'A: b\0', 'A: \x0b', 'A: \x7f', 'A: b\x1bc'].map(
      (line) => badTrailer(`${line}\r\n`),
    ),
    ...[
      'A: b\n',
      'A: b\r',
      'A: b\rC: d\r\n',
      'A: b\nC: d\r\n',
      'A: b\r\r\n',
      '\nA: b\r\n',
      '\rA: b\r\n',
    ].map(badTrailer),
    badTrailer('GET / HTTP/1.1\r\nHost: h\r\n'),
  ),

  ...section(
    'RFC 9110, 6.5.1: what frames, routes or controls a message does not do so in a trailer',
    ...[
      'Content-Length: 5',
      'Content-Length: x',
      'Transfer-Encoding: chunked',
      'Transfer-Encoding: x',
      'Host: b',
      'Host: a b',
      'Trailer: A',
      'Connection: close',
      'Expect: x',
      'Expect: 100-continue',
      'Upgrade: x',
    ].map((line) =>
      served(
        line,
        codedBody(`3\r\nabc\r\n0\r\n${line}\r\nA: b\r\n${line}\r\n\r\n`) + get(),
        saw('abc') + saw('GET / @h'),
      ),
    ),
    trailer(
      'names that only begin so',
      'Content-Length-X: 5\r\nX-Host: b\r\nHosts: c\r\nTrailers: A\r\n',
      'Content-Length-X: 5',
      'X-Host: b',
      'Hosts: c',
      'Trailers: A',
    ),
  ),

  ...section(
    'what follows the end is the next request',
    served('a request', coded(`3\r\nabc\r\n${END}`) + get(), sawChunks('abc') + saw('GET / @h')),
    served(
      'a request after a trailer',
      coded(`0\r\nA: b\r\n\r\n`) + get(),
      sawChunks('', 'A: b') + saw('GET / @h'),
    ),
    served('an empty line', `${coded(END)}\r\n`, sawChunks('')),
    served(
      'an empty line and a request',
      `${coded(END)}\r\n${get()}`,
      sawChunks('') + saw('GET / @h'),
    ),
    refuse('another end', coded(END + END), sawChunks('') + BAD),
    served(
      'the last request',
      coded(END, 'Connection: close') + get(),
      last('POST / @h', CHUNKED, 'Connection: close', '=-1 '),
      { open: false },
    ),
  ),

  ...section(
    'a body that nobody asks for is read over, and is a body all the same',
    served(
      'good',
      `${head('POST /skip HTTP/1.1', 'Host: h', CHUNKED)}3\r\nabc\r\n${END}`,
      saw('skipped'),
    ),
    served(
      'with a trailer',
      `${head('POST /skip HTTP/1.1', 'Host: h', CHUNKED)}0\r\nA: b\r\n\r\n`,
      saw('skipped'),
    ),
    ...['x\r\n', '3\nabc\r\n', '3\r\nabcd\r\n', '0\r\nA\r\n\r\n', '0\r\nA: b\n\r\n'].map((body) =>
      refuse(
        `malformed: ${shown(body)}`,
        head('POST /skip HTTP/1.1', 'Host: h', CHUNKED) + body + get(),
        saw('skipped'),
      ),
    ),
  ),
];
