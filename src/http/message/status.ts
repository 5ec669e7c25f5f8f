/**
 * Status codes, their texts and the status lines made of them, each line made once.
 * Source: RFC 9110 section 15, the IANA registry; the texts are Go's.
 */

/** Status codes by name. */
export const Status = {
  Continue: 100,
  SwitchingProtocols: 101,
  Processing: 102,
  EarlyHints: 103,

  OK: 200,
  Created: 201,
  Accepted: 202,
  NonAuthoritativeInfo: 203,
  NoContent: 204,
  ResetContent: 205,
  PartialContent: 206,
  MultiStatus: 207,
  AlreadyReported: 208,
  IMUsed: 226,

  MultipleChoices: 300,
  MovedPermanently: 301,
  Found: 302,
  SeeOther: 303,
  NotModified: 304,
  UseProxy: 305,
  TemporaryRedirect: 307,
  PermanentRedirect: 308,

  BadRequest: 400,
  Unauthorized: 401,
  PaymentRequired: 402,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  ProxyAuthRequired: 407,
  RequestTimeout: 408,
  Conflict: 409,
  Gone: 410,
  LengthRequired: 411,
  PreconditionFailed: 412,
  RequestEntityTooLarge: 413,
  RequestURITooLong: 414,
  UnsupportedMediaType: 415,
  RequestedRangeNotSatisfiable: 416,
  ExpectationFailed: 417,
  Teapot: 418,
  MisdirectedRequest: 421,
  UnprocessableEntity: 422,
  Locked: 423,
  FailedDependency: 424,
  TooEarly: 425,
  UpgradeRequired: 426,
  PreconditionRequired: 428,
  TooManyRequests: 429,
  RequestHeaderFieldsTooLarge: 431,
  UnavailableForLegalReasons: 451,

  InternalServerError: 500,
  NotImplemented: 501,
  BadGateway: 502,
  ServiceUnavailable: 503,
  GatewayTimeout: 504,
  HTTPVersionNotSupported: 505,
  VariantAlsoNegotiates: 506,
  InsufficientStorage: 507,
  LoopDetected: 508,
  NotExtended: 510,
  NetworkAuthenticationRequired: 511,
} as const;

/** Texts that are not the words of the name. */
const OTHER_TEXTS: Readonly<Record<number, string>> = {
  203: 'Non-Authoritative Information',
  207: 'Multi-Status',
  226: 'IM Used',
  407: 'Proxy Authentication Required',
  413: 'Request Entity Too Large',
  414: 'Request URI Too Long',
  416: 'Requested Range Not Satisfiable',
  418: "I'm a teapot",
  451: 'Unavailable For Legal Reasons',
  505: 'HTTP Version Not Supported',
};

const texts = new Map<number, string>(
  Object.entries(Status).map(([name, code]) => [code, OTHER_TEXTS[code] ?? spaced(name)]),
);

const MIN_CODE = 100;
const MAX_CODE = 999;

/** Made when first asked for: by code, HTTP/1.0 after HTTP/1.1. */
const lines: string[] = Array.from({ length: 2 * (MAX_CODE + 1) }, () => '');

/** The text of a code, "Not Found"; empty for one that has none. */
export function statusText(code: number): string {
  return texts.get(code) ?? '';
}

/** "HTTP/1.1 404 Not Found\r\n". `minor` is that of the version; a `reason` that is not empty is said. */
export function statusLine(code: number, minor: 0 | 1 = 1, reason = ''): string {
  if (reason !== '') return `HTTP/1.${minor} ${code} ${reason}\r\n`;
  const at = minor === 1 ? code : code + MAX_CODE + 1;
  const line = code <= MAX_CODE ? lines[at] : undefined;
  return line === undefined || line === '' ? makeLine(code, minor, at) : line;
}

/** Whether a response with this code may have a body. */
export function bodyAllowed(code: number): boolean {
  if (code === Status.NoContent || code === Status.ResetContent) return false;
  return code >= 200 && code !== Status.NotModified;
}

function makeLine(code: number, minor: 0 | 1, at: number): string {
  const text = texts.get(code) ?? `status code ${code}`;
  const line = `HTTP/1.${minor} ${String(code).padStart(3, '0')} ${text}\r\n`;
  if (Number.isInteger(code) && code >= MIN_CODE && code <= MAX_CODE) lines[at] = line;
  return line;
}

/** "NotFound" as "Not Found". */
function spaced(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
}
