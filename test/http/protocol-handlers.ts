/** Handlers that use what is less usual in HTTP/1.1, by path; protocol-cases.ts asks for them. */
import { HttpError } from '../../src/http/errors.ts';
import type { HandlerFunc, ResponseWriter, ServerRequest } from '../../src/http/handler.ts';

/** Sets these fields, writes `body`, and then sets those. */
function trailing(
  before: Readonly<Record<string, string>>,
  body: string,
  after: Readonly<Record<string, string>>,
): HandlerFunc {
  return (w) => {
    for (const [name, value] of Object.entries(before)) w.header().set(name, value);
    if (body !== '') void w.write(body);
    for (const [name, value] of Object.entries(after)) w.header().set(name, value);
  };
}

function status(code: number, fields: Readonly<Record<string, string>> = {}): HandlerFunc {
  return (w) => {
    for (const [name, value] of Object.entries(fields)) w.header().set(name, value);
    w.writeHeader(code);
  };
}

/** Speaks another protocol: what comes goes back, until the client finishes. */
async function switched(w: ResponseWriter, _r: ServerRequest): Promise<void> {
  const { conn, buffered } = w.hijack();
  await conn.write(buffered);
  const buf = new Uint8Array(100);
  for (let count = await conn.read(buf); count !== null; count = await conn.read(buf)) {
    await conn.write(buf.subarray(0, count));
  }
  conn.close();
}

export const protocolHandlers: Readonly<Record<string, HandlerFunc>> = {
  // ---- trailers
  '/trailer': trailing({ Trailer: 'X-Sum' }, 'abc', { 'X-Sum': '6' }),
  '/trailer-long': trailing({ Trailer: 'X-Sum' }, 'x'.repeat(3000), { 'X-Sum': '3000' }),
  '/trailer-late': trailing({}, 'x'.repeat(3000), { 'Trailer:X-Late': '1', 'Trailer:X-More': '2' }),
  '/trailer-both': trailing({ Trailer: 'X-A, x-b', 'X-C': 'head' }, 'abc', {
    'X-A': 'a',
    'X-B': 'b',
    'Trailer:X-D': 'd',
  }),
  '/trailer-unset': trailing({ Trailer: 'X-Sum, X-Other' }, 'abc', { 'X-Other': '1' }),
  '/trailer-forbidden': trailing(
    { Trailer: 'Content-Length, X-Sum, Host, If-Match, a b, Set-Cookie' },
    'abc',
    { 'X-Sum': '6', Host: 'y', 'If-Match': '"z"', 'Trailer:Content-Type': 'x/y' },
  ),
  '/trailer-only-forbidden': trailing({ Trailer: 'Transfer-Encoding' }, 'abc', {}),
  '/trailer-length': trailing({ Trailer: 'X-Sum', 'Content-Length': '3' }, 'abc', { 'X-Sum': '6' }),
  '/trailer-204': (w) => {
    w.header().set('Trailer', 'X-Sum');
    w.header().set('Trailer:X-Late', '1');
    w.header().set('X-Sum', '6');
    w.writeHeader(204);
  },
  '/trailer-identity': trailing({ Trailer: 'X-Sum', 'Transfer-Encoding': 'identity' }, 'abc', {
    'X-Sum': '6',
  }),

  // ---- statuses
  '/205': status(205),
  '/205-length': status(205, { 'Content-Length': '6', 'Transfer-Encoding': 'chunked' }),
  '/205-flush': async (w) => {
    w.writeHeader(205);
    await w.flush();
  },
  '/102': (w) => {
    w.writeHeader(102);
    w.writeHeader(102);
    void w.write('hello');
  },
  '/hints': async (w) => {
    const header = w.header();
    header.set('Link', '</a.css>');
    header.set('Content-Length', 5);
    header.set('Trailer:X', '1');
    w.writeHeader(103);
    header.delete('Trailer:X');
    header.add('Link', '</b.js>');
    w.writeHeader(103);
    header.delete('Link');
    await w.write('hello');
  },
  '/100': async (w, r) => {
    w.writeHeader(100);
    w.writeHeader(100);
    await w.write(await r.body.text());
  },
  '/odd-status': () => {
    throw new HttpError('of no use', 'ERR_ODD', 204);
  },

  // ---- persistence
  '/says-keep-alive': trailing({ Connection: 'keep-alive' }, 'hello', {}),
  '/says-option': trailing({ Connection: 'X-Hop', 'X-Hop': '1' }, 'hello', {}),
  '/says-close-second': (w) => {
    w.header().add('Connection', 'X-Hop');
    w.header().add('Connection', 'Close');
    void w.write('hello');
  },

  // ---- other protocols
  'tunnel:443': async (w, r) => {
    w.header().set('Content-Length', 5);
    w.header().set('Transfer-Encoding', 'chunked');
    w.header().set('Trailer', 'X-Sum');
    w.writeHeader(200);
    await w.flush();
    await switched(w, r);
  },
  'no:443': (w) => {
    w.writeHeader(403);
    void w.write('no');
  },
  'empty:443': () => {},
  '/upgrade': async (w, r) => {
    const options = r.header.values('Connection').join(',').toLowerCase();
    if (!/(^|,)\s*upgrade\s*(,|$)/.test(options) || r.header.get('Upgrade') !== 'echo') {
      w.header().set('Connection', 'Upgrade');
      w.header().set('Upgrade', 'echo');
      w.writeHeader(426);
      return;
    }
    w.header().set('Connection', 'Upgrade');
    w.header().set('Upgrade', 'echo');
    w.writeHeader(101);
    await w.flush();
    await switched(w, r);
  },
  '/101': (w) => w.writeHeader(101),

  // ---- bodies
  '/duplex': async (w, r) => {
    w.enableFullDuplex();
    await w.flush();
    await w.write(await r.body.bytes());
  },
  '/reply-first': async (w) => {
    await w.write('first');
    await w.flush();
  },
};
