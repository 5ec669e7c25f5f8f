/**
 * Where netfd's replies differ from Go's on purpose: for each case what is sent instead, as bytes or as a
 * change of Go's bytes. The names are those of docs/differences-from-go.md, which gives the reasons at
 * length. What is not listed here must be the same to the byte.
 */
import { BAD, head, ok, refused } from './raw-cases.ts';

/** What the client has received, a Date being a star, and whether the server has closed. */
export interface Outcome {
  readonly reply: string;
  readonly conn: 'OPEN' | 'EOF';
}

export interface WireDifference {
  readonly name: string;
  readonly reason: string;
  /** By the name of the golden case. */
  readonly cases: Readonly<Record<string, Outcome | ((go: Outcome) => Outcome)>>;
}

function open(reply: string): Outcome {
  return { reply, conn: 'OPEN' };
}

function closed(reply: string): Outcome {
  return { reply, conn: 'EOF' };
}

/** The same text in the form in which netfd refuses. */
function asRefusal(go: Outcome): Outcome {
  const [, status = '', reason] = /^HTTP\/1\.1 (\d+ [^:\r]+)(?:: (.+))?\r\n/.exec(go.reply) ?? [];
  return closed(refused(status, reason));
}

/** Go's reply with some of its bytes replaced. */
function replaced(from: string | RegExp, to: string): (go: Outcome) => Outcome {
  return ({ reply, conn }) => ({ reply: reply.replace(from, to), conn });
}

const FAILED: Outcome = closed(refused('500 Internal Server Error'));
const TYPE_FIRST = /(Content-Type: .*\r\n)(Location: .*\r\n)/;
const CODING: Outcome = closed(refused('501 Not Implemented', 'unsupported transfer encoding'));

