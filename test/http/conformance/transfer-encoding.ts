/**
 * Transfer-Encoding: "chunked" alone, in HTTP/1.1, without a length. Whatever else one reader could take
 * for it and another not is refused.
 */
import {
  type Bare,
  BAD_CODING,
  BAD_LENGTH,
  BAD_NAME,
  BAD_VALUE,
  BOTH,
  CHUNKED,
  coded,
  head,
  last,
  OLD_CODING,
  post,
  refuse,
  saw,
  sawChunks,
  section,
  served,
  shown,
  type WireCase,
} from './case.ts';

const BODY = '3\r\nabc\r\n0\r\n\r\n';

function good(line: string): Bare {
  const value = line.slice(line.indexOf(':') + 1).trim();
  return served(
    shown(line),
    post(BODY, line),
    saw('POST / @h', `Transfer-Encoding: ${value}`, '=-1 abc'),
  );
}

function bad(value: string, reply = BAD_CODING): Bare {
  return refuse(
    `Transfer-Encoding:${shown(value)}`,
    post(BODY, `Transfer-Encoding:${value}`),
    reply,
  );
}

/** A line that is not the field, so that there is no body and the chunks are the next request. */
function other(line: string, seen: string): Bare {
  return served(shown(line), post('', line), saw('POST / @h', seen));
}

/** Both a coding and a length, in both orders. */
function withLength(coding: string, length: string, reply: string): Bare[] {
  const field = `Content-Length: ${length}`;
  return [
    refuse(`${shown(coding)} and a length of ${shown(length)}`, post(BODY, coding, field), reply),
    refuse(`a length of ${shown(length)} and ${shown(coding)}`, post(BODY, field, coding), reply),
  ];
}

