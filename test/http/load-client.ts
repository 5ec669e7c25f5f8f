/**
 * Clients that ask all the time and keep account of each request: whether it got a whole reply, and if not,
 * what happened instead. By node:net, so that nothing of what is tested counts for itself.
 */
import { connect, type Socket } from 'node:net';

/** What became of the requests that were sent whole. */
export class Account {
  /** Answered in full. */
  answered = 0;
  /** Of these, by a reply that says that it is the last one. */
  last = 0;
  /** A part of a reply, and no more. */
  cut = 0;
  /** The first request of a connection that had been made, without an answer. */
  unheard = 0;
  /** On a kept connection that ended without a byte of an answer: it was closed as the request was sent. */
  raced = 0;
  /** Sent behind one whose reply said that it was the last. */
  behindLast = 0;
  /** Connections that were refused, or not made any more. */
  refused = 0;
  /** What else went wrong. */
  readonly errors: string[] = [];
}

export interface Style {
  /** Sent at once, each time. */
  readonly pipelined: number;
  /** Whether the client asks for the connection to be closed. */
  readonly close: boolean;
}

/** One connection after the other until they are refused; asks as fast as it gets answers. */
export class LoadClient {
  readonly #port: number;
  readonly #style: Style;
  readonly #account: Account;
  #stopped = false;
  readonly finished: Promise<void>;

  constructor(port: number, style: Style, account: Account) {
    this.#port = port;
    this.#style = style;
    this.#account = account;
    this.finished = this.#run();
  }

  /** No more requests than those that are sent. */
  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    while (!this.#stopped && (await this.#useConnection()));
  }

  /** False if none can be made any more. */
  #useConnection(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
      let conversation: Conversation | null = null;
      socket.once('connect', () => {
        conversation = new Conversation(socket, this.#style, this.#account, () => this.#stopped);
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (conversation === null) this.#account.refused++;
        else if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') {
          this.#account.errors.push(String(error));
        }
      });
      socket.once('close', () => {
        conversation?.ended();
        resolve(conversation !== null);
      });
    });
  }
}

const HEAD_END = '\r\n\r\n';

/** What is said on one connection. */
class Conversation {
  readonly #socket: Socket;
  readonly #request: string;
  readonly #pipelined: number;
  readonly #account: Account;
  readonly #isStopped: () => boolean;
  #received = '';
  #waiting = 0;
  #answered = 0;
  #wasLast = false;

  constructor(socket: Socket, style: Style, account: Account, isStopped: () => boolean) {
    this.#socket = socket;
    this.#pipelined = style.pipelined;
    this.#account = account;
    this.#isStopped = isStopped;
    const close = style.close ? 'Connection: close\r\n' : '';
    this.#request = `GET /hello HTTP/1.1\r\nHost: x\r\n${close}\r\n`;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#take(text));
    this.#ask();
  }

  #ask(): void {
    this.#waiting = this.#pipelined;
    this.#socket.write(this.#request.repeat(this.#pipelined));
  }

  #take(text: string): void {
    this.#received += text;
    for (let end = this.#replyEnd(); end >= 0 && this.#waiting > 0; end = this.#replyEnd()) {
      const reply = this.#received.slice(0, end);
      this.#received = this.#received.slice(end);
      this.#waiting--;
      this.#answered++;
      this.#account.answered++;
      if (!reply.includes('\r\nConnection: close\r\n')) continue;
      this.#wasLast = true;
      this.#account.last++;
    }
    if (this.#waiting > 0 || this.#wasLast) return;
    if (this.#isStopped()) this.#socket.end();
    else this.#ask();
  }

  /** Where the first reply that is here ends; -1 if it does not. */
  #replyEnd(): number {
    const head = this.#received.indexOf(HEAD_END);
    if (head < 0) return -1;
    const length = Number(/\r\nContent-Length: (\d+)\r\n/.exec(this.#received)?.[1]);
    const end = head + HEAD_END.length + length;
    return end <= this.#received.length ? end : -1;
  }

  /** The connection is over: what was it about the requests that have no answer? */
  ended(): void {
    const account = this.#account;
    if (this.#waiting === 0) {
      if (this.#received !== '') account.errors.push(`too much: ${this.#received.slice(0, 100)}`);
    } else if (this.#received !== '') account.cut++;
    else if (this.#wasLast) account.behindLast += this.#waiting;
    else if (this.#answered === 0) account.unheard += this.#waiting;
    else account.raced += this.#waiting;
  }
}
