/**
 * Requests that two servers on one path could cut at different places: the published classes, each with a
 * request for /smuggled in what one of the two takes for a body. All that is ambiguous is refused; where
 * the standard says which of the two is right, the reply shows that it was read so, and nothing is hidden.
 */
import {
  type Bare,
  BAD,
  BAD_CODING,
  BAD_LENGTH,
  BAD_NAME,
  BAD_VALUE,
  BOTH,
  CHUNKED,
  coded,
  codedBody,
  EXPECTATION,
  get,
  head,
  last,
  OLD_CODING,
  post,
  refuse,
  saw,
  sawAnd,
  sawChunks,
  section,
  served,
  shown,
  TWO_HOSTS,
  type WireCase,
} from './case.ts';

const HIDDEN: string = head('GET /smuggled HTTP/1.1', 'Host: h');
/** By a length it is all body; by chunks the second request stands behind the end. */
const BY_LENGTH = `0\r\n\r\n${HIDDEN}`;
/** By chunks it is all body; by a length of 4 the second request comes next. */
const BY_CHUNKS = `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`;
const ALL = `Content-Length: ${BY_LENGTH.length}`;
const FOUR = 'Content-Length: 4';

/** What the echo sees of a body that holds all of it. */
function whole(body: string, ...fields: readonly string[]): string {
  return saw('POST / @h', ...fields, `=${body.length} ${body}`);
}

/** A coding that one may see and the other not, in both directions. */
function obscured(line: string, reply: string): Bare[] {
  return [
    refuse(`CL.TE: ${shown(line)}`, post(BY_LENGTH, ALL, line), reply),
    refuse(`TE.CL: ${shown(line)}`, post(BY_CHUNKS, line, FOUR), reply),
  ];
}

/** Two codings of which one may be overlooked. */
function twice(line: string, reply: string): Bare[] {
  return [
    refuse(`TE.TE: chunked, then ${shown(line)}`, post(BY_CHUNKS, FOUR, CHUNKED, line), reply),
    refuse(`TE.TE: ${shown(line)}, then chunked`, post(BY_CHUNKS, FOUR, line, CHUNKED), reply),
  ];
}

/** A length that one may take for 0, or for none. */
function zero(line: string, reply: string): Bare {
  return refuse(`CL.0: ${shown(line)}`, post(HIDDEN, line), reply);
}

