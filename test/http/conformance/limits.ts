/** Limits: at the bound, and one past it. Of lines, heads, fields, bodies, trailers and framing. */
import {
  BAD,
  type Bare,
  BAD_NAME,
  chunk,
  CHUNKED,
  coded,
  get,
  head,
  LARGE_BODY,
  LONG_HEAD,
  LONG_METHOD,
  LONG_TARGET,
  post,
  refuse,
  saw,
  sawChunks,
  section,
  served,
  shown,
  type WireCase,
} from './case.ts';

const HEAD = { options: { maxHeaderBytes: 80 } };
const LINE = { options: { maxRequestLine: 20 } };
const FIELDS = { options: { maxHeaders: 3 } };
const BODY = { options: { maxBodyBytes: 5 } };
const NO_BODY = { options: { maxBodyBytes: 0 } };

/** A head of so many bytes. */
function sized(count: number): string {
  const rest = get('A: ').length;
  return get(`A: ${'v'.repeat(count - rest)}`);
}

/** Chunks of one byte, with an extension of so many bytes. */
function padded(chunks: number, extension: number): string {
  return coded(`1;${'e'.repeat(extension - 1)}\r\nx\r\n`.repeat(chunks) + '0\r\n\r\n');
}

const fields = (count: number): string[] => Array.from({ length: count }, (_, i) => `T${i}: v`);

function trailer(lines: readonly string[]): string {
  return coded(`0\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`);
}

/** The same of a body that nobody reads: its failure has no reply of its own. */
function unread(trailerLines: string): Bare {
  const name = trailerLines.length > 200 ? `${trailerLines.length} bytes` : trailerLines;
  return refuse(
    `not read, and too much: ${shown(name)}`,
    `${head('POST /skip HTTP/1.1', 'Host: h', CHUNKED)}0\r\n${trailerLines}`,
    saw('skipped'),
  );
}