export const WIRE_DIFFERENCES: readonly WireDifference[] = [
  {
    name: 'A refusal is a reply like others',
    reason: 'it has a date and a length, and what is wrong stands in its text alone',
    cases: {
      'no target': asRefusal,
      'extra word': asRefusal,
      'relative target': asRefusal,
      'HTTP/0.9 style': asRefusal,
      'HTTP/0.9 version': asRefusal,
      'HTTP/2.0': asRefusal,
      'HTTP/3.7': asRefusal,
      'http/1.1 lower case': asRefusal,
      'missing Host 1.1': asRefusal,
      'malformed Host': asRefusal,
      'Host with slash': asRefusal,
      'Host non-ascii': asRefusal,
      'NUL in value': asRefusal,
      'CR in value': asRefusal,
      'header 1 MiB + 4096 reached': asRefusal,
    },
  },
  {
    name: 'A refusal says why',
    reason: 'Go says no more than "400 Bad Request", or nothing at all',
    cases: {
      'two Hosts': closed(refused(BAD, 'too many Host headers')),
      'two equal Hosts': closed(refused(BAD, 'too many Host headers')),
      'no colon': closed(refused(BAD, 'invalid header name')),
      'duplicate different CL': closed(refused(BAD, 'bad Content-Length')),
      'CL negative': closed(refused(BAD, 'bad Content-Length')),
      'CL huge': closed(refused(BAD, 'bad Content-Length')),
      'TE gzip, chunked': CODING,
      'two TE lines': CODING,
      'GET *': closed(refused(BAD)),
      'Expect other': closed(refused('417 Expectation Failed')),
    },
  },
  {
    name: 'A path that cannot be decoded is refused by the mux',
    reason: 'other handlers get it as it was sent; Go refuses it before any handler',
    cases: {
      'bad percent': closed(
        `${head(
          `HTTP/1.1 ${BAD}`,
          'Connection: close',
          'Content-Type: text/plain; charset=utf-8',
          'X-Content-Type-Options: nosniff',
          'Date: *',
          'Content-Length: 12',
        )}Bad Request\n`,
      ),
    },
  },
  {
    name: 'The preface of HTTP/2 is a version that is not supported',
    reason: 'Go has HTTP/2, and answers 400 where it is not wanted',
    cases: {
      'PRI preface': closed(
        refused('505 HTTP Version Not Supported', 'unsupported protocol version'),
      ),
    },
  },
  {
    name: 'A line ends in CRLF, is not folded, and a field has a name',
    reason: 'what two servers may read differently is refused (decision 004)',
    cases: {
      'LF only line ends': closed(refused(BAD)),
      'folded value': closed(refused(BAD, 'invalid header name')),
      'empty name': closed(refused(BAD, 'invalid header name')),
    },
  },
  {
    name: 'The end of a body is said once',
    reason: 'what two servers may read differently is refused (decision 004)',
    cases: {
      'duplicate equal CL': closed(refused(BAD, 'bad Content-Length')),
      'CL empty': closed(refused(BAD, 'bad Content-Length')),
      'chunked + CL: chunked wins': closed(
        refused(BAD, 'both Transfer-Encoding and Content-Length'),
      ),
      'TE on 1.0 ignored': closed(refused(BAD, 'Transfer-Encoding in an HTTP/1.0 request')),
    },
  },
  {
    name: 'Every HTTP/1.1 request has a Host',
    reason: 'RFC 9112, section 3.2; Go makes an exception for CONNECT',
    cases: {
      'CONNECT without Host': closed(refused(BAD, 'missing required Host header')),
    },
  },
  {
    name: 'Empty lines before a request are forgiven',
    reason: 'RFC 9112, section 2.2 wants it; Go forgives them after a POST only',
    cases: {
      'leading CRLF on first request': open(ok('hello\n')),
      'leading CRLF after GET': open(
        head('HTTP/1.1 200 OK', 'Date: *', 'Content-Length: 0') + ok('hello\n'),
      ),
    },
  },
  {
    name: 'A handler that throws is answered with 500',
    reason: 'nothing was sent, so the client may be told (decision 004)',
    cases: { 'WriteHeader(0) panics': FAILED, panic: FAILED },
  },
  {
    name: 'A field that cannot be sent is a TypeError',
    reason: 'Go changes the value, drops the name, and tells nobody (decision 004)',
    cases: { 'CR/LF in values, bad names': FAILED },
  },
  {
    name: 'Fields are sent in the order in which they were set',
    reason: 'Go sorts them; and names are always canonical',
    cases: {
      "header order: handler's keys sorted, then Date, CL, CT, Connection, TE": open(
        `${head(
          'HTTP/1.1 200 OK',
          'Zed: 1',
          'Abc: 2',
          'Abc: 3',
          'Lower: x',
          'Date: D',
          'Content-Length: 1',
          'Content-Type: text/plain; charset=utf-8',
        )}x`,
      ),
      'http.Redirect relative': replaced(TYPE_FIRST, '$2$1'),
      'redirect to slash': replaced(TYPE_FIRST, '$2$1'),
      'clean path redirect': replaced(TYPE_FIRST, '$2$1'),
    },
  },
  {
    name: 'A Content-Length that is none gives way to the true one',
    reason: 'the length of a short reply is known; Go sends chunks',
    cases: { 'invalid Content-Length value': open(ok('hello')) },
  },
  {
    name: 'A reply shorter than its length says that the connection closes',
    reason: 'Go closes without having said so if a write was too long',
    cases: {
      'wrote more than Content-Length': replaced(/\r\n$/, 'Connection: close\r\n\r\n'),
    },
  },
  {
    name: 'A body that was not asked for is not waited for',
    reason: 'after Expect: 100-continue and a final reply; Go closes once the body has come',
    cases: { 'Expect 100, body unread': ({ reply }) => closed(reply) },
  },
  {
    name: 'Pragma is a field like others',
    reason: 'Go makes a Cache-Control of it, for caches of HTTP/1.0',
    cases: {
      'canonicalisation and repeats': ({ reply, conn }) => {
        const body = reply
          .slice(reply.indexOf('\r\n\r\n') + 4)
          .replace('Cache-Control=["no-cache"] ', '');
        return { reply: ok(body), conn };
      },
    },
  },
];

/** Cases whose handler cannot be written here. Also in docs/differences-from-go.md, by these names. */
export const WITHOUT_COUNTERPART: Readonly<Record<string, string>> = {
  'read after Body.Close': 'A body has no `Close`',
};
