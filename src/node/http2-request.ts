/**
 * A request of HTTP/2 as handlers see it: the same as one of HTTP/1.1, made of its fields written as text.
 * nghttp2 has checked names and values and the pseudo fields already. RFC 9113, section 8.3.
 */
import type { Body } from '../http/conn/body.ts';
import { Header } from '../http/message/header.ts';
import { type ParsedHead, RequestHead } from '../http/message/request-head.ts';
import { IncomingRequest, type RequestSource } from '../http/conn/request.ts';

/** Names and values in turn, as they came: ":method", "GET", … */
export type RawHeaders = readonly string[];

/** What the pseudo fields and a few others say. */
export interface Http2Head {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  /** Of the body; -1 if it does not say. */
  readonly contentLength: number;
  readonly expectContinue: boolean;
  /** Lines "name: value\r\n", Host among them. */
  readonly fields: string;
}

/** Null for what is no request. */
export function readHead(raw: RawHeaders): Http2Head | null {
  const pseudo: Record<string, string> = {};
  let fields = '';
  let host = '';
  let contentLength = -1;
  let expectContinue = false;
  const cookies: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    const value = raw[i + 1]!;
    if (name.startsWith(':')) pseudo[name] = value;
    else if (name === 'cookie') cookies.push(value);
    else if (name === 'host') host = value;
    else {
      if (name === 'content-length') contentLength = Number(value);
      else if (name === 'expect') expectContinue = value.toLowerCase() === '100-continue';
      fields += `${name}: ${value}\r\n`;
    }
  }
  // Which host is meant says :authority: section 8.3.1.
  host = pseudo[':authority'] ?? host;
  fields = `host: ${host}\r\n${fields}`;
  // A cookie may come in crumbs: section 8.2.3.
  if (cookies.length > 0) fields += `cookie: ${cookies.join('; ')}\r\n`;
  const { ':method': method, ':path': path, ':authority': authority = host } = pseudo;
  const target = method === 'CONNECT' ? authority : path;
  if (!method || !target) return null;
  return { method, target, host: authority, contentLength, expectContinue, fields };
}

export class Http2Request extends IncomingRequest {
  /** Set when the trailers have come. */
  #trailer: Header | null = null;

  constructor(source: RequestSource, head: Http2Head, body: Body) {
    const { method, target, host, fields, contentLength } = head;
    const text = `${target}${host}${fields}`;
    const hostEnd = target.length + host.length;
    const places: ParsedHead = {
      start: 0,
      method,
      methodEnd: 0,
      targetStart: 0,
      targetEnd: target.length,
      minor: 1,
      chunked: contentLength < 0 && !body.done,
      contentLength,
      close: false,
      keepAlive: false,
      expectContinue: head.expectContinue,
      fieldsStart: hostEnd,
      fieldsEnd: text.length,
      hostStart: target.length,
      hostEnd,
    };
    super(source, new RequestHead(places, text), body);
  }

  override get proto(): string {
    return 'HTTP/2.0';
  }

  override get trailer(): Header {
    return this.#trailer ?? new Header();
  }

  /** The fields after the body. */
  setTrailer(raw: RawHeaders): void {
    const trailer = new Header();
    for (let i = 0; i < raw.length; i += 2) trailer.add(raw[i]!, raw[i + 1]!);
    this.#trailer = trailer;
  }
}
