/**
 * Where netfd answers requests for files differently from Go on purpose. The names are those of
 * docs/differences-from-go.md, which gives the reasons at length. What is not listed here must be the same.
 */

export interface FileRequest {
  readonly method: string;
  readonly target: string;
  readonly header?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  /** All but Date and Connection. */
  readonly fields: Readonly<Record<string, string>>;
  /** Boundaries are BOUNDARY, and what is long is its hash. */
  readonly body: string;
}

export interface FileDifference {
  readonly name: string;
  readonly reason: string;
  /** What netfd answers; the same object if it is what Go answers. */
  apply(go: Answer, request: FileRequest): Answer;
}

function withFields(go: Answer, fields: Readonly<Record<string, string | null>>): Answer {
  const all = Object.entries({ ...go.fields, ...fields }).filter(([, value]) => value !== null);
  return { ...go, fields: Object.fromEntries(all) as Record<string, string> };
}

const TEXT = '0123456789'.repeat(10);
const A_TAG = '"60a241825e120-64"';
const MODIFIED = 'Tue, 14 Nov 2023 22:13:20 GMT';

const isContent = ({ target }: FileRequest): boolean => target.startsWith('/content/');

const rangeOf = ({ header }: FileRequest): string => header?.['Range'] ?? '';

/** The reply with the whole of a.txt. */
function whole({ method, target }: FileRequest, etag = A_TAG): Answer {
  const fields = {
    'Accept-Ranges': 'bytes',
    'Content-Length': '100',
    'Content-Type': 'text/plain; charset=utf-8',
    Etag: etag,
    'Last-Modified': MODIFIED,
    ...(target.startsWith('/content/') ? {} : { 'X-Content-Type-Options': 'nosniff' }),
  };
  return { status: 200, fields, body: method === 'HEAD' ? '' : TEXT };
}

function part(request: FileRequest, start: number, end: number): Answer {
  const body = TEXT.slice(start, end);
  const fields = {
    'Content-Length': String(body.length),
    'Content-Range': `bytes ${start}-${end - 1}/100`,
  };
  return { ...withFields(whole(request), fields), status: 206, body };
}

function refused(status: number, text: string): Answer {
  const fields = {
    'Content-Length': String(text.length + 1),
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
  };
  return { status, fields, body: `${text}\n` };
}

const INVALID = refused(416, 'invalid range');
const NOWHERE = refused(416, 'invalid range: failed to overlap');

export const FILE_DIFFERENCES: readonly FileDifference[] = [
  {
    name: 'The type of a file is not to be guessed',
    reason: 'X-Content-Type-Options: nosniff, since it has been told or found out',
    apply(go, request) {
      const replies = [200, 206, 304, 412].includes(go.status) && !isContent(request);
      return replies ? withFields(go, { 'X-Content-Type-Options': 'nosniff' }) : go;
    },
  },
  {
    name: 'What cannot be a name is not there',
    reason: '404, where Go makes another path of it, or a 500',
    apply(go, { method, target }) {
      if (target.startsWith('/served/') || !/%00|%2f|\/\.\.|%2e%2e/.test(target)) return go;
      const missing = refused(404, '404 page not found');
      return method === 'HEAD' ? { ...missing, body: '' } : missing;
    },
  },
  {
    name: 'A redirect from slashes leads to the file',
    reason: "however many there are; Go's leads nowhere",
    apply: (go, { target }) =>
      target === '/a.txt//' ? withFields(go, { Location: '../../a.txt' }) : go,
  },
  {
    name: 'A unit of ranges that is not known is passed over',
    reason: 'RFC 9110, 14.2; and its name is in any case',
    apply(go, request) {
      const range = rangeOf(request);
      if (range === '' || range.startsWith('bytes=')) return go;
      return range.startsWith('Bytes=') ? part(request, 0, 10) : whole(request);
    },
  },
  {
    name: 'The numbers of a range are digits',
    reason: 'as many as there are: no sign, no bound; and the last 0 bytes are not there',
    apply(go, request) {
      const range = rangeOf(request);
      if (range.includes('+')) return INVALID;
      if (range === 'bytes=-0' || /^bytes=9{20}-$/.test(range)) return NOWHERE;
      return /9{20}/.test(range) ? part(request, 0, 100) : go;
    },
  },
  {
    name: 'An empty file has no parts',
    reason: 'it is sent as it is, as in newer Go',
    apply(go, request) {
      if (request.target !== '/empty.txt' || rangeOf(request) === '') return go;
      const etag = '"60a241825e120-0"';
      return { ...withFields(whole(request, etag), { 'Content-Length': '0' }), body: '' };
    },
  },
  {
    name: 'Only GET has ranges',
    reason: 'RFC 9110, 14.2',
    apply(go, request) {
      const { method, target } = request;
      if (method === 'GET' || rangeOf(request) === '') return go;
      return go.status === 206 || target === '/a.txt'
        ? whole(request, isContent(request) ? '"v"' : A_TAG)
        : go;
    },
  },
  {
    name: 'A reply without the range says how long the file is',
    reason: 'and nothing else of it, as in newer Go',
    apply(go, { target }) {
      if (go.status !== 416) return go;
      const size = target.startsWith('/a.txt') || target.startsWith('/content/') ? 100 : 12;
      return withFields(go, {
        'Content-Range': `bytes */${size}`,
        Etag: null,
        'Last-Modified': null,
      });
    },
  },
];
