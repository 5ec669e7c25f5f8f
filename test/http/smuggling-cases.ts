/**
 * Requests whose end two readers could see at two places. Each carries a second request, for the target
 * /smuggled, in what one of the readers would take for the body. All are refused; nothing after the head
 * is ever looked at. RFC 9112 sections 6.1, 6.3 and 11.2.
 */
import { BAD, bad, get, good, head, ok, post, type RawCase, refused } from './raw-cases.ts';

const BOTH: string = refused(BAD, 'both Transfer-Encoding and Content-Length');
const CODING: string = refused('501 Not Implemented', 'unsupported transfer encoding');
const NAME: string = refused(BAD, 'invalid header name');
const VALUE: string = refused(BAD, 'invalid header value');
const LENGTH: string = refused(BAD, 'bad Content-Length');
const OLD: string = refused(BAD, 'Transfer-Encoding in an HTTP/1.0 request');

const SMUGGLED: string = get('/smuggled');
const CHUNKED = 'Transfer-Encoding: chunked';

/** For a reader that goes by the length the second request is body; by the chunks it is not. */
const BY_LENGTH = `0\r\n\r\n${SMUGGLED}`;
/** The other way round. */
const BY_CHUNKS = `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`;

const CL_TE = `Content-Length: ${BY_LENGTH.length}`;
const TE_CL = 'Content-Length: 4';

/** A field that one reader could take for chunked and another could not, alone and with a length. */
function coding(field: string, reply: string): RawCase[] {
  const name = JSON.stringify(field);
  return [
    bad(`${name}`, post(BY_LENGTH, field), reply),
    bad(`${name} after a length`, post(BY_LENGTH, CL_TE, field), reply),
    bad(`${name} before a length`, post(BY_CHUNKS, field, TE_CL), reply),
  ];
}

/** Together with a good one, before and after it. */
function withChunked(field: string, before: string, after = before): RawCase[] {
  const name = JSON.stringify(field);
  return [
    bad(`${name} before chunked`, post(BY_LENGTH, field, CHUNKED), before),
    bad(`${name} after chunked`, post(BY_LENGTH, CHUNKED, field), after),
  ];
}

const OTHER_CODINGS: readonly string[] = [
  'gzip',
  'identity',
  'gzip, chunked',
  'chunked, gzip',
  'chunked, identity',
  'identity, chunked',
  'chunked, chunked',
  'chunked,',
  ', chunked',
  'chunked;',
  'chunked;q=1',
  'xchunked',
  'chunkedx',
  'chunke',
  'chunked chunked',
  '"chunked"',
  "'chunked'",
  'chun ked',
  'chunked\xa0',
  '\xa0chunked',
  '',
];

export const smugglingCases: readonly RawCase[] = [
  bad('a length, then chunked', post(BY_LENGTH, CL_TE, CHUNKED), BOTH),
  bad('chunked, then a length', post(BY_LENGTH, CHUNKED, CL_TE), BOTH),
  bad('chunked, then a short length', post(BY_CHUNKS, CHUNKED, TE_CL), BOTH),
  bad('a short length, then chunked', post(BY_CHUNKS, TE_CL, CHUNKED), BOTH),
  bad('a length of 0, then chunked', post(BY_LENGTH, 'Content-Length: 0', CHUNKED), BOTH),
  bad('GET with both', `${get('/hello', CL_TE, CHUNKED)}${BY_LENGTH}`, BOTH),
  bad('both, with a tab', post(BY_LENGTH, CL_TE, 'Transfer-Encoding:\tchunked'), BOTH),
  bad('both, with a tab after', post(BY_LENGTH, CL_TE, 'Transfer-Encoding: chunked\t'), BOTH),

  bad('two lengths', post(BY_LENGTH, 'Content-Length: 0', CL_TE), LENGTH),
  bad('two lengths, the other way round', post(BY_LENGTH, CL_TE, 'Content-Length: 0'), LENGTH),
  bad('a list of lengths', post(BY_LENGTH, `Content-Length: 0, ${BY_LENGTH.length}`), LENGTH),
  bad('a length and a bad one', post(BY_LENGTH, CL_TE, 'Content-Length: +0'), LENGTH),
  bad('a length with a space before the colon', post(BY_LENGTH, 'Content-Length : 0'), NAME),
  bad('a folded length', post(BY_LENGTH, 'Content-Length:', ' 5'), LENGTH),

  ...OTHER_CODINGS.flatMap((value) => coding(`Transfer-Encoding: ${value}`, CODING)),
  ...coding('Transfer-Encoding : chunked', NAME),
  ...coding('Transfer-Encoding\t: chunked', NAME),
  ...coding(' Transfer-Encoding: chunked', NAME),
  ...coding('\tTransfer-Encoding: chunked', NAME),
  ...coding('Transfer-Encoding', NAME),
  ...coding('Transfer Encoding: chunked', NAME),
  ...coding('Transfer-Encoding\0: chunked', NAME),
  ...coding('Transfer-Encoding: chunked\0', VALUE),
  ...coding('Transfer-Encoding: \x0bchunked', VALUE),
  ...coding('Transfer-Encoding: \x0cchunked', VALUE),
  ...coding('Transfer-Encoding: chunked\r', VALUE),
  ...coding('A: b\rTransfer-Encoding: chunked', VALUE),
  ...coding('A: b\nTransfer-Encoding: chunked', VALUE),
  ...coding('Transfer-Encoding:\r\n chunked', CODING),
  ...coding('Transfer-Encoding\r\n: chunked', NAME),

  ...withChunked('Transfer-Encoding: chunked', CODING),
  ...withChunked('Transfer-Encoding: identity', CODING),
  ...withChunked('Transfer-Encoding: gzip', CODING),
  ...withChunked('Transfer-Encoding:', CODING),
  ...withChunked('Transfer-Encoding : x', NAME),

  bad('chunked in HTTP/1.0', `${head('POST /echo HTTP/1.0', CHUNKED)}${BY_LENGTH}`, OLD),
  bad(
    'chunked in HTTP/1.0 with keep-alive and a length',
    `${head('POST /echo HTTP/1.0', 'Connection: keep-alive', CL_TE, CHUNKED)}${BY_LENGTH}`,
    OLD,
  ),

  // Names that only look like it are other fields, and the length alone counts.
  good(
    'Transfer_Encoding',
    post(BY_LENGTH, CL_TE, 'Transfer_Encoding: chunked'),
    ok(`${BY_LENGTH.length} ${BY_LENGTH}`),
  ),
  good('TE', post('abc', 'Content-Length: 3', 'TE: chunked'), ok('3 abc')),
  good('X-Transfer-Encoding', post('abc', 'Content-Length: 3', `X-${CHUNKED}`), ok('3 abc')),

  // A body that is not as it should be is the last thing that is read of its connection.
  good('a body that fails', post(`x\r\n${SMUGGLED}`, CHUNKED), refused(BAD), { open: false }),
  good('an unread body that fails', `${get('/ignore', CHUNKED)}x\r\n${SMUGGLED}`, ok('ignored'), {
    open: false,
  }),
  good(
    'a size with a space in it',
    post(`5 0\r\n12345\r\n0\r\n\r\n${SMUGGLED}`, CHUNKED),
    refused(BAD),
    { open: false },
  ),
  good(
    'LF alone in an extension',
    post(`2;\nxx\r\n4c\r\n0\r\n\r\n${SMUGGLED}`, CHUNKED),
    refused(BAD),
    { open: false },
  ),
];
