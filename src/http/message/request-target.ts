/**
 * The target of a request: which form it has, and what of it is path, query and host. It stands in the
 * request line as the client has sent it. RFC 9112, section 3.2.
 *
 *   origin-form    /path?query                 absolute-form   http://host/path?query
 *   authority-form host:port, of CONNECT       asterisk-form   *, of OPTIONS
 */

const SLASH = 47;

/** Whether a target is of one of the four forms, and of one that goes with the method. */
export function isTargetForm(method: string, target: string): boolean {
  if (target.charCodeAt(0) === SLASH) return method !== 'CONNECT';
  if (method === 'CONNECT') return isHostPort(target);
  if (target === '*') return method === 'OPTIONS';
  return ABSOLUTE.test(target);
}

/** A host as in a Host field (head-bytes.ts), but not empty. */
const HOST = "(?:\\[[\\w!$%&'()*+,\\-.:;=~]+\\]|(?:[\\w!$&'()*+,\\-.;=~]|%[\\da-f]{2})+)";
const ABSOLUTE = new RegExp(`^https?://${HOST}(?::\\d*)?(?:[/?]|$)`, 'i');
const HOST_PORT = new RegExp(`^${HOST}:(\\d{1,5})$`, 'i');
const MAX_PORT = 65_535;

function isHostPort(target: string): boolean {
  const port = HOST_PORT.exec(target)?.[1];
  return port !== undefined && Number(port) <= MAX_PORT;
}

/** The path as it was sent; "/" if there is none in an absolute-form, empty for CONNECT. */
export function rawPathOf(method: string, target: string): string {
  if (method === 'CONNECT') return '';
  const start = target.charCodeAt(0) === SLASH ? 0 : pathStart(target);
  const query = target.indexOf('?', start);
  if (query >= 0) return target.slice(start, query) || '/';
  return start === 0 ? target : target.slice(start) || '/';
}

/** The query as it was sent, without its "?". */
export function rawQueryOf(target: string): string {
  const at = target.indexOf('?');
  return at < 0 ? '' : target.slice(at + 1);
}

/** The host that the target itself names; null if the Host field does. */
export function hostIn(method: string, target: string): string | null {
  if (method === 'CONNECT') return target;
  if (target.charCodeAt(0) === SLASH || target === '*') return null;
  const start = target.indexOf('://') + 3;
  const end = target.slice(start).search(/[/?]/);
  return end < 0 ? target.slice(start) : target.slice(start, start + end);
}

/** Where the path of an absolute-form target begins; 0 in other forms. */
function pathStart(target: string): number {
  const authority = target.indexOf('://');
  if (authority < 0) return 0;
  const end = target.slice(authority + 3).search(/[/?]/);
  return end < 0 ? target.length : authority + 3 + end;
}
