/**
 * A DNS server for tests, on UDP and TCP of one port of 127.0.0.1: what it answers is a function of the
 * question. It writes names without compression and is bad only when it is told to be. RFC 1035, 2782.
 */
import { createSocket, type Socket as UDPSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

export const TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
} as const;

export type Type = keyof typeof TYPES;

export interface Question {
  /** In lower case, with a dot at the end. */
  readonly name: string;
  readonly type: Type;
  readonly transport: 'udp' | 'tcp';
}

/** The data as in a zone file: "10 mx.test.", "1 2 80 host.test."; the strings of TXT apart by '|'. */
export interface Answer {
  /** Records about the name in question, or about the name given: "A 1.2.3.4", "x.test. A 1.2.3.4". */
  readonly records?: readonly string[];
  /** NOERROR (0), FORMERR (1), SERVFAIL (2), NXDOMAIN (3), NOTIMP (4), REFUSED (5). */
  readonly rcode?: number;
  /** TC: there is more than fits. */
  readonly truncated?: boolean;
  /** An answer with another id comes first. */
  readonly wrongIdFirst?: readonly string[];
  /** Bytes in place of a message. */
  readonly bytes?: Uint8Array;
}

/** What to say; null for nothing. A promise delays the answer. */
export type Zone = (question: Question) => Answer | null | Promise<Answer | null>;

export class FakeDNS {
  readonly port: number;
  /** "udp A dual.test.", in the order in which they came. */
  readonly questions: string[] = [];
  readonly #udp: UDPSocket;
  readonly #tcp: Server;
  readonly #conns = new Set<Socket>();
  readonly #zone: Zone;

  private constructor(udp: UDPSocket, tcp: Server, zone: Zone) {
    this.port = udp.address().port;
    this.#udp = udp;
    this.#tcp = tcp;
    this.#zone = zone;
    udp.on('message', (message, { port, address }) => {
      void this.#reply(message, 'udp', (reply) => udp.send(reply, port, address));
    });
    tcp.on('connection', (conn) => this.#serve(conn));
  }

  /** Port 0 is one that is free. */
  static async start(zone: Zone, port = 0): Promise<FakeDNS> {
    for (;;) {
      const udp = createSocket('udp4');
      udp.bind(port, '127.0.0.1');
      await once(udp, 'listening');
      const tcp = createServer();
      tcp.listen(udp.address().port, '127.0.0.1');
      const event = await Promise.race([once(tcp, 'listening'), once(tcp, 'error')]).catch(
        (error: Error) => [error],
      );
      if (event.length === 0) return new FakeDNS(udp, tcp, zone);
      udp.close(); // the port is in use on TCP: another one
      if (port !== 0) throw event[0] as Error;
    }
  }

  get server(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** How many questions there were of this kind. */
  count(question: string): number {
    return this.questions.filter((each) => each === question).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const conn of this.#conns) conn.destroy();
    const closed = [once(this.#udp, 'close'), once(this.#tcp, 'close')];
    this.#udp.close();
    this.#tcp.close();
    await Promise.all(closed);
  }

  #serve(conn: Socket): void {
    this.#conns.add(conn);
    conn.on('close', () => this.#conns.delete(conn));
    conn.on('error', () => {}); // the client may be gone
    let got = Buffer.alloc(0);
    conn.on('data', (chunk: Buffer) => {
      got = Buffer.concat([got, chunk]);
      while (got.length >= 2 && got.length >= 2 + got.readUInt16BE(0)) {
        const message = got.subarray(2, 2 + got.readUInt16BE(0));
        got = got.subarray(2 + message.length);
        void this.#reply(message, 'tcp', (reply) => {
          conn.write(Buffer.concat([word(reply.length), reply]));
        });
      }
    });
  }

  async #reply(
    message: Buffer,
    transport: 'udp' | 'tcp',
    send: (reply: Uint8Array) => void,
  ): Promise<void> {
    const { question, end } = readQuestion(message, transport);
    this.questions.push(`${transport} ${question.type} ${question.name}`);
    const answer = await this.#zone(question);
    if (answer === null) return;
    const asked = message.subarray(12, end);
    const id = message.readUInt16BE(0);
    if (answer.wrongIdFirst !== undefined) {
      send(encode(id ^ 1, asked, question.name, { records: answer.wrongIdFirst }));
    }
    send(answer.bytes ?? encode(id, asked, question.name, answer));
  }
}

function readQuestion(
  message: Buffer,
  transport: 'udp' | 'tcp',
): { question: Question; end: number } {
  let at = 12;
  let name = '';
  for (let length = message[at]!; length > 0; length = message[at]!) {
    name += `${message.toString('latin1', at + 1, at + 1 + length)}.`;
    at += 1 + length;
  }
  const number = message.readUInt16BE(at + 1);
  const type = (Object.keys(TYPES) as Type[]).find((each) => TYPES[each] === number);
  if (type === undefined) throw new Error(`the fake DNS does not know type ${number}`);
  return {
    question: { name: name === '' ? '.' : name.toLowerCase(), type, transport },
    end: at + 5,
  };
}

function encode(id: number, asked: Uint8Array, name: string, answer: Answer): Uint8Array {
  const { records = [], rcode = 0, truncated = false } = answer;
  const flags = 0x8180 | (truncated ? 0x0200 : 0) | rcode;
  const header = [id, flags, 1, records.length, 0, 0].map(word);
  return Buffer.concat([...header, asked, ...records.map((record) => encodeRecord(name, record))]);
}

function encodeRecord(name: string, record: string): Buffer {
  const [, owner = name, type = '', rest = ''] = /^(?:(\S+) )?([A-Z]+) (.*)$/.exec(record) ?? [];
  const data = encodeData(type as Type, rest);
  return Buffer.concat([
    encodeName(owner),
    word(TYPES[type as Type]),
    word(1),
    Buffer.from([0, 0, 0, 60]),
    word(data.length),
    data,
  ]);
}

function encodeData(type: Type, text: string): Buffer {
  const fields = text.split(' ');
  switch (type) {
    case 'A':
      return Buffer.from(text.split('.').map(Number));
    case 'AAAA':
      return Buffer.concat(text.split(':').map((group) => word(Number.parseInt(group, 16))));
    case 'TXT':
      return Buffer.concat(text.split('|').map((part) => Buffer.from(`${character(part)}${part}`)));
    case 'MX':
      return Buffer.concat([word(Number(fields[0])), encodeName(fields[1]!)]);
    case 'SRV':
      return Buffer.concat([
        ...fields.slice(0, 3).map((field) => word(Number(field))),
        encodeName(fields[3]!),
      ]);
    default:
      return encodeName(text);
  }
}

function character(part: string): string {
  return String.fromCharCode(part.length);
}

/** In a label, '_' is what it is and "\032" a space. */
function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  const plain = labels.map((label) => label.replace(/\\032/g, ' '));
  return Buffer.from(`${plain.map((label) => character(label) + label).join('')}\0`, 'latin1');
}

function word(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}
