/** Who closes when, and what comes before a body: Connection, HTTP/1.0, Expect, Upgrade. */
import {
  type Bare,
  BAD,
  CHUNKED,
  CONTINUE,
  EXPECTATION,
  get,
  head,
  last,
  noTunnel,
  post,
  refuse,
  saw,
  sawAnd,
  section,
  served,
  shown,
  type WireCase,
} from './case.ts';

function stays(...values: readonly string[]): Bare {
  const fields = values.map((value) => `Connection: ${value}`);
  const seen = values.map((value) => `Connection: ${value.trim()}`);
  return served(`stays: ${shown(values.join(' | '))}`, get(...fields), saw('GET / @h', ...seen));
}

function closes(...values: readonly string[]): Bare {
  const fields = values.map((value) => `Connection: ${value}`);
  const seen = values.map((value) => `Connection: ${value.trim()}`);
  return served(
    `closes: ${shown(values.join(' | '))}`,
    get(...fields) + get(),
    last('GET / @h', ...seen),
    { open: false },
  );
}

function old(...fields: readonly string[]): string {
  return head('GET / HTTP/1.0', ...fields);
}

function oldStays(value: string): Bare {
  const field = `Connection: ${value}`;
  return served(`stays: ${shown(value)}`, old(field), oldReply(field));
}

/** What the echo answers to HTTP/1.0 on a connection that stays. */
function oldReply(...seen: readonly string[]): string {
  return sawAnd(['Connection: keep-alive'], 'GET / @ HTTP/1.0', ...seen);
}

function oldCloses(...fields: readonly string[]): Bare {
  return served(
    `closes: ${shown(fields.join(' | '))}`,
    old(...fields) + get(),
    last('GET / @ HTTP/1.0', ...fields),
    { open: false },
  );
}

const EXPECT = 'Expect: 100-continue';
const LENGTH = 'Content-Length: 3';

