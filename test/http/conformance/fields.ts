/** Field lines: names, values, white space, folding, and the Host field. */
import {
  type Bare,
  BAD_HOST,
  BAD_NAME,
  BAD_VALUE,
  get,
  head,
  last,
  NO_HOST,
  refuse,
  saw,
  section,
  served,
  shown,
  TWO_HOSTS,
  type WireCase,
} from './case.ts';

/** A field line that is served, and how the handler sees it. */
function good(line: string, ...seen: readonly string[]): Bare {
  return served(shown(line), get(line), saw('GET / @h', ...seen));
}

/** A field line, amid good ones, that is not. */
function bad(line: string, reply: string): Bare {
  return refuse(shown(line), get('A: b', line, 'C: d'), reply);
}

function host(value: string): Bare {
  const send = head('GET / HTTP/1.1', `Host: ${value}`);
  return served(`Host: ${shown(value)}`, send, saw(`GET / @${value.trim()}`));
}

function badHost(value: string, reply = BAD_HOST): Bare {
  return refuse(`Host: ${shown(value)}`, head('GET / HTTP/1.1', `Host: ${value}`), reply);
}

const many = Array.from({ length: 200 }, (_, i) => `N${i}: v${i}`);

export const fieldCases: readonly WireCase[] = [
  ...section(
    'RFC 9110, 5.1: names are tokens without regard to case',
    good('a: b', 'A: b'),
    good('aBC-dEF: x', 'Abc-Def: x'),
    good("!#$%&'*+-.^_`|~0: x", "!#$%&'*+-.^_`|~0: x"),
    good('-: x', '-: x'),
    good('_: x', '_: x'),
    good('1: x', '1: x'),
    good('Content_Length: 5', 'Content_length: 5'),
    good(`${'N'.repeat(300)}: x`, `N${'n'.repeat(299)}: x`),
    good('Hos: x', 'Hos: x'),
    good('Hostt: x', 'Hostt: x'),
    good('X-Host: x', 'X-Host: x'),
    bad(': x', BAD_NAME),
    bad('A', BAD_NAME),
    bad('A b', BAD_NAME),
    bad('"A": x', BAD_NAME),
    bad('A B: x', BAD_NAME),
    ...['(', ')', ',', '/', ';', '<', '=', '>', '?', '@', '[', '\\', ']', '{', '}', '"'].map(
      (byte) => bad(`A${byte}B: x`, BAD_NAME),
    ),
    ...['\0', '\x01', '\x08', '\x0b', '\x0c', '\x1b', '\x1f', '\x7f', '\x80', '\xe9', '\xff'].map(
      (byte) => bad(`A${byte}B: x`, BAD_NAME),
    ),
    bad('\0A: x', BAD_NAME),
    bad('A\r: x', BAD_NAME),
    bad('A\n: x', BAD_NAME),
  ),

  ...section(
    'RFC 9112, 5.1: no white space between a name and its colon: 400',
    ...[' ', '\t', '  ', '\x0b', '\x0c', '\xa0', '\0'].map((blank) =>
      bad(`A${blank}: x`, BAD_NAME),
    ),
    bad('Host : other', BAD_NAME),
    bad('Content-Length : 0', BAD_NAME),
  ),

  ...section(
    'RFC 9112, 5.2: folded lines are refused',
    bad(' x', BAD_NAME),
    bad('\tx', BAD_NAME),
    bad(' A: x', BAD_NAME),
    bad('E: f\r\n g', BAD_NAME),
    bad('E: f\r\n\tg', BAD_NAME),
    bad('E:\r\n f', BAD_NAME),
    bad(' ', BAD_NAME),
    refuse('before the first field', head('GET / HTTP/1.1', ' Host: h'), BAD_NAME),
    refuse('a folded Host', head('GET / HTTP/1.1', 'Host:', ' h'), BAD_NAME),
    refuse('before the end of the head', head('GET / HTTP/1.1', 'Host: h', ' '), BAD_NAME),
  ),

  ...section(
    'RFC 9112, 5: white space around a value is not part of it',
    good('A:b', 'A: b'),
    good('A:  b  ', 'A: b'),
    good('A:\tb\t', 'A: b'),
    good('A: \t b c\td \t ', 'A: b c\td'),
    good('A:', 'A: '),
    good('A: ', 'A: '),
    good('A: \t \t', 'A: '),
    good('A: \xa0b\xa0', 'A: \xa0b\xa0'),
    served('two that are empty', get('A:', 'B:'), saw('GET / @h', 'A: ', 'B: ')),
  ),

  ...section(
    'RFC 9110, 5.5: values are of visible bytes, spaces, tabs and bytes above ASCII',
    good('A: b: c:', 'A: b: c:'),
    good('A: :', 'A: :'),
    good('A: ::', 'A: ::'),
    good(`A: !"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~`, `A: !"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~`),
    good('A: \x80\xbf\xff', 'A: \x80\xbf\xff'),
    good('A: caf\xc3\xa9', 'A: caf\xc3\xa9'),
    good('A: "b\\"c", d', 'A: "b\\"c", d'),
    good('A: HTTP/1.1', 'A: HTTP/1.1'),
    good(`A: ${'v'.repeat(5000)}`, `A: ${'v'.repeat(5000)}`),
    ...['\0', '\x01', '\x07', '\x08', '\x0b', '\x0c', '\x0e', '\x1b', '\x1f', '\x7f'].flatMap(
      (byte) => [bad(`A: b${byte}c`, BAD_VALUE), bad(`A: ${byte}`, BAD_VALUE)],
    ),
    bad('A:\0', BAD_VALUE),
    bad('A: b\rc', BAD_VALUE),
    bad('A: b\nc', BAD_VALUE),
    bad('A: b\r', BAD_VALUE),
    bad('A: b\n', BAD_VALUE),
    bad('A: b\r\rE: f', BAD_VALUE),
    // Where the parser looks at four bytes at a time.
    ...[16, 17, 18, 19, 20, 21, 40].map((at) => bad(`A: ${'v'.repeat(at)}\x7fw`, BAD_VALUE)),
    ...[16, 17, 18, 19, 20, 21, 40].map((at) => bad(`A: ${'\xff'.repeat(at)}\0w`, BAD_VALUE)),
    ...[16, 17, 18, 19, 20, 21, 40].map((at) => {
      return good(`A: ${'v'.repeat(at)}\t\xff~`, `A: ${'v'.repeat(at)}\t\xff~`);
    }),
  ),

  ...section(
    'RFC 9110, 5.3: fields of one name stay as they are, in their order',
    served(
      'three of one name',
      get('A: 1', 'B: 2', 'a: 3', 'A: 1'),
      saw('GET / @h', 'A: 1', 'B: 2', 'A: 3', 'A: 1'),
    ),
    served('two hundred', get(...many), saw('GET / @h', ...many)),
    served(
      'fields before Host',
      head('GET / HTTP/1.1', 'A: b', 'Host: h', 'C: d'),
      saw('GET / @h', 'A: b', 'C: d'),
    ),
    served(
      'cookies',
      get('Cookie: a=b; c="d"', 'Cookie: e'),
      saw('GET / @h', 'Cookie: a=b; c="d"', 'Cookie: e'),
    ),
  ),

  ...section(
    'RFC 9112, 3.2: an HTTP/1.1 request has one Host, of a host and a port',
    ...['h', 'h:80', 'h.example', 'H.Example:8080', '127.0.0.1', '127.0.0.1:65535'].map(host),
    ...[
      '[::1]',
      '[::1]:80',
      '[2001:db8::1]:443',
      '[::ffff:1.2.3.4]',
      '[v1.a:b]',
      'xn--caf-dma.example',
    ].map(host),
    ...[
      '',
      ':80',
      'h:',
      'a_b',
      'a-b',
      '~',
      "!$&'()*+,;=",
      '%41',
      'h.',
      '0',
      '[fe80::1%eth0]:1',
    ].map(host),
    served('white space around it', head('GET / HTTP/1.1', 'Host: \t h \t'), saw('GET / @h')),
    served('no white space', head('GET / HTTP/1.1', 'Host:h'), saw('GET / @h')),
    served('in lower case', head('GET / HTTP/1.1', 'host: h'), saw('GET / @h')),
    served('in upper case', head('GET / HTTP/1.1', 'HOST: h'), saw('GET / @h')),
    served('last of all', head('GET / HTTP/1.1', 'A: b', 'hOST: h'), saw('GET / @h', 'A: b')),
    served(
      `of ${250} bytes`,
      head('GET / HTTP/1.1', `Host: ${'h'.repeat(250)}`),
      saw(`GET / @${'h'.repeat(250)}`),
    ),
    ...[
      'h/',
      'h/a',
      '/',
      'u@h',
      'h?a',
      'h#a',
      'a b',
      'a\tb',
      'h,i j',
      '"h"',
      '<h>',
      'a\\b',
      '^',
      '`',
    ].map((value) => badHost(value)),
    ...['{h}', 'a|b', 'http://h', '\x80', 'caf\xe9', 'h\xff', 'h%00 ']
      .slice(0, 6)
      .map((value) => badHost(value)),
    ...[
      'a:b',
      'h:80:80',
      'h:80a',
      'h:-1',
      'h:+80',
      'h: 80',
      '::1',
      'h::80',
      '[::1',
      '::1]',
      '[]',
      '[::1]a',
    ].map((value) => badHost(value)),
    ...['[[::1]]', '[::1]:x', '[::1]80', 'a[::1]', '%', '%4', '%zz', 'h%'].map((value) =>
      badHost(value),
    ),
    ...['h\0', 'h\x01', 'h\x7f', '\x0bh'].map((value) => badHost(value, BAD_VALUE)),
    refuse('none', head('GET / HTTP/1.1'), NO_HOST),
    refuse('none, but other fields', head('GET / HTTP/1.1', 'A: b', 'X-Host: h'), NO_HOST),
    refuse('none in HTTP/1.2', head('GET / HTTP/1.2'), NO_HOST),
    refuse('none for CONNECT', head('CONNECT t:1 HTTP/1.1'), NO_HOST),
    refuse('none for OPTIONS *', head('OPTIONS * HTTP/1.1'), NO_HOST),
    refuse('two', head('GET / HTTP/1.1', 'Host: a', 'Host: b'), TWO_HOSTS),
    refuse('two that are equal', head('GET / HTTP/1.1', 'Host: a', 'Host: a'), TWO_HOSTS),
    refuse('two, in another case', head('GET / HTTP/1.1', 'HOST: a', 'host: a'), TWO_HOSTS),
    refuse('two that are empty', head('GET / HTTP/1.1', 'Host:', 'Host:'), TWO_HOSTS),
    refuse(
      'two with others between',
      head('GET / HTTP/1.1', 'Host: a', 'A: b', 'Host: c'),
      TWO_HOSTS,
    ),
    refuse(
      'two beside absolute-form',
      head('GET http://t/ HTTP/1.1', 'Host: t', 'Host: t'),
      TWO_HOSTS,
    ),
    refuse('two in HTTP/1.0', head('GET / HTTP/1.0', 'Host: a', 'Host: a'), TWO_HOSTS),
    refuse('malformed in HTTP/1.0', head('GET / HTTP/1.0', 'Host: a b'), BAD_HOST),
    refuse('malformed beside absolute-form', head('GET http://t/ HTTP/1.1', 'Host: a b'), BAD_HOST),
    served('none in HTTP/1.0', head('GET / HTTP/1.0'), last('GET / @ HTTP/1.0'), {
      open: false,
    }),
    served('in HTTP/1.0', head('GET / HTTP/1.0', 'Host: h:1'), last('GET / @h:1 HTTP/1.0'), {
      open: false,
    }),
  ),
];
