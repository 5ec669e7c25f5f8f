/**
 * The handlers of the Go program that test/golden/http_wire.jsonl was recorded with, one for each path and
 * written as that program has it: what differs in the replies is the server's doing. Values are Go's in
 * print, too: `%q` is JSON here, which is the same for what the cases send.
 */
import { ErrAbortHandler } from '../../src/http/errors.ts';
import type { HandlerFunc, ResponseWriter, ServerRequest } from '../../src/http/handler.ts';
import { error, redirect } from '../../src/http/replies.ts';
import { ServeMux } from '../../src/http/mux/serve-mux.ts';

/** Go's strings are bytes: what came as latin1 goes back as the bytes that it stands for. */
function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The fields by name, as `%v` prints a map, each with its values as `show` prints them. */
function fields(header: ServerRequest['header'], show: (values: string[]) => string): string[] {
  const names = [...new Set([...header].map(([name]) => name))].sort();
  return names.map((name) => `${name}${show(header.values(name))}`);
}

function info(w: ResponseWriter, r: ServerRequest): Promise<number> {
  const close = /\bclose\b/i.test(r.header.get('Connection') ?? '');
  const header = fields(r.header, (values) => `=[${values.map(quoted).join(' ')}]`);
  return w.write(
    bytes(
      `${r.method} uri=${quoted(r.target)} path=${quoted(r.path)} rawquery=${quoted(r.rawQuery)} ` +
        `host=${quoted(r.host)} proto=${r.proto} close=${close} hdr=[${header.join(' ')}]`,
    ),
  );
}

async function echo(w: ResponseWriter, r: ServerRequest): Promise<void> {
  let body = '';
  let failure = '<nil>';
  try {
    for await (const part of r.body) body += Buffer.from(part).toString('latin1');
  } catch (thrown) {
    failure = (thrown as Error).message;
  }
  const coding = r.contentLength < 0 ? 'chunked' : '';
  const trailer = fields(r.trailer, (values) => `:[${values.join(' ')}]`);
  await w.write(
    `len=${body.length} err=${failure} CL=${r.contentLength} TE=[${coding}] ` +
      `trailer=map[${trailer.join(' ')}] body=${quoted(body.slice(0, 40))}`,
  );
}

async function untilGone(_w: ResponseWriter, r: ServerRequest): Promise<void> {
  const { signal } = r;
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

async function hijack(w: ResponseWriter): Promise<void> {
  const { conn, buffered } = w.hijack();
  await conn.write(`HIJACKED err=<nil> buffered=${quoted(Buffer.from(buffered).toString())}`);
  await w.write('x').catch(() => {});
  conn.close();
}

/** A handler that sets these fields and writes `body`. */
function replying(body: string, set: Readonly<Record<string, string>>): HandlerFunc {
  return (w) => {
    for (const [name, value] of Object.entries(set)) w.header().set(name, value);
    void w.write(body);
  };
}

/** A handler that sets these fields and a status. */
function statusOf(status: number, set: Readonly<Record<string, string>> = {}): HandlerFunc {
  return (w) => {
    for (const [name, value] of Object.entries(set)) w.header().set(name, value);
    w.writeHeader(status);
  };
}

const HANDLERS: Readonly<Record<string, HandlerFunc>> = {
  '/hello': replying('hello\n', {}),
  '/empty': () => {},
  '/noct': (w) => {
    w.header().suppress('Content-Type');
    void w.write('x');
  },
  '/echo': echo,
  '/info': info,
  '/flush': async (w) => {
    void w.write('a');
    await w.flush();
    void w.write('b');
  },
  '/flush0': (w) => w.flush(),
  '/clmore': replying('hello!', { 'Content-Length': '5' }),
  '/clbad': replying('hello', { 'Content-Length': 'x5' }),
  '/204': (w) => {
    w.writeHeader(204);
    void w.write('x');
  },
  '/204hdr': statusOf(204, { 'Content-Length': '0', 'Content-Type': 'text/x' }),
  '/103': (w) => {
    w.header().set('Link', '</a.css>');
    w.writeHeader(103);
    w.writeHeader(103);
    void w.write('done');
  },
  '/twice': (w) => {
    w.writeHeader(202);
    w.writeHeader(500);
  },
  '/777': statusOf(777),
  '/code0': statusOf(0),
  '/teid': replying('ident', { 'Transfer-Encoding': 'identity' }),
  '/techunk': replying('chunk', { 'Transfer-Encoding': 'chunked' }),
  '/tegzip': replying('zz', { 'Transfer-Encoding': 'gzip' }),
  '/techunkcl': replying('hello', { 'Transfer-Encoding': 'chunked', 'Content-Length': '5' }),
  '/html': replying('  <html><p>', {}),
  '/png': (w) => void w.write(bytes('\x89PNG\r\n\x1a\nxx')),
  '/bin': (w) => void w.write(new Uint8Array([0, 1, 2])),
  '/json': replying('{"a":1}', {}),
  '/gzipenc': replying('x', { 'Content-Encoding': 'gzip' }),
  '/order': (w) => {
    const header = w.header();
    header.set('Zed', '1');
    header.add('Abc', '2');
    header.add('Abc', '3');
    header.set('lower', 'x');
    header.set('Date', 'D');
    header.set('Content-Length', '1');
    void w.write('x');
  },
  '/crlf': replying('x', { X: 'a\r\nInjected: 1 \n', 'Bad Name': 'v' }),
  '/panic': () => {
    throw new Error('boom');
  },
  '/abort': () => {
    throw ErrAbortHandler;
  },
  '/fpanic': async (w) => {
    void w.write('part');
    await w.flush();
    throw ErrAbortHandler;
  },
  '/hijack': hijack,
  '/ctx': untilGone,
  '/redirect': (w, r) => redirect(w, r, 'other?x=1', 302),
  '/error': (w) => error(w, 'bad thing', 418),
  '/tree/': (w, r) => void w.write(`tree ${r.path}`),
  '/tree/exact': replying('exact', {}),
  'hosty.test/h': replying('host-specific', {}),
  '/h': replying('generic', {}),
};

export function goldenMux(): ServeMux {
  const mux = new ServeMux();
  for (const [pattern, handler] of Object.entries(HANDLERS)) mux.handleFunc(pattern, handler);
  return mux;
}
