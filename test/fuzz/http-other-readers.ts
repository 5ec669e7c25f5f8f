/** The readers that netfd is compared with: node:http, whose parser is llhttp, and http-parser-js. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Duplex } from 'node:stream';
import { HTTPParser } from 'http-parser-js';
import { type Ending, pairs, pieces, type Reading, type SeenRequest } from './http-reading.ts';

/** A socket that gets what is pushed, and forgets what is written. */
class Pushed extends Duplex {
  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, callback: () => void): void {
    callback();
  }
}

/** One connection's requests, and how it ended. */
interface Session {
  readonly messages: IncomingMessage[];
  /** Of each message that is complete: after how many bytes it was. */
  readonly ends: number[];
  ending: Ending;
  why: string;
}

/**
 * A server of node:http as it is by default, over streams in memory. It reads what is pushed at once, and
 * nobody answers: its parser goes on all the same.
 */
export class NodeReader implements Disposable {
  readonly #server: Server = createServer({
    insecureHTTPParser: false,
    requireHostHeader: false,
  });
  #session: Session = newSession();

  constructor() {
    const refuse = (why: string) => (): void => this.#end('refused', why);
    this.#server.on('request', (message) => this.#take(message));
    this.#server.on('checkContinue', (message) => this.#take(message));
    this.#server.on('checkExpectation', refuse('417'));
    this.#server.on('clientError', (error: Error & { code?: string }) => {
      this.#end('refused', error.code ?? error.message);
    });
    this.#server.on('connect', (message) => {
      this.#take(message);
      this.#end('tunnel');
    });
  }

  /** Where a request ends is told as one of `cuts`, the first one at which it was complete. */
  async read(bytes: Buffer, cuts: readonly number[]): Promise<Reading> {
    const session = (this.#session = newSession());
    const socket = new Pushed();
    this.#server.emit('connection', socket);
    // The server listens for data from the next turn of the queue on, and then it comes at once.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    let at = 0;
    for (const piece of pieces(bytes, cuts)) {
      if (session.ending !== 'more') break;
      socket.push(piece);
      at += piece.length;
      while (session.messages[session.ends.length]?.complete === true) session.ends.push(at);
    }
    const requests = session.ends.map((end, i) => seenBy(session.messages[i]!, end));
    const partial = session.messages.length > requests.length;
    socket.destroy();
    // Whether something of a next request has come is not told.
    const ending = session.ending === 'more' && partial ? 'partial' : session.ending;
    return { requests, ending, why: session.why };
  }

  #take(message: IncomingMessage): void {
    if (this.#session.ending !== 'more') return;
    // As the server does by default, but by a reply, which would have to wait for those before.
    const { httpVersion, headers } = message;
    if (httpVersion === '1.1' && headers.host === undefined) this.#end('refused', 'no Host');
    else this.#session.messages.push(message);
  }

  #end(ending: Ending, why = ''): void {
    if (this.#session.ending !== 'more') return;
    this.#session.ending = ending;
    this.#session.why = why;
  }

  [Symbol.dispose](): void {
    this.#server.close();
  }
}

function newSession(): Session {
  return { messages: [], ends: [], ending: 'more', why: '' };
}

function seenBy(message: IncomingMessage, end: number): SeenRequest {
  // Node before 26 gives all that is there at once, later ones a piece at a time.
  const body: Buffer[] = [];
  for (let part; (part = message.read() as Buffer | null) !== null;) body.push(part);
  return {
    method: message.method ?? '',
    target: message.url ?? '',
    minor: Math.min(1, message.httpVersionMinor),
    fields: pairs(message.rawHeaders),
    body: Buffer.concat(body).toString('latin1'),
    trailers: pairs(message.rawTrailers),
    end,
  };
}

// As it comes bytes are cut to seven bits, and some become line ends.
HTTPParser.encoding = 'latin1';

/** http-parser-js: a parser alone, with neither limits nor an opinion about Host. */
export function readAsParserJS(bytes: Buffer, cuts: readonly number[]): Reading {
  const parser = new HTTPParser(HTTPParser.REQUEST) as unknown as Parser;
  const requests: SeenRequest[] = [];
  for (const state of ['BODY_SIZED', 'BODY_CHUNK'] as const) {
    const goOn = parser[state];
    parser[state] = () => {
      // It goes back in its input then, and never ends.
      if (!(parser.body_bytes >= 0)) throw new Error('a length that is none');
      goOn.call(parser);
    };
  }
  let before = 0;
  let tunnel = false;
  let current: Omit<SeenRequest, 'end'> | null = null;
  parser[HTTPParser.kOnHeadersComplete] = (info) => {
    const method = HTTPParser.methods[info.method] ?? '';
    const fields = pairs(info.headers);
    current = {
      method,
      target: info.url,
      minor: Math.min(1, info.versionMinor),
      fields,
      body: '',
      trailers: [],
    };
    tunnel ||= info.upgrade;
    return info.upgrade ? 2 : 0;
  };
  parser[HTTPParser.kOnBody] = (data) => {
    current = { ...current!, body: current!.body + data.toString('latin1') };
  };
  parser[HTTPParser.kOnHeaders] = (trailers) => {
    current = { ...current!, trailers: pairs(trailers) };
  };
  parser[HTTPParser.kOnMessageComplete] = () => {
    requests.push({ ...current!, end: before + parser.offset });
    current = null;
  };
  for (const piece of pieces(bytes, cuts)) {
    const result = parser.execute(piece);
    if (result instanceof Error) return { requests, ending: 'refused', why: result.message };
    if (tunnel) return { requests, ending: 'tunnel', why: '' };
    before += piece.length;
  }
  return { requests, ending: parser.state === 'REQUEST_LINE' ? 'more' : 'partial', why: '' };
}

/** The parts that are used, which its own types do not name. */
interface Parser {
  readonly offset: number;
  readonly state: string;
  readonly body_bytes: number;
  BODY_SIZED: () => void;
  BODY_CHUNK: () => void;
  execute(chunk: Buffer): number | Error;
  [HTTPParser.kOnHeaders]: (trailers: string[]) => void;
  [HTTPParser.kOnHeadersComplete]: (info: HeadInfo) => number;
  [HTTPParser.kOnBody]: (data: Buffer) => void;
  [HTTPParser.kOnMessageComplete]: () => void;
}

interface HeadInfo {
  readonly method: number;
  readonly url: string;
  readonly versionMinor: number;
  readonly headers: string[];
  readonly upgrade: boolean;
}