export const smugglingCases: readonly WireCase[] = [
  ...section(
    'CL.TE and TE.CL: a length and a coding (RFC 9112, 6.1)',
    ...obscured(CHUNKED, BOTH),
    ...obscured('transfer-encoding: CHUNKED', BOTH),
    ...obscured('Transfer-Encoding:chunked', BOTH),
    ...obscured('Transfer-Encoding:\tchunked', BOTH),
    refuse('CL.TE in HTTP/1.0', `${head('POST / HTTP/1.0', ALL, CHUNKED)}${BY_LENGTH}`, OLD_CODING),
    refuse(
      'TE.CL in HTTP/1.0 with keep-alive',
      `${head('POST / HTTP/1.0', 'Connection: keep-alive', CHUNKED, FOUR)}${BY_CHUNKS}`,
      OLD_CODING,
    ),
    refuse(
      'CL.TE in a GET',
      `${head('GET / HTTP/1.1', 'Host: h', ALL, CHUNKED)}${BY_LENGTH}`,
      BOTH,
    ),
    refuse(
      'CL.TE with Connection: Content-Length',
      post(BY_LENGTH, 'Connection: Content-Length', ALL, CHUNKED),
      BOTH,
    ),
    refuse('CL.TE with close', post(BY_LENGTH, 'Connection: close', ALL, CHUNKED), BOTH),
  ),

  ...section(
    'TE.TE: a coding that is written so that one of two servers does not know it',
    ...[
      'xchunked',
      'chunked-x',
      '"chunked"',
      'chunked, identity',
      'identity, chunked',
      'chunk',
      'x',
    ].flatMap((value) => obscured(`Transfer-Encoding: ${value}`, BAD_CODING)),
    ...['identity', 'x', 'cow', 'chunked', ''].flatMap((value) =>
      twice(`Transfer-Encoding: ${value}`, BAD_CODING),
    ),
    ...obscured('Transfer-Encoding : chunked', BAD_NAME),
    ...obscured(' Transfer-Encoding: chunked', BAD_NAME),
    ...obscured('X: x\nTransfer-Encoding: chunked', BAD_VALUE),
    ...obscured('X: x\rTransfer-Encoding: chunked', BAD_VALUE),
    ...obscured('Transfer-Encoding\r\n : chunked', BAD_NAME),
    ...obscured('Transfer-Encoding:\n chunked', BAD_VALUE),
    ...obscured('Transfer-Encoding: \x0bchunked', BAD_VALUE),
    ...obscured('Transfer-Encoding: chunked\x0c', BAD_VALUE),
    ...obscured('Transfer-Encoding: \0chunked', BAD_VALUE),
    ...obscured('\0Transfer-Encoding: chunked', BAD_NAME),
    ...obscured('Transfer-Encoding: chunked\x85', BAD_CODING),
    ...obscured('X: \x01\r\nTransfer-Encoding: chunked', BAD_VALUE),
    ...twice('Transfer-encoding : x', BAD_NAME).slice(1),
    ...twice('Transfer-Encoding\t: x', BAD_NAME).slice(1),
    // These are other fields for everybody, so the length counts.
    ...['Transfer_Encoding', 'Transfer-Encoding-X', 'X-Transfer-Encoding', 'Content-Encoding'].map(
      (name) =>
        served(
          `${name} is another field`,
          post(BY_LENGTH, ALL, `${name}: chunked`),
          whole(BY_LENGTH, ALL, `${name.replace('_E', '_e')}: chunked`),
        ),
    ),
  ),

  ...section(
    'CL.CL: two lengths',
    refuse(
      'the first is right',
      post(HIDDEN, `Content-Length: ${HIDDEN.length}`, 'Content-Length: 0'),
      BAD_LENGTH,
    ),
    refuse(
      'the second is right',
      post(HIDDEN, 'Content-Length: 0', `Content-Length: ${HIDDEN.length}`),
      BAD_LENGTH,
    ),
    refuse('in a list', post(HIDDEN, `Content-Length: 0, ${HIDDEN.length}`), BAD_LENGTH),
    refuse('one with a blank before the colon', post(HIDDEN, 'Content-Length : 0'), BAD_NAME),
    refuse('one on a folded line', post(HIDDEN, 'A: b', ' Content-Length: 0'), BAD_NAME),
    refuse('one behind LF', post(HIDDEN, 'A: b\nContent-Length: 0'), BAD_VALUE),
    refuse('one behind CR', post(HIDDEN, 'A: b\rContent-Length: 0'), BAD_VALUE),
  ),

  ...section(
    'CL.0 and 0.CL: a length that one takes for none',
    ...[
      'Content-Length: +0',
      'Content-Length: 0x34',
      'Content-Length: 52abc',
      'Content-Length: 5 2',
    ].map((line) => zero(line, BAD_LENGTH)),
    ...[
      'Content-Length:',
      'Content-Length: -0',
      'Content-Length: 0,52',
      'Content-Length: "52"',
    ].map((line) => zero(line, BAD_LENGTH)),
    zero('Content-Length\0: 52', BAD_NAME),
    zero('\x0bContent-Length: 52', BAD_NAME),
    zero('Content-Length: \x0b52', BAD_VALUE),
    zero(' Content-Length: 52', BAD_NAME),
    served(
      'CL.0: a body of GET is a body',
      head('GET / HTTP/1.1', 'Host: h', `Content-Length: ${HIDDEN.length}`) + HIDDEN,
      saw('GET / @h', `Content-Length: ${HIDDEN.length}`, `=${HIDDEN.length} ${HIDDEN}`),
    ),
    served(
      'CL.0: a body of OPTIONS * is a body',
      head('OPTIONS * HTTP/1.1', 'Host: h', `Content-Length: ${HIDDEN.length}`) + HIDDEN,
      head('HTTP/1.1 200 OK', 'Content-Length: 0', 'Date: *'),
    ),
    served(
      'CL.0: a body that is not read is a body',
      head('POST /skip HTTP/1.1', 'Host: h', `Content-Length: ${HIDDEN.length}`) + HIDDEN,
      saw('skipped'),
    ),
    served(
      'CL.0: a body of a reply without one is a body',
      head('POST /204 HTTP/1.1', 'Host: h', `Content-Length: ${HIDDEN.length}`) + HIDDEN,
      head('HTTP/1.1 204 No Content', 'Date: *'),
    ),
    served(
      'CL.0: a body beside Upgrade is a body',
      post(HIDDEN, 'Connection: Upgrade', 'Upgrade: h2c', `Content-Length: ${HIDDEN.length}`),
      whole(HIDDEN, 'Connection: Upgrade', 'Upgrade: h2c', `Content-Length: ${HIDDEN.length}`),
    ),
    served(
      '0.CL: leading zeros are no octal',
      post(HIDDEN, `Content-Length: 0${HIDDEN.length}`),
      whole(HIDDEN, `Content-Length: 0${HIDDEN.length}`),
    ),
    served(
      'Expect and CL: the body that nobody asks for is no request',
      head(
        'POST /skip HTTP/1.1',
        'Host: h',
        'Expect: 100-continue',
        `Content-Length: ${HIDDEN.length}`,
      ) + HIDDEN,
      sawAnd(['Connection: close'], 'skipped'),
      { open: false },
    ),
    ...['y 100-continue', '100-continue y', '100-continue, 100-continue'].map((value) =>
      refuse(
        `an obscured Expect: ${value}`,
        post(HIDDEN, `Expect: ${value}`, `Content-Length: ${HIDDEN.length}`),
        EXPECTATION,
      ),
    ),
  ),

  ...section(
    'a request in the body that is meant for the next one',
    served(
      'by a length',
      post(HIDDEN, `Content-Length: ${HIDDEN.length}`) + get(),
      whole(HIDDEN, `Content-Length: ${HIDDEN.length}`) + saw('GET / @h'),
    ),
    served('by chunks', coded(BY_CHUNKS) + get(), sawChunks(HIDDEN) + saw('GET / @h')),
    served(
      'behind chunks it is the next one',
      coded(BY_LENGTH),
      sawChunks('') + saw('GET /smuggled @h'),
    ),
    served(
      'behind no body it is the next one',
      post(HIDDEN, 'Content-Length: 0'),
      saw('POST / @h', 'Content-Length: 0') + saw('GET /smuggled @h'),
    ),
    served(
      'behind close it is nothing',
      post(HIDDEN, 'Content-Length: 0', 'Connection: close'),
      last('POST / @h', 'Content-Length: 0', 'Connection: close'),
      { open: false },
    ),
    refuse('behind a refusal it is nothing', post(HIDDEN, 'Content-Length: x'), BAD_LENGTH),
  ),

  ...section(
    'chunks that two servers cut differently: in the size, the extension, the line end, the trailer',
    ...['5 ', '5\t', '0x5', '+5', '-5', '5,', '5_', '5\0', '\x0b5', '5\x0c', '5 5', '0 5'].map(
      (size) => refuse(`size ${shown(size)}`, coded(`${size}\r\n12345\r\n${BY_LENGTH}`)),
    ),
    ...['10000000000000005', '100000005'.padStart(17, '0'), 'fffffffffffffffb'].map((size) =>
      refuse(`a size that wraps: ${size}`, coded(`${size}\r\n12345\r\n${BY_LENGTH}`)),
    ),
    refuse('TERM.EXT: LF in an extension', coded(`2;\nxx\r\n34\r\n${HIDDEN}\r\n0\r\n\r\n`)),
    refuse('EXT.TERM: CR in an extension', coded(`2;\rxx\r\n34\r\n${HIDDEN}\r\n0\r\n\r\n`)),
    refuse('EXT.TERM: CR in quotes', coded(`2;a="\r"\r\nxx\r\n0\r\n\r\n`)),
    refuse('TERM.SPILL: LF ends the data', coded(`5\r\n12345\n0\r\n\r\n${HIDDEN}`)),
    refuse('SPILL.TERM: data past the size', coded(`5\r\n12345AA0\r\n\r\n${HIDDEN}`)),
    refuse('two bytes for the line end', coded(`5\r\n12345XX0\r\n\r\n${HIDDEN}`)),
    refuse('LF ends the size', coded(`5\n12345\r\n${BY_LENGTH}`)),
    refuse('LF ends the last size', coded(`5\r\n12345\r\n0\n\r\n${HIDDEN}`)),
    refuse('LF for the last line', coded(`5\r\n12345\r\n0\r\n\n${HIDDEN}`)),
    refuse('CR for the last line', coded(`5\r\n12345\r\n0\r\n\r${HIDDEN}`)),
    served(
      'a request as a trailer is read as one',
      coded(`0\r\nA: b\r\n\r\n${HIDDEN}`),
      sawChunks('', 'A: b') + saw('GET /smuggled @h'),
    ),
    refuse('a request line as a trailer', coded(`0\r\n${HIDDEN}`)),
    served(
      'a length as a trailer is none',
      codedBody(`0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`),
      saw('') + saw('GET /smuggled @h'),
    ),
    served(
      'a coding as a trailer is none',
      codedBody(`0\r\nTransfer-Encoding: chunked\r\n\r\n${HIDDEN}`),
      saw('') + saw('GET /smuggled @h'),
    ),
    refuse('a folded trailer', coded(`0\r\nA: b\r\n Content-Length: 4\r\n\r\n${HIDDEN}`)),
  ),

  ...section(
    'lines that two servers end differently',
    refuse('LF LF ends the head', `GET / HTTP/1.1\r\nHost: h\n\n${HIDDEN}`, BAD_VALUE),
    refuse('CR CR ends the head', `GET / HTTP/1.1\r\nHost: h\r\r${HIDDEN}`, BAD_VALUE),
    refuse('LF CRLF ends the head', `GET / HTTP/1.1\r\nHost: h\n\r\n${HIDDEN}`, BAD_VALUE),
    refuse('CRLF LF ends the head', `GET / HTTP/1.1\r\nHost: h\r\n\n${HIDDEN}`, BAD_NAME),
    refuse('CRLF CR ends the head', `GET / HTTP/1.1\r\nHost: h\r\n\r${HIDDEN}`),
    refuse(
      'NUL ends a value',
      get(`A: b\0\r\nContent-Length: ${HIDDEN.length}`) + HIDDEN,
      BAD_VALUE,
    ),
    refuse('a head in a value', get(`A: b\n\n${HIDDEN.trimEnd()}`), BAD_VALUE),
    refuse('a request line in a target', `GET /\r\nA: HTTP/1.1\r\nHost: h\r\n\r\n`),
    refuse('an escaped line end is none', head('GET /%0d%0aA:%20b HTTP/1.1\nA: b', 'Host: h')),
    served(
      'an escaped line end in a target',
      head('GET /%0d%0aA:%20b HTTP/1.1', 'Host: h'),
      saw('GET /%0d%0aA:%20b @h'),
    ),
    refuse(
      'bytes that end in LF as UTF-16',
      head('GET / HTTP/1.1', 'Host: h\x01\n', 'A: b'),
      BAD_VALUE,
    ),
  ),

  ...section(
    'which host is asked',
    refuse('two Hosts', head('GET / HTTP/1.1', 'Host: a', 'Host: b') + HIDDEN, TWO_HOSTS),
    refuse(
      'a blank before the colon',
      head('GET / HTTP/1.1', 'Host: a', 'Host : b') + HIDDEN,
      BAD_NAME,
    ),
    refuse('a folded second one', head('GET / HTTP/1.1', 'Host: a', ' Host: b') + HIDDEN, BAD_NAME),
    refuse(
      'a first line that begins with a blank',
      head('GET / HTTP/1.1', ' Host: a', 'Host: b') + HIDDEN,
      BAD_NAME,
    ),
    served(
      'the target before the field',
      head('GET http://a/ HTTP/1.1', 'Host: b'),
      saw('GET http://a/ @a'),
    ),
    refuse('a user that looks like a host', head('GET http://a@b/ HTTP/1.1', 'Host: a')),
    refuse('a host behind a backslash', head('GET http:\\\\a/ HTTP/1.1', 'Host: b')),
  ),

  ...section(
    'a request that only another protocol has',
    refuse(
      'a second request line',
      `GET / HTTP/1.1\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n`,
      BAD_NAME,
    ),
    refuse('a pseudo field of HTTP/2', get(':path: /smuggled'), BAD_NAME),
    refuse('a version that ends in a field', `GET / HTTP/1.1 A: b\r\nHost: h\r\n\r\n`, BAD),
    refuse('HTTP/0.9 and a request', `GET /\r\n${HIDDEN}`, BAD),
  ),
];
