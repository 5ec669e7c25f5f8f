/**
 * The handler of the conformance cases. It answers with what the server has made of the request: see
 * `saw` in case.ts. A few paths have other answers, for what is about replies.
 */
import type { ResponseWriter, ServerRequest } from '../../../src/http/handler.ts';

type Answer = (w: ResponseWriter, r: ServerRequest) => void | Promise<unknown>;

/** All of a request that a reply can tell. The body only if there may be one. */
function echo(w: ResponseWriter, r: ServerRequest): void | Promise<unknown> {
  if (r.contentLength === 0) return send(w, r, '');
  return r.body.bytes().then((body) => {
    return send(w, r, `\n=${r.contentLength} ${Buffer.from(body).toString('latin1')}`);
  });
}

function send(w: ResponseWriter, r: ServerRequest, body: string): void {
  const lines = [`${r.method} ${r.target} @${r.host}`];
  if (r.proto !== 'HTTP/1.1') lines[0] += ` ${r.proto}`;
  for (const [name, value] of r.header) lines.push(`${name}: ${value}`);
  // There is no tunnel here; only a refusal of one is a reply like others.
  if (r.method === 'CONNECT') w.writeHeader(405);
  const trailer = [...r.trailer].map(([name, value]) => `\n+${name}: ${value}`);
  reply(w, lines.join('\n') + body + trailer.join(''));
}

function reply(w: ResponseWriter, text: string): void {
  w.header().set('Content-Type', 'text/plain');
  w.header().set('Content-Length', text.length);
  void w.write(Buffer.from(text, 'latin1'));
}

/** More than is held back until the length is known. */
export const LONG: string = `${'0123456789'.repeat(300)}end`;

const answers: Readonly<Record<string, Answer>> = {
  /** What the target is made of. */
  '/parts': (w, r) => reply(w, `path ${r.path}\nquery ${r.rawQuery}`),
  '/skip': (w) => reply(w, 'skipped'),
  /** The body, and nothing of the trailer. */
  '/body': async (w, r) => reply(w, Buffer.from(await r.body.bytes()).toString('latin1')),
  '/nothing': () => {},
  '/short': (w) => void w.write('short'),
  '/long': (w) => void w.write(LONG),
  '/flushed': async (w) => {
    await w.write('one');
    await w.flush();
    await w.write('two');
  },
  '/204': (w) => w.writeHeader(204),
  '/204-length': (w) => {
    w.header().set('Content-Length', 5);
    w.writeHeader(204);
  },
  '/304': (w) => w.writeHeader(304),
  '/304-length': (w) => {
    w.header().set('Content-Length', 5);
    w.writeHeader(304);
  },
  '/hints': async (w) => {
    w.header().set('Link', '</a>');
    w.writeHeader(103);
    w.header().delete('Link');
    w.writeHeader(102);
    await w.write('short');
  },
  '/close': (w) => {
    w.header().set('Connection', 'close');
    void w.write('short');
  },
  '/declared': async (w) => {
    w.header().set('Content-Length', 6);
    await w.flush();
    await w.write('onetwo');
  },
  '/status-418': (w) => {
    w.writeHeader(418);
    void w.write('short');
  },
};

/** Answers by the path, whatever stands behind a semicolon in it. */
export function answer(w: ResponseWriter, r: ServerRequest): void | Promise<unknown> {
  const path = r.path.startsWith('/parts') ? '/parts' : r.path;
  return (answers[path] ?? echo)(w, r);
}
