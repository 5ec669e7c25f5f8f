/**
 * netfd as a reader: the parts that a server reads with, one after the other as it uses them, without a
 * connection and without waiting. That a server on a connection reads the same is tested, too.
 */
import { NO_BODY } from '../../src/http/body.ts';
import { ChunkedDecoder, ChunkError, ChunkEvent } from '../../src/http/chunked.ts';
import { COMPLETE, INCOMPLETE } from '../../src/http/head-parser.ts';
import { HeadReader } from '../../src/http/head-reader.ts';
import { Header } from '../../src/http/header.ts';
import { IncomingRequest, isTargetForm, type RequestSource } from '../../src/http/request.ts';
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
    const { head, text } = heads;
    if (result === INCOMPLETE) return done('partial');
    if (result !== COMPLETE) return done('refused', `${head.status} ${head.reason}`.trim());
    const request = new IncomingRequest(source, head, text, NO_BODY);
    const { method, target, header } = request;
    if (!isTargetForm(method, target)) return done('refused', '400 target');
    let body: BodyRead | null;
    try {
      body = head.chunked
        ? readChunks(bytes, heads.end)
        : readLength(bytes, heads.end, Math.max(0, head.contentLength));
    } catch (error) {
      if (!(error instanceof ChunkError)) throw error;
      return done('refused', `body: ${error.message}`);
    }
    if (body === null) return done('partial');
    at = body.end;
    const fields = fieldsOf(header);
    if (head.hosts > 0)
      fields.push(['host', text.slice(head.hostStart - head.start, head.hostEnd - head.start)]);
    const { minor } = head;
    const { data, trailers, end } = body;
    requests.push({ method, target, minor, fields, body: data, trailers, end });
    if (method === 'CONNECT') return done('tunnel');
    if (head.close || (minor === 0 && !head.keepAlive)) return done('closed');
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