export const connectionCases: readonly WireCase[] = [
  ...section(
    'RFC 9112, 9.3: an HTTP/1.1 connection stays unless one side says close',
    served('without a word', get(), saw('GET / @h')),
    stays('keep-alive'),
    stays('Keep-Alive'),
    stays('upgrade'),
    stays(''),
    stays(','),
    stays(' , ,'),
    stays('closed'),
    stays('clos'),
    stays('xclose'),
    stays('close-x'),
    stays('close;q=1'),
    stays('"close"'),
    stays('close close'),
    stays('close=1'),
    stays('not close'),
    stays('keep-alive, te'),
    stays('TE', 'keep-alive'),
    stays('clo\xf3e'),
    closes('close'),
    closes('Close'),
    closes('CLOSE'),
    closes('  close\t'),
    closes('close,'),
    closes(',close'),
    closes('a, close'),
    closes('a,close,b'),
    closes('a\t,\tclose\t,\tb'),
    closes('keep-alive, close'),
    closes('close, keep-alive'),
    closes('keep-alive', 'close'),
    closes('close', 'keep-alive'),
    closes('upgrade', '', 'close'),
  ),

  ...section(
    'RFC 9112, 9.3: an HTTP/1.0 connection closes unless the client says keep-alive',
    oldStays('keep-alive'),
    oldStays('Keep-Alive'),
    oldStays('KEEP-ALIVE, te'),
    oldStays('a,keep-alive'),
    served(
      'stays, twice',
      old('Connection: keep-alive') + old('Connection: keep-alive'),
      oldReply('Connection: keep-alive').repeat(2),
    ),
    oldCloses(),
    oldCloses('Connection: close'),
    oldCloses('Connection: keep-alive, close'),
    oldCloses('Connection: close, keep-alive'),
    oldCloses('Connection: keep-alive', 'Connection: close'),
    oldCloses('Connection: keep-alived'),
    oldCloses('Keep-Alive: timeout=5'),
    oldCloses('Connection: upgrade'),
    served(
      'keep-alive and a body',
      `${head('POST / HTTP/1.0', 'Connection: keep-alive', LENGTH)}abc${get()}`,
      sawAnd(
        ['Connection: keep-alive'],
        'POST / @ HTTP/1.0',
        'Connection: keep-alive',
        LENGTH,
        '=3 abc',
      ) + saw('GET / @h'),
    ),
  ),

  ...section(
    'RFC 9112, 9.6: nothing after a close is looked at',
    served('a request', get('Connection: close') + get(), last('GET / @h', 'Connection: close'), {
      open: false,
    }),
    served(
      'what is no request',
      `${get('Connection: close')}\0\0\0`,
      last('GET / @h', 'Connection: close'),
      {
        open: false,
      },
    ),
    served(
      'after a body',
      `${post('abc', LENGTH, 'Connection: close')}x`,
      last('POST / @h', LENGTH, 'Connection: close', '=3 abc'),
      { open: false },
    ),
    served('after a refusal', `GET\r\n\r\n${get()}`, BAD, { open: false }),
    served(
      'the handler says close',
      head('GET /close HTTP/1.1', 'Host: h') + get(),
      `${head('HTTP/1.1 200 OK', 'Connection: close', 'Date: *', 'Content-Length: 5', 'Content-Type: text/plain; charset=utf-8')}short`,
      { open: false },
    ),
  ),

  ...section(
    'RFC 9110, 10.1.1: Expect: 100-continue is answered before the body is read, in HTTP/1.1 alone',
    served(
      'a length',
      post('abc', EXPECT, LENGTH),
      CONTINUE + saw('POST / @h', EXPECT, LENGTH, '=3 abc'),
    ),
    served(
      'chunks',
      post('3\r\nabc\r\n0\r\n\r\n', EXPECT, CHUNKED),
      CONTINUE + saw('POST / @h', EXPECT, CHUNKED, '=-1 abc'),
    ),
    served(
      'in another case',
      post('abc', 'EXPECT: 100-Continue', LENGTH),
      CONTINUE + saw('POST / @h', 'Expect: 100-Continue', LENGTH, '=3 abc'),
    ),
    served(
      'said twice',
      post('abc', EXPECT, EXPECT, LENGTH),
      CONTINUE + saw('POST / @h', EXPECT, EXPECT, LENGTH, '=3 abc'),
    ),
    served('no body', get(EXPECT), saw('GET / @h', EXPECT)),
    served(
      'an empty body',
      post('', EXPECT, 'Content-Length: 0'),
      saw('POST / @h', EXPECT, 'Content-Length: 0'),
    ),
    served(
      'HTTP/1.0',
      `${head('POST / HTTP/1.0', EXPECT, LENGTH)}abc`,
      last('POST / @ HTTP/1.0', EXPECT, LENGTH, '=3 abc'),
      { open: false },
    ),
    served(
      'a body that nobody asks for is not waited for',
      head('POST /skip HTTP/1.1', 'Host: h', EXPECT, LENGTH),
      sawAnd(['Connection: close'], 'skipped'),
      { open: false },
    ),
    served(
      'a body that nobody asks for is no request',
      head('POST /skip HTTP/1.1', 'Host: h', EXPECT, `Content-Length: ${get().length}`) + get(),
      sawAnd(['Connection: close'], 'skipped'),
      { open: false },
    ),
    served(
      'two in a row',
      post('abc', EXPECT, LENGTH).repeat(2),
      (CONTINUE + saw('POST / @h', EXPECT, LENGTH, '=3 abc')).repeat(2),
    ),
    refuse('a body that is malformed', post('x', EXPECT, CHUNKED), CONTINUE + BAD),
  ),

  ...section(
    'RFC 9110, 10.1.1: another expectation is answered with 417',
    ...[
      '200-ok',
      '100',
      'continue',
      '100-continu',
      '100-continuee',
      '100 continue',
      '100-continue;a',
      'x',
    ].map((value) => refuse(shown(value), post('abc', `Expect: ${value}`, LENGTH), EXPECTATION)),
    ...[
      'x, 100-continue',
      '100-continue, x',
      '"100-continue"',
      '\xb100-continue',
      '100_continue',
    ].map((value) => refuse(shown(value), post('abc', `Expect: ${value}`, LENGTH), EXPECTATION)),
    refuse('a good one and another', post('abc', EXPECT, 'Expect: x', LENGTH), EXPECTATION),
    refuse('in HTTP/1.0', head('GET / HTTP/1.0', 'Expect: x'), EXPECTATION),
  ),

  ...section(
    'RFC 9110, 7.8: an Upgrade that nobody takes is a field like others',
    ...['websocket', 'h2c', 'TLS/1.0', 'HTTP/2.0, IRC/6.9'].map((value) =>
      served(
        value,
        get('Connection: Upgrade', `Upgrade: ${value}`) + get(),
        saw('GET / @h', 'Connection: Upgrade', `Upgrade: ${value}`) + saw('GET / @h'),
      ),
    ),
    served(
      'with a body',
      post('abc', 'Connection: Upgrade', 'Upgrade: x', LENGTH) + get(),
      saw('POST / @h', 'Connection: Upgrade', 'Upgrade: x', LENGTH, '=3 abc') + saw('GET / @h'),
    ),
    served(
      'with settings of HTTP/2',
      get('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'),
      saw(
        'GET / @h',
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'Http2-Settings: AAMAAABk',
      ),
    ),
    served('without Connection', get('Upgrade: x'), saw('GET / @h', 'Upgrade: x')),
    served(
      'and close',
      get('Connection: upgrade, close', 'Upgrade: x'),
      last('GET / @h', 'Connection: upgrade, close', 'Upgrade: x'),
      { open: false },
    ),
    served(
      'CONNECT that nobody takes',
      head('CONNECT t:1 HTTP/1.1', 'Host: t:1') + get(),
      noTunnel('CONNECT t:1 @t:1') + saw('GET / @h'),
    ),
  ),
];
