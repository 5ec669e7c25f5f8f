/**
 * netfd as a reader: the parts that a server reads with, one after the other as it uses them, without a
 * connection and without waiting. That a server on a connection reads the same is tested, too.
 */
import { NO_BODY } from '../../src/http/conn/body.ts';
import { ChunkedDecoder, ChunkError, ChunkEvent } from '../../src/http/message/chunked.ts';
import { COMPLETE, INCOMPLETE } from '../../src/http/message/head-parser.ts';
import { HeadReader } from '../../src/http/conn/head-reader.ts';
import { Header } from '../../src/http/message/header.ts';
import { IncomingRequest, type RequestSource } from '../../src/http/conn/request.ts';
import { DEFAULT_LIMITS } from './http-limits.ts';
import type { Ending, Reading, SeenRequest } from './http-reading.ts';

const addr = { network: 'none', toString: () => 'none' };
const source: RequestSource = {
  remoteAddr: addr,
  localAddr: addr,
  signalOf: () => AbortSignal.abort(),
};

/** The body that begins at `start`, or why there is none. */
interface BodyRead {
  readonly data: string;
  readonly trailers: [string, string][];
  readonly end: number;
}

const heads = new HeadReader();

/** Reads all of it. */
export function readAsNetfd(bytes: Buffer): Reading {
  const requests: SeenRequest[] = [];
  const done = (ending: Ending, why = ''): Reading => ({ requests, ending, why });
  for (let at = 0; at < bytes.length;) {
    const result = heads.read(bytes, at, bytes.length, DEFAULT_LIMITS);
    const { head, parser } = heads;
    if (result === INCOMPLETE) return done('partial');
    if (result !== COMPLETE) return done('refused', `${parser.status} ${parser.reason}`.trim());
    const { method, target, header } = new IncomingRequest(source, head, NO_BODY);
    if (!head.isTargetForm) return done('refused', '400 target');
    let body: BodyRead | null;
    try {
      body =
        head.contentLength < 0
          ? readChunks(bytes, heads.end)
          : readLength(bytes, heads.end, head.contentLength);
    } catch (error) {
      if (!(error instanceof ChunkError)) throw error;
      return done('refused', `body: ${error.message}`);
    }
    if (body === null) return done('partial');
    at = body.end;
    const fields = fieldsOf(header);
    if (parser.hosts > 0) {
      // The parser's places are those of the first time that these bytes came.
      const moved = heads.end - parser.end;
      const host = bytes.toString('latin1', parser.hostStart + moved, parser.hostEnd + moved);
      fields.push(['host', host]);
    }
    const { minor } = head;
    const { data, trailers, end } = body;
    requests.push({ method, target, minor, fields, body: data, trailers, end });
    if (method === 'CONNECT') return done('tunnel');
    if (!head.keepAlive) return done('closed');
  }
  return done('more');
}

function readLength(bytes: Buffer, start: number, length: number): BodyRead | null {
  const end = start + length;
  if (end > bytes.length) return null;
  return { data: bytes.toString('latin1', start, end), trailers: [], end };
}

function readChunks(bytes: Buffer, start: number): BodyRead | null {
  const decoder = new ChunkedDecoder();
  let data = '';
  for (let at = start; ; at = decoder.position) {
    const event = decoder.decode(bytes, at, bytes.length);
    if (event === ChunkEvent.More) return null;
    if (event === ChunkEvent.Data) {
      data += bytes.toString('latin1', decoder.dataStart, decoder.dataEnd);
      continue;
    }
    const trailers = fieldsOf(Header.fromText(decoder.trailer));
    return { data, trailers, end: decoder.position };
  }
}

/** Names in lower case. */
export function fieldsOf(header: Header): [string, string][] {
  return [...header].map(([name, value]) => [name.toLowerCase(), value]);
}
