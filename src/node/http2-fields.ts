/**
 * The fields of a response in the form in which node:http2 sends them. What is said of a connection of
 * HTTP/1.1 is left out: RFC 9113, section 8.2.2.
 */
import type { OutgoingHttpHeaders } from 'node:http2';
import type { Header } from '../http/message/header.ts';

/** Fields of one connection of HTTP/1.1, which must not be sent. */
const OF_CONNECTION: ReadonlySet<string> = new Set(
  'connection keep-alive proxy-connection transfer-encoding upgrade http2-settings te'.split(' '),
);

/** As node:http2 takes them: names in lower case, several values in an array. */
export function fieldsOf(header: Header): OutgoingHttpHeaders {
  // Without a prototype, in which "constructor" would be found.
  const fields = Object.create(null) as Record<string, string | string[]>;
  for (const [canonical, value] of header) {
    const name = canonical.toLowerCase();
    if (OF_CONNECTION.has(name)) continue;
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else fields[name] = [before, value];
  }
  return fields;
}
