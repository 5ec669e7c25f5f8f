/**
 * The values of a form: of the query, and of a body application/x-www-form-urlencoded. After Go's
 * Request.ParseForm; how names and values are coded is the URL standard's. Forms with files are of
 * another type: see the node layer.
 */
import { optionalInteger, requireOptions } from '../net/options.ts';
import { HttpError } from './errors.ts';
import type { RequestBody, ServerRequest } from './handler.ts';
import { Status } from './message/status.ts';
import { namesOf, refuseUnknown } from './option-names.ts';

/** The limits of a form. */
export interface FormOptions {
  /** Of the body [10 MiB]; more is an error with status 413. */
  readonly maxBytes?: number | undefined;
  /** Of query and body together [1000]; more is an error with status 413. */
  readonly maxFields?: number | undefined;
}

const KNOWN: ReadonlySet<string> = namesOf<FormOptions>({
  maxBytes: true,
  maxFields: true,
});

/** The values of a form, as {@link parseForm} gives them. */
export interface Form {
  /** All values, those of the body before those of the query. As Go's Form. */
  readonly values: URLSearchParams;
  /** Those of the body only. As Go's PostForm. */
  readonly body: URLSearchParams;
}

const MAX_BYTES = 10 * 1024 * 1024;
const MAX_FIELDS = 1000;

const HAVE_FORMS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** What was read of bodies: they can be read once only. */
const known = new WeakMap<RequestBody, Promise<URLSearchParams>>();

/**
 * The form of a request. Without a body of that type, or with a method other than POST, PUT and PATCH, it
 * has the query's values only. It may be asked for several times, and the first time's limits count.
 */
export async function parseForm(r: ServerRequest, options: FormOptions = {}): Promise<Form> {
  requireOptions('parseForm', options);
  refuseUnknown('parseForm', options, KNOWN);
  const { maxBytes = MAX_BYTES, maxFields = MAX_FIELDS } = options;
  optionalInteger('parseForm', 'maxBytes', maxBytes, 0, Number.MAX_SAFE_INTEGER);
  optionalInteger('parseForm', 'maxFields', maxFields, 0, Number.MAX_SAFE_INTEGER);
  const inQuery = fieldsIn(r.rawQuery, maxFields);
  const body = hasForm(r)
    ? await bodyOf(r.body, maxBytes, maxFields - inQuery)
    : new URLSearchParams();
  const values = new URLSearchParams(body);
  for (const [name, value] of r.query) values.append(name, value);
  return { values, body };
}

function hasForm(r: ServerRequest): boolean {
  if (!HAVE_FORMS.has(r.method) || r.contentLength === 0) return false;
  const type = r.header.get('Content-Type') ?? '';
  return /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type);
}

async function bodyOf(body: RequestBody, bytes: number, fields: number): Promise<URLSearchParams> {
  let read = known.get(body);
  if (read === undefined) {
    read = readForm(body, bytes, fields);
    known.set(body, read);
  }
  // Each gets values of its own.
  return new URLSearchParams(await read);
}

async function readForm(
  body: RequestBody,
  maxBytes: number,
  maxFields: number,
): Promise<URLSearchParams> {
  const text = await body.text(maxBytes);
  fieldsIn(text, maxFields);
  // A question mark at the beginning belongs to the first name.
  return new URLSearchParams(text.startsWith('?') ? `&${text}` : text);
}

/** How many fields there are; an error if they are more than `most`. */
function fieldsIn(text: string, most: number): number {
  if (text === '') return 0;
  let count = 1;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) count++;
  if (count <= most) return count;
  throw new HttpError(
    'http: too many fields in a form',
    'ERR_HTTP_FORM_FIELDS',
    Status.RequestEntityTooLarge,
  );
}