export const transferEncodingCases: readonly WireCase[] = [
  ...section(
    'RFC 9112, 7: the names of codings are without regard to case',
    ...['chunked', 'Chunked', 'CHUNKED', 'cHuNkEd'].map((value) =>
      good(`Transfer-Encoding: ${value}`),
    ),
    good('transfer-encoding: chunked'),
    good('TRANSFER-ENCODING: chunked'),
    good('Transfer-Encoding:chunked'),
    good('Transfer-Encoding:\tchunked'),
    good('Transfer-Encoding:  chunked  '),
    good('Transfer-Encoding: chunked\t'),
  ),

  ...section(
    'RFC 9112, 6.1: a coding that is not understood is answered with 501',
    ...[
      '',
      ' ',
      ' \t',
      ' gzip',
      ' deflate',
      ' compress',
      ' identity',
      ' br',
      ' x-gzip',
      ' Identity',
    ].map((value) => bad(value)),
    ...[
      ' gzip, chunked',
      ' chunked, gzip',
      ' identity, chunked',
      ' chunked, identity',
      ' gzip,chunked',
    ].map((value) => bad(value)),
    ...[
      ' chunked, chunked',
      ' chunked,chunked',
      ' chunked chunked',
      ' chunked,',
      ' ,chunked',
      ' ,',
    ].map((value) => bad(value)),
    ...[
      ' chunked;',
      ' chunked;q=1',
      ' chunked ;a',
      ' chunked; a="b"',
      ' chunked/1',
      ' chunked()',
    ].map((value) => bad(value)),
    ...[
      ' xchunked',
      ' x-chunked',
      ' chunkedx',
      ' chunke',
      ' hunked',
      ' chunk',
      ' chunkeds',
      ' c',
    ].map((value) => bad(value)),
    ...[
      ' "chunked"',
      " 'chunked'",
      ' [chunked]',
      ' chunked"',
      ' \\chunked',
      ' chunked.',
      ' chunked:',
    ].map((value) => bad(value)),
    ...[
      ' chun ked',
      ' c hunked',
      ' chunked x',
      ' x chunked',
      ' chunked\tx',
      ' %63hunked',
      ' \xefchunked',
    ].map((value) => bad(value)),
    // The Kelvin sign is no "k", and a no-break space no blank.
    ...[' chun\xe2\x84\xaaed', ' chunked\xa0', '\xa0chunked', ' chunked\xff', ' \x85chunked'].map(
      (value) => bad(value),
    ),
    // As bytes these differ from letters in the bit of the case alone.
    ...[' \x43HUN[ED', ' chunke$', ' {hunked', ' chun+ed'].map((value) => bad(value)),
  ),

  ...section(
    'RFC 9110, 5.5: control characters are in no value',
    ...['\x0bchunked', ' \x0bchunked', ' chunked\x0b', ' \x0cchunked', ' chunked\x0c'].map(
      (value) => bad(value, BAD_VALUE),
    ),
    ...[
      ' chunked\0',
      ' \0chunked',
      ' chun\0ked',
      ' \x1fchunked',
      ' chunked\x7f',
      ' chunked\x08',
    ].map((value) => bad(value, BAD_VALUE)),
    bad(' chunked\r', BAD_VALUE),
    bad(' chunked\n', BAD_VALUE),
    bad('\nchunked', BAD_VALUE),
    bad('\rchunked', BAD_VALUE),
    bad('\n chunked', BAD_VALUE),
  ),

  ...section(
    'RFC 9112, 5.1 and 5.2: neither a blank before the colon nor folding hides it',
    ...[
      'Transfer-Encoding : chunked',
      'Transfer-Encoding\t: chunked',
      ' Transfer-Encoding: chunked',
    ].map((line) => refuse(shown(line), post(BODY, line), BAD_NAME)),
    ...['\tTransfer-Encoding: chunked', 'Transfer-Encoding', 'Transfer-Encoding chunked'].map(
      (line) => refuse(shown(line), post(BODY, line), BAD_NAME),
    ),
    ...[
      'Transfer-Encoding\0: chunked',
      'Transfer Encoding: chunked',
      'Transfer-Encoding\x0b: chunked',
    ].map((line) => refuse(shown(line), post(BODY, line), BAD_NAME)),
    ...[
      '\xa0Transfer-Encoding: chunked',
      'Transfer\r\n-Encoding: chunked',
      '\x0bTransfer-Encoding: chunked',
    ].map((line) => refuse(shown(line), post(BODY, line), BAD_NAME)),
    refuse('folded before', post(BODY, 'Transfer-Encoding:', ' chunked'), BAD_CODING),
    refuse('folded after', post(BODY, 'Transfer-Encoding: chunked', ' ,gzip'), BAD_NAME),
    refuse('in a folded line', post(BODY, 'A: b', ' Transfer-Encoding: chunked'), BAD_NAME),
    refuse('behind CR', post(BODY, 'A: b\rTransfer-Encoding: chunked'), BAD_VALUE),
    refuse('behind LF', post(BODY, 'A: b\nTransfer-Encoding: chunked'), BAD_VALUE),
  ),

  ...section(
    'RFC 9112, 6.1: said once',
    refuse('twice', post(BODY, CHUNKED, CHUNKED), BAD_CODING),
    refuse('twice, in another case', post(BODY, CHUNKED, 'TRANSFER-ENCODING: Chunked'), BAD_CODING),
    ...['identity', 'gzip', '', 'xchunked', 'chunked, chunked'].flatMap((value) => [
      refuse(
        `chunked, then ${shown(value)}`,
        post(BODY, CHUNKED, `Transfer-Encoding: ${value}`),
        BAD_CODING,
      ),
      refuse(
        `${shown(value)}, then chunked`,
        post(BODY, `Transfer-Encoding: ${value}`, CHUNKED),
        BAD_CODING,
      ),
    ]),
  ),

  ...section(
    'RFC 9112, 6.1: never beside a length, and not in HTTP/1.0',
    ...withLength(CHUNKED, '13', BOTH),
    ...withLength(CHUNKED, '0', BOTH),
    ...withLength('transfer-encoding:CHUNKED', '3', BOTH),
    ...withLength('Transfer-Encoding: identity', '13', BAD_CODING),
    ...withLength('Transfer-Encoding:', '13', BAD_CODING),
    ...withLength(CHUNKED, 'x', BAD_LENGTH),
    refuse('HTTP/1.0', `${head('POST / HTTP/1.0', CHUNKED)}${BODY}`, OLD_CODING),
    refuse(
      'HTTP/1.0 and keep-alive',
      `${head('POST / HTTP/1.0', 'Connection: keep-alive', CHUNKED)}${BODY}`,
      OLD_CODING,
    ),
    refuse(
      'HTTP/1.0 and a length',
      `${head('POST / HTTP/1.0', 'Content-Length: 3', CHUNKED)}${BODY}`,
      OLD_CODING,
    ),
    served(
      'HTTP/1.0 and a length alone',
      `${head('POST / HTTP/1.0', 'Content-Length: 3')}abc`,
      last('POST / @ HTTP/1.0', 'Content-Length: 3', '=3 abc'),
      { open: false },
    ),
  ),

  ...section(
    'names that are only like it are other fields',
    other('Transfer_Encoding: chunked', 'Transfer_encoding: chunked'),
    other('Transfer-Encodin: chunked', 'Transfer-Encodin: chunked'),
    other('Transfer-Encodings: chunked', 'Transfer-Encodings: chunked'),
    other('X-Transfer-Encoding: chunked', 'X-Transfer-Encoding: chunked'),
    other('Transfer.Encoding: chunked', 'Transfer.encoding: chunked'),
    other('Content-Encoding: chunked', 'Content-Encoding: chunked'),
    other('TE: chunked', 'Te: chunked'),
    other('Connection: Transfer-Encoding', 'Connection: Transfer-Encoding'),
    other('A: Transfer-Encoding: chunked', 'A: Transfer-Encoding: chunked'),
    served(
      'TE beside it',
      coded(BODY, 'TE: trailers'),
      saw('POST / @h', CHUNKED, 'Te: trailers', '=-1 abc'),
    ),
    served(
      'named by Connection',
      coded(BODY, 'Connection: transfer-encoding'),
      saw('POST / @h', CHUNKED, 'Connection: transfer-encoding', '=-1 abc'),
    ),
    served('alone', coded(BODY), sawChunks('abc')),
  ),
];
