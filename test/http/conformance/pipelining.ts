/** Requests that are sent without waiting: answered in their order, up to the first that is none. */
import {
  BAD,
  BAD_HOST,
  BAD_LENGTH,
  BAD_NAME,
  chunk,
  CHUNKED,
  coded,
  CONTINUE,
  get,
  head,
  last,
  post,
  refuse,
  saw,
  sawAnd,
  sawChunks,
  section,
  served,
  type WireCase,
} from './case.ts';

/** The requests of `count`, each a little different, and their replies. */
function numbered(count: number): { send: string; reply: string } {
  const targets = Array.from({ length: count }, (_, i) => `/${i}`);
  return {
    send: targets.map((target) => head(`GET ${target} HTTP/1.1`, 'Host: h')).join(''),
    reply: targets.map((target) => saw(`GET ${target} @h`)).join(''),
  };
}

/** The same one after the other, each of a kind of its own. */
const KINDS: readonly (readonly [string, string])[] = [
  [get(), saw('GET / @h')],
  [post('abc', 'Content-Length: 3'), saw('POST / @h', 'Content-Length: 3', '=3 abc')],
  [coded(`${chunk('ab')}0\r\n\r\n`), sawChunks('ab')],
  [coded('0\r\nA: b\r\n\r\n'), sawChunks('', 'A: b')],
  [
    head('HEAD / HTTP/1.1', 'Host: h'),
    head('HTTP/1.1 200 OK', 'Content-Type: text/plain', 'Content-Length: 9', 'Date: *'),
  ],
  [head('OPTIONS * HTTP/1.1', 'Host: h'), head('HTTP/1.1 200 OK', 'Content-Length: 0', 'Date: *')],
  [
    post('abc', 'Expect: 100-continue', 'Content-Length: 3'),
    CONTINUE + saw('POST / @h', 'Expect: 100-continue', 'Content-Length: 3', '=3 abc'),
  ],
  [head('GET /204 HTTP/1.1', 'Host: h'), head('HTTP/1.1 204 No Content', 'Date: *')],
  [`${head('POST /skip HTTP/1.1', 'Host: h', 'Content-Length: 3')}abc`, saw('skipped')],
];

const mixed = {
  send: KINDS.map(([send]) => send).join(''),
  reply: KINDS.map(([, reply]) => reply).join(''),
};

const skip = (body: string, ...fields: string[]): string => {
  return head('POST /skip HTTP/1.1', 'Host: h', ...fields) + body;
};

const ten = numbered(10);

export const pipeliningCases: readonly WireCase[] = [
  ...section(
    'RFC 9112, 9.3.2: replies come in the order of the requests',
    ...[2, 3, 10, 50].map((count) => {
      const { send, reply } = numbered(count);
      return served(`${count} requests`, send, reply);
    }),
    served('fifty that are equal', get().repeat(50), saw('GET / @h').repeat(50)),
    served(
      'two that take turns',
      (get() + head('GET /b HTTP/1.1', 'Host: h')).repeat(8),
      (saw('GET / @h') + saw('GET /b @h')).repeat(8),
    ),
    served('of every kind', mixed.send, mixed.reply),
    served(
      'of every kind, backwards',
      KINDS.map(([send]) => send)
        .toReversed()
        .join(''),
      KINDS.map(([, reply]) => reply)
        .toReversed()
        .join(''),
    ),
    served(
      'an empty line between',
      `${get()}\r\n${get()}\r\n\r\n${get()}`,
      saw('GET / @h').repeat(3),
    ),
    served(
      'four empty lines between',
      `${get()}${'\r\n'.repeat(4)}${get()}`,
      saw('GET / @h').repeat(2),
    ),
    refuse(
      'five empty lines between',
      `${get()}${'\r\n'.repeat(5)}${get()}`,
      saw('GET / @h') + BAD,
    ),
    ...KINDS.map(([send, reply], i) => {
      return served(
        `kind ${i}, twice, and then another`,
        send.repeat(2) + get(),
        reply.repeat(2) + saw('GET / @h'),
      );
    }),
  ),

  ...section(
    'RFC 9112, 9.3: what follows a bad request is not looked at, what came before is answered',
    refuse('a bad line in the middle', `${ten.send}GET\r\n\r\n${ten.send}`, ten.reply + BAD),
    refuse('a bad name in the middle', ten.send + get('A : b') + ten.send, ten.reply + BAD_NAME),
    refuse(
      'a bad Host in the middle',
      ten.send + head('GET / HTTP/1.1', 'Host: a b') + ten.send,
      ten.reply + BAD_HOST,
    ),
    refuse(
      'a bad length in the middle',
      ten.send + post('', 'Content-Length: x') + ten.send,
      ten.reply + BAD_LENGTH,
    ),
    refuse('bad chunks in the middle', `${ten.send}${coded('x')}${ten.send}`, ten.reply + BAD),
    refuse(
      'a bad target in the middle',
      `${ten.send}${head('GET a HTTP/1.1', 'Host: h')}${ten.send}`,
      ten.reply + BAD,
    ),
    refuse('NUL in the middle', `${ten.send}\0${ten.send}`, `${ten.reply}${BAD}`),
    served(
      'close in the middle',
      ten.send + get('Connection: close') + ten.send,
      ten.reply + last('GET / @h', 'Connection: close'),
      { open: false },
    ),
    served(
      'HTTP/1.0 in the middle',
      ten.send + head('GET / HTTP/1.0') + ten.send,
      ten.reply + last('GET / @ HTTP/1.0'),
      {
        open: false,
      },
    ),
  ),

  ...section(
    'RFC 9112, 9.3: a body that the handler does not read is read over before the next request',
    served('a length', skip('abc', 'Content-Length: 3') + get(), saw('skipped') + saw('GET / @h')),
    served(
      'chunks',
      skip('3\r\nabc\r\n0\r\n\r\n', CHUNKED) + get(),
      saw('skipped') + saw('GET / @h'),
    ),
    served(
      'a trailer',
      skip('0\r\nA: b\r\n\r\n', CHUNKED) + get(),
      saw('skipped') + saw('GET / @h'),
    ),
    served(
      'a request as a body',
      skip(get(), `Content-Length: ${get().length}`) + get(),
      saw('skipped') + saw('GET / @h'),
    ),
    served(
      'a request in a chunk',
      `${skip(chunk(get()), CHUNKED)}0\r\n\r\n${get()}`,
      saw('skipped') + saw('GET / @h'),
    ),
    served(
      'ten of them',
      skip(get(), `Content-Length: ${get().length}`).repeat(10) + get(),
      saw('skipped').repeat(10) + saw('GET / @h'),
    ),
    refuse('one that is malformed', skip('3\r\nabcd\r\n', CHUNKED) + get(), saw('skipped')),
    refuse('one that is not sent', skip('ab', 'Content-Length: 3'), saw('skipped'), {
      finish: true,
    }),
    served(
      'one that is too long to be read over',
      skip('', 'Content-Length: 262145') + get(),
      sawAnd(['Connection: close'], 'skipped'),
      { open: false },
    ),
  ),
];