export const limitCases: readonly WireCase[] = [
  ...section(
    'maxHeaderBytes: of a head with its empty line',
    served(
      '79 of 80',
      sized(79),
      saw('GET / @h', `A: ${'v'.repeat(79 - get('A: ').length)}`),
      HEAD,
    ),
    served(
      '80 of 80',
      sized(80),
      saw('GET / @h', `A: ${'v'.repeat(80 - get('A: ').length)}`),
      HEAD,
    ),
    refuse('81 of 80', sized(81), LONG_HEAD, HEAD),
    refuse('many more', sized(500), LONG_HEAD, HEAD),
    refuse('without an end', sized(500).slice(0, -4), LONG_HEAD, HEAD),
    refuse('a name without an end', `GET / HTTP/1.1\r\n${'N'.repeat(100)}`, LONG_HEAD, HEAD),
    served(
      'the empty lines before it count: 80',
      `\r\n${sized(78)}`,
      saw('GET / @h', `A: ${'v'.repeat(78 - get('A: ').length)}`),
      HEAD,
    ),
    refuse('the empty lines before it count: 81', `\r\n${sized(79)}`, LONG_HEAD, HEAD),
    served(
      'each of many',
      sized(80).repeat(4),
      saw('GET / @h', `A: ${'v'.repeat(80 - get('A: ').length)}`).repeat(4),
      HEAD,
    ),
    served(
      'a body is not of it',
      post('x'.repeat(100), 'Content-Length: 100'),
      saw('POST / @h', 'Content-Length: 100', `=100 ${'x'.repeat(100)}`),
      HEAD,
    ),
    refuse('a target without an end', `GET /${'a'.repeat(200)}`, LONG_TARGET, HEAD),
    refuse(
      'a target with an end',
      head(`GET /${'a'.repeat(200)} HTTP/1.1`, 'Host: h'),
      LONG_TARGET,
      HEAD,
    ),
    refuse('a method without an end', 'M'.repeat(200), LONG_METHOD, HEAD),
    refuse(
      'what is malformed comes first',
      `GET / HTTP/1.1\r\nA b${'c'.repeat(200)}`,
      BAD_NAME,
      HEAD,
    ),
  ),

  ...section(
    'maxRequestLine: of a request line without its end',
    served('20 of 20', head('GET /345678 HTTP/1.1', 'Host: h'), saw('GET /345678 @h'), LINE),
    refuse('21 of 20', head('GET /3456789 HTTP/1.1', 'Host: h'), LONG_TARGET, LINE),
    refuse('without an end', 'GET /34567890123456789', LONG_TARGET, LINE),
    refuse(
      'what is wrong behind it does not count',
      head('GET /345678901234567890 \0', 'Host: h'),
      LONG_TARGET,
      LINE,
    ),
    refuse(
      'what is wrong within it does',
      head('GET /\x005678901234567 HTTP/1.1', 'Host: h'),
      BAD,
      LINE,
    ),
    served(
      'empty lines before it do not count',
      `\r\n${head('GET /345678 HTTP/1.1', 'Host: h')}`,
      saw('GET /345678 @h'),
      LINE,
    ),
    served(
      '16384 of 16384',
      head(`GET /${'a'.repeat(16_370)} HTTP/1.1`, 'Host: h'),
      saw(`GET /${'a'.repeat(16_370)} @h`),
    ),
    refuse('16385 of 16384', head(`GET /${'a'.repeat(16_371)} HTTP/1.1`, 'Host: h'), LONG_TARGET),
  ),

  ...section(
    'maxHeaders: fields of a head',
    served('3 of 3', get('A: 1', 'B: 2'), saw('GET / @h', 'A: 1', 'B: 2'), FIELDS),
    refuse('4 of 3', get('A: 1', 'B: 2', 'C: 3'), LONG_HEAD, FIELDS),
    refuse(
      '4 of 3, without an end',
      `GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(3)}C`,
      LONG_HEAD,
      FIELDS,
    ),
    served('1000 of 1000', get(...fields(999)), saw('GET / @h', ...fields(999))),
    refuse('1001 of 1000', get(...fields(1000)), LONG_HEAD),
    served(
      'those of a trailer are not of them',
      trailer(['A: 1', 'B: 2']),
      sawChunks('', 'A: 1', 'B: 2'),
      FIELDS,
    ),
  ),

  ...section(
    'maxBodyBytes: of a body, without its framing',
    served(
      'a length of 5 of 5',
      post('12345', 'Content-Length: 5'),
      saw('POST / @h', 'Content-Length: 5', '=5 12345'),
      BODY,
    ),
    refuse('a length of 6 of 5', post('123456', 'Content-Length: 6'), LARGE_BODY, BODY),
    refuse('a length of 6, and no byte of it', post('', 'Content-Length: 6'), LARGE_BODY, BODY),
    refuse('2^53 - 1', post('', 'Content-Length: 9007199254740991'), LARGE_BODY, BODY),
    served(
      'chunks of 5 of 5',
      coded(`${chunk('123')}${chunk('45')}0\r\n\r\n`),
      sawChunks('12345'),
      BODY,
    ),
    refuse('chunks of 6 of 5', coded(`${chunk('123')}${chunk('456')}0\r\n\r\n`), LARGE_BODY, BODY),
    refuse('a chunk of 6 of 5', coded(`${chunk('123456')}0\r\n\r\n`), LARGE_BODY, BODY),
    served(
      'a trailer is not of it',
      coded(`${chunk('12345')}0\r\nA: 12345\r\n\r\n`),
      sawChunks('12345', 'A: 12345'),
      BODY,
    ),
    served('none at all: no body', get(), saw('GET / @h'), NO_BODY),
    served(
      'none at all: an empty body',
      post('', 'Content-Length: 0'),
      saw('POST / @h', 'Content-Length: 0'),
      NO_BODY,
    ),
    served('none at all: no chunk', coded('0\r\n\r\n'), sawChunks(''), NO_BODY),
    refuse('none at all: one byte', post('x', 'Content-Length: 1'), LARGE_BODY, NO_BODY),
    refuse('none at all: a chunk of one byte', coded('1\r\nx\r\n0\r\n\r\n'), LARGE_BODY, NO_BODY),
    served(
      'a second body has a limit of its own',
      post('12345', 'Content-Length: 5').repeat(3),
      saw('POST / @h', 'Content-Length: 5', '=5 12345').repeat(3),
      BODY,
    ),
  ),

  ...section(
    'a line before a chunk has 4096 bytes at most',
    served('4096', coded(`${`3;${'e'.repeat(4092)}`}\r\nabc\r\n0\r\n\r\n`), sawChunks('abc')),
    refuse('4097', coded(`${`3;${'e'.repeat(4093)}`}\r\nabc\r\n0\r\n\r\n`)),
    refuse('without an end', coded(`3;${'e'.repeat(5000)}`)),
    refuse('blanks without an end', coded(`3${' '.repeat(5000)}`)),
  ),

  ...section(
    'framing may exceed 16 bytes a chunk and twice the data by 16 KiB',
    // Each chunk has a line of 1002 bytes with its CRLF; 16 and 2 of them are free.
    served('16 chunks with extensions', padded(16, 999), sawChunks('x'.repeat(16))),
    refuse('17 chunks with extensions', padded(17, 999)),
    served(
      '4000 chunks of one byte',
      coded(`${'1\r\nx\r\n'.repeat(4000)}0\r\n\r\n`),
      sawChunks('x'.repeat(4000)),
    ),
  ),

  ...section(
    'a trailer has 4096 bytes and 100 fields at most',
    served('100 fields', trailer(fields(100)), sawChunks('', ...fields(100))),
    unread(
      fields(101)
        .map((line) => `${line}\r\n`)
        .join(''),
    ),
    served(
      '4096 bytes',
      trailer([`A: ${'v'.repeat(4091)}`]),
      sawChunks('', `A: ${'v'.repeat(4091)}`),
    ),
    unread(`A: ${'v'.repeat(4092)}\r\n`),
    unread(`A: ${'v'.repeat(5000)}`),
    unread('A'.repeat(5001)),
  ),

  ...section(
    'the defaults: 64 KiB of a head',
    served(
      '65536 bytes',
      sized(65536),
      saw('GET / @h', `A: ${'v'.repeat(65536 - get('A: ').length)}`),
    ),
    refuse('65537 bytes', sized(65537), LONG_HEAD),
    served(
      'a body of 200000 bytes',
      post('x'.repeat(200_000), 'Content-Length: 200000'),
      saw('POST / @h', 'Content-Length: 200000', `=200000 ${'x'.repeat(200_000)}`),
    ),
    served(
      'a chunk of 200000 bytes',
      coded(`${chunk('x'.repeat(200_000))}0\r\n\r\n`),
      sawChunks('x'.repeat(200_000)),
    ),
    refuse(
      'a body that is not read and too long to be',
      head('POST /skip HTTP/1.1', 'Host: h', 'Content-Length: 262145'),
      saw('skipped').replace('Date: *', 'Date: *\r\nConnection: close'),
    ),
    served(
      'a body that is not read, just not too long',
      `${head('POST /skip HTTP/1.1', 'Host: h', 'Content-Length: 262144')}${'x'.repeat(262_144)}`,
      saw('skipped'),
    ),
    refuse(
      'chunks that are not read and too long to be',
      `${head('POST /skip HTTP/1.1', 'Host: h', CHUNKED)}${chunk('x'.repeat(300_000))}0\r\n\r\n`,
      saw('skipped'),
    ),
  ),
];
