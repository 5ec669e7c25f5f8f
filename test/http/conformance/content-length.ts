/** Content-Length: all that is no length, lengths and the bodies they delimit. */
import {
  type Bare,
  BAD_LENGTH,
  BAD_NAME,
  BAD_VALUE,
  EOF,
  BAD,
  get,
  head,
  LARGE_BODY,
  last,
  post,
  refuse,
  saw,
  section,
  served,
  shown,
  type WireCase,
} from './case.ts';

/** A value with which five bytes are the body. */
function five(value: string): Bare {
  const seen = saw('POST / @h', `Content-Length: ${value.trim()}`, '=5 12345');
  return served(shown(value), post('12345', `Content-Length:${value}`), seen);
}

function bad(value: string, reply = BAD_LENGTH): Bare {
  return refuse(shown(value), post('12345', `Content-Length: ${value}`), reply);
}

function two(name: string, ...fields: readonly string[]): Bare {
  return refuse(name, post('12345', ...fields), BAD_LENGTH);
}

const LENGTH = 'Content-Length: 5';

const EVERY_BYTE: string = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));

export const contentLengthCases: readonly WireCase[] = [
  ...section(
    'RFC 9110, 8.6: a length is 1*DIGIT',
    ...[' 5', '5', '\t5', ' 5 ', ' 5\t', ' 05', ' 0005', ` ${'0'.repeat(100)}5`].map(five),
    ...['+5', '-5', '-0', '+0', '--5', '5-', '5+', '0x5', '0X5', 'x5', '5h', '0b101', '0o5'].map(
      (value) => bad(value),
    ),
    ...['5.', '5.0', '.5', '5,0', '5e0', '5E0', '1e1', 'Infinity', 'NaN', 'five', 'null', 'a'].map(
      (value) => bad(value),
    ),
    ...[
      '5 5',
      '5\t5',
      '5 ;',
      '5;',
      '5;a',
      '5:',
      '"5"',
      "'5'",
      '(5)',
      '5 (c)',
      '5_0',
      '5n',
      '5\\',
    ].map((value) => bad(value)),
    ...['', ' ', '\t', '\xb5', '5\xa0', '\xa05', '\u0085', '\xb2', '\xd9\xa5', '\xef\xbc\x95'].map(
      (value) => bad(value),
    ),
    ...['5\0', '\x005', '5\x0b', '\x0b5', '\x0c5', '5\x0c', '5\x7f', '\x1f5'].map((value) =>
      bad(value, BAD_VALUE),
    ),
    refuse('a space before the colon', post('12345', 'Content-Length : 5'), BAD_NAME),
    refuse('a tab before the colon', post('12345', 'Content-Length\t: 5'), BAD_NAME),
    refuse('folded', post('12345', 'Content-Length:', ' 5'), BAD_LENGTH),
    refuse('folded in the middle', post('12345', 'Content-Length: 1', ' 5'), BAD_NAME),
  ),

  ...section(
    'RFC 9110, 8.6: one that is too large to be counted is refused',
    ...['9007199254740992', '9007199254740993', '9223372036854775807', '9223372036854775808'].map(
      (value) => bad(value),
    ),
    ...['18446744073709551615', '18446744073709551616', '18446744073709551621'].map((value) =>
      bad(value),
    ),
    bad('4294967301'.repeat(2)),
    bad('9'.repeat(400)),
    refuse('2^32 + 5, which is no 5', post('12345', 'Content-Length: 4294967301'), LARGE_BODY, {
      finish: true,
    }),
    refuse(
      '2^53 - 1, which can be counted',
      post('12345', 'Content-Length: 9007199254740991'),
      LARGE_BODY,
      {
        finish: true,
      },
    ),
  ),

  ...section(
    'RFC 9112, 6.3: one length only, not even the same one twice',
    two('5, 5', 'Content-Length: 5, 5'),
    two('5,5', 'Content-Length: 5,5'),
    two('5, 6', 'Content-Length: 5, 6'),
    two('5,', 'Content-Length: 5,'),
    two(', 5', 'Content-Length: , 5'),
    two('two that are equal', LENGTH, LENGTH),
    two('two that differ', LENGTH, 'Content-Length: 6'),
    two('two that differ in zeros', LENGTH, 'Content-Length: 05'),
    two('in another case', LENGTH, 'CONTENT-LENGTH: 5'),
    two('with others between', LENGTH, 'A: b', 'content-length: 0'),
    two('a bad one before', 'Content-Length: x', LENGTH),
    two('a bad one after', LENGTH, 'Content-Length: x'),
    two('an empty one before', 'Content-Length:', LENGTH),
    two('an empty one after', LENGTH, 'Content-Length:'),
    two('0 and 5', 'Content-Length: 0', LENGTH),
    two('5 and 0', LENGTH, 'Content-Length: 0'),
    two('0 and 0', 'Content-Length: 0', 'Content-Length: 0'),
    two('three', LENGTH, LENGTH, LENGTH),
  ),

  ...section(
    'RFC 9112, 6.2: so many bytes are the body, of any method, whatever they are',
    served('none', post(''), saw('POST / @h')),
    served('0', post('', 'Content-Length: 0'), saw('POST / @h', 'Content-Length: 0')),
    served('000', post('', 'Content-Length: 000'), saw('POST / @h', 'Content-Length: 000')),
    ...['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'FROB'].map((method) =>
      served(
        `a body of ${method}`,
        `${head(`${method} / HTTP/1.1`, 'Host: h', LENGTH)}12345`,
        saw(`${method} / @h`, LENGTH, '=5 12345'),
      ),
    ),
    served(
      'every byte',
      post(EVERY_BYTE, 'Content-Length: 256'),
      saw('POST / @h', 'Content-Length: 256', `=256 ${EVERY_BYTE}`),
    ),
    served(
      'a body that looks like chunks',
      post('5\r\n12345\r\n0\r\n\r\n', 'Content-Length: 15'),
      saw('POST / @h', 'Content-Length: 15', '=15 5\r\n12345\r\n0\r\n\r\n'),
    ),
    served(
      'a body that looks like a head',
      post(get(), 'Content-Length: 27'),
      saw('POST / @h', 'Content-Length: 27', `=27 ${get()}`),
    ),
    served(
      'a body that begins with an empty line',
      post('\r\n\r\nx', 'Content-Length: 5'),
      saw('POST / @h', LENGTH, '=5 \r\n\r\nx'),
    ),
    served(
      'one byte less than what is sent, which is an empty line',
      post('12345\r\n', LENGTH),
      saw('POST / @h', LENGTH, '=5 12345'),
    ),
    served(
      'more bytes than the length: they begin the next request',
      post('12345GET /b HTTP/1.1\r\nHost: h\r\n\r\n', LENGTH),
      saw('POST / @h', LENGTH, '=5 12345') + saw('GET /b @h'),
    ),
    refuse(
      'more bytes than the length, which begin no request',
      post('12345@', LENGTH),
      saw('POST / @h', LENGTH, '=5 12345') + BAD,
    ),
    refuse('less bytes than the length', post('1234', LENGTH), BAD, { finish: true }),
    refuse('no byte of the length', post('', LENGTH), BAD, { finish: true }),
    served(
      'HTTP/1.0',
      `${head('POST / HTTP/1.0', LENGTH)}12345`,
      last('POST / @ HTTP/1.0', LENGTH, '=5 12345'),
      { open: false },
    ),
    served('HTTP/1.0 without a length', head('POST / HTTP/1.0'), last('POST / @ HTTP/1.0'), {
      open: false,
    }),
  ),

  ...section(
    'the end of the stream before the end of the head',
    refuse('in the method', 'GE', EOF, { finish: true }),
    refuse('after the method', 'GET', EOF, { finish: true }),
    refuse('in the target', 'GET /ab', EOF, { finish: true }),
    refuse('in the version', 'GET / HTTP/1.', EOF, { finish: true }),
    refuse('after the request line', 'GET / HTTP/1.1\r\n', EOF, { finish: true }),
    refuse('in a name', 'GET / HTTP/1.1\r\nHo', EOF, { finish: true }),
    refuse('in a value', 'GET / HTTP/1.1\r\nHost: h', EOF, { finish: true }),
    refuse('after a field', 'GET / HTTP/1.1\r\nHost: h\r\n', EOF, { finish: true }),
    refuse('before the last LF', 'GET / HTTP/1.1\r\nHost: h\r\n\r', EOF, { finish: true }),
    refuse('after a request, in the next one', `${get()}GET /`, saw('GET / @h') + EOF, {
      finish: true,
    }),
    refuse('after a request', get(), saw('GET / @h'), { finish: true }),
    refuse('at once', '', '', { finish: true }),
    refuse('after an empty line', '\r\n', '', { finish: true }),
  ),
];
