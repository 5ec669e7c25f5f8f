/**
 * The "host:port" form of an address, and the "%zone" at the end of a host.
 *
 * Only the punctuation: whether the host is an address or a name, and whether the port is one, is
 * for others to say. Source: Go's net.SplitHostPort and net.JoinHostPort; RFC 3986 for the
 * brackets.
 */
import { requireString } from './arguments.ts';
import { AddrError } from './errors.ts';

/**
 * Cuts "host:port", "[host]:port" or "[host%zone]:port"; both may be empty, the colon may not be
 * missing. A host with colons needs the brackets. AddrError otherwise.
 */
export function splitHostPort(text: string): [host: string, port: string] {
  requireString('splitHostPort', 'text', text);
  const colon = text.lastIndexOf(':');
  if (colon < 0) throw new AddrError(text, 'missing port in address');
  const bracketed = text.startsWith('[');
  const hostEnd = bracketed ? text.indexOf(']') : colon;
  if (bracketed) {
    if (hostEnd < 0) throw new AddrError(text, "missing ']' in address");
    if (hostEnd + 1 !== colon) {
      const why = text[hostEnd + 1] === ':' ? 'too many colons' : 'missing port';
      throw new AddrError(text, `${why} in address`);
    }
  } else if (text.indexOf(':') < colon) {
    throw new AddrError(text, 'too many colons in address');
  }
  const hostStart = bracketed ? 1 : 0;
  if (text.includes('[', hostStart)) throw new AddrError(text, "unexpected '[' in address");
  if (text.includes(']', bracketed ? hostEnd + 1 : 0)) {
    throw new AddrError(text, "unexpected ']' in address");
  }
  return [text.slice(hostStart, hostEnd), text.slice(colon + 1)];
}

/** "host:port", with brackets around a host that has colons. */
export function joinHostPort(host: string, port: string | number): string {
  requireString('joinHostPort', 'host', host);
  if (typeof port !== 'number' && typeof port !== 'string') {
    throw new TypeError('joinHostPort: port must be a number or a string');
  }
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Cuts "host%zone" at the last '%'; a '%' at the very start is part of the host. */
export function splitHostZone(text: string): [host: string, zone: string] {
  const percent = text.lastIndexOf('%');
  return percent > 0 ? [text.slice(0, percent), text.slice(percent + 1)] : [text, ''];
}
