/**
 * What a body is, told from its first bytes: for responses whose handler does not say.
 *
 * Signatures are rows of data tried in order; only those that can begin with the first byte are
 * tried. Text is what is left when no byte is a control that text has no use for. Nothing here
 * looks past 512 bytes. Source: the WHATWG standard "MIME Sniffing"; the choice of types is Go's.
 */

/** No more than this is looked at. */
export const SNIFF_LENGTH = 512;

const OCTET_STREAM = 'application/octet-stream';
const PLAIN_TEXT = 'text/plain; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
const XML = 'text/xml; charset=utf-8';
const LESS_THAN = 0x3c;

/** Whether `data`, of which no byte past `length` counts, is of some type: null if not. */
type Test = (data: Uint8Array, length: number) => string | null;

const HTML_TAGS = (
  '<!DOCTYPE HTML|<HTML|<HEAD|<SCRIPT|<IFRAME|<H1|<DIV|<FONT|<TABLE|<A|<STYLE|<TITLE|<B|<BODY|' +
  '<BR|<P|<!--'
)
  .split('|')
  .map(latin1Bytes);
const XML_PROLOGUE = latin1Bytes('<?xml');

const FTYP = latin1Bytes('ftyp');
const MP4 = latin1Bytes('mp4');

/** In order. A dot stands for any byte. */
const SIGNATURES: readonly (readonly [pattern: string, type: string] | Test)[] = [
  ['%PDF-', 'application/pdf'],
  ['%!PS-Adobe-', 'application/postscript'],
  ['\xfe\xff..', 'text/plain; charset=utf-16be'],
  ['\xff\xfe..', 'text/plain; charset=utf-16le'],
  ['\xef\xbb\xbf.', PLAIN_TEXT],
  ['\0\0\x01\0', 'image/x-icon'],
  ['\0\0\x02\0', 'image/x-icon'],
  ['BM', 'image/bmp'],
  ['GIF87a', 'image/gif'],
  ['GIF89a', 'image/gif'],
  ['RIFF....WEBPVP', 'image/webp'],
  ['\x89PNG\r\n\x1a\n', 'image/png'],
  ['\xff\xd8\xff', 'image/jpeg'],
  ['FORM....AIFF', 'audio/aiff'],
  ['ID3', 'audio/mpeg'],
  ['OggS\0', 'application/ogg'],
  ['MThd\0\0\0\x06', 'audio/midi'],
  ['RIFF....AVI ', 'video/avi'],
  ['RIFF....WAVE', 'audio/wave'],
  mp4,
  ['\x1a\x45\xdf\xa3', 'video/webm'],
  [`${'.'.repeat(34)}LP`, 'application/vnd.ms-fontobject'],
  ['\0\x01\0\0', 'font/ttf'],
  ['OTTO', 'font/otf'],
  ['ttcf', 'font/collection'],
  ['wOFF', 'font/woff'],
  ['wOF2', 'font/woff2'],
  ['\x1f\x8b\x08', 'application/x-gzip'],
  ['PK\x03\x04', 'application/zip'],
  ['Rar!\x1a\x07\0', 'application/x-rar-compressed'],
  ['Rar!\x1a\x07\x01\0', 'application/x-rar-compressed'],
  ['\0asm', 'application/wasm'],
];

const DOT = 0x2e;
/** Where the only signature that may begin with any byte has its letters. */
const LP_AT = 34;

/** The tests to make for each first byte. */
const testsByFirst: readonly (readonly Test[])[] = Array.from({ length: 256 }, (_, first) => {
  return SIGNATURES.filter((row) => mayBegin(row, first)).map(asTest);
});

/** 1 for the bytes that may begin markup or a signature with a letter of its own there. */
const begins: Uint8Array = Uint8Array.from(testsByFirst, (tests, first) => {
  return tests.length > 1 || first === LESS_THAN ? 1 : 0;
});

/** 1 for controls that are never in text. ESC is in some. */
const binary: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (isWhiteSpace(byte) || byte === 0x1b) return 0;
  return byte < 0x20 ? 1 : 0;
});

/** What plain ASCII text does not have. A loop over a long string would take thrice the time. */
const NOT_PLAIN = /[^\t\n\f\r -\x7f]/;

/** Strings are turned into bytes here; the rest of a character at the end fits. */
const scratch = new Uint8Array(SNIFF_LENGTH + 4);
const encoder = new TextEncoder();

/** The media type of a body that begins with `data`, "application/octet-stream" if unknown. */
export function detectContentType(data: Uint8Array): string {
  return detect(data, Math.min(data.length, SNIFF_LENGTH));
}

/** {@link detectContentType} of the UTF-8 bytes of `text`. */
export function sniffText(text: string): string {
  const length = Math.min(text.length, SNIFF_LENGTH);
  if (length === 0) return PLAIN_TEXT;
  if (begins[text.charCodeAt(0)] !== 0) return sniffBytesOf(text, length);
  if (isWhiteSpace(text.charCodeAt(0))) {
    let at = 1;
    while (at < length && isWhiteSpace(text.charCodeAt(at))) at++;
    if (text.charCodeAt(at) === LESS_THAN) return sniffBytesOf(text, length);
  }
  if (text.charCodeAt(LP_AT) === 0x4c && text.charCodeAt(LP_AT + 1) === 0x50) {
    return sniffBytesOf(text, length);
  }
  const isPlain = !NOT_PLAIN.test(text.length === length ? text : text.slice(0, length));
  return isPlain ? PLAIN_TEXT : sniffBytesOf(text, length);
}

function sniffBytesOf(text: string, length: number): string {
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) {
      const { written } = encoder.encodeInto(text.slice(0, length), scratch);
      return detect(scratch, Math.min(written, SNIFF_LENGTH));
    }
    scratch[i] = unit;
  }
  return detect(scratch, length);
}

function detect(data: Uint8Array, length: number): string {
  let start = 0;
  while (start < length && isWhiteSpace(data[start] as number)) start++;
  if (start < length && data[start] === LESS_THAN) {
    const type = markupType(data, start, length);
    if (type !== null) return type;
  }
  if (length > 0) {
    for (const test of testsByFirst[data[0] as number] as readonly Test[]) {
      const type = test(data, length);
      if (type !== null) return type;
    }
  }
  for (let i = start; i < length; i++) {
    if (binary[data[i] as number] === 1) return OCTET_STREAM;
  }
  return PLAIN_TEXT;
}

/** HTML or XML that begins at `start`, else null. */
function markupType(data: Uint8Array, start: number, length: number): string | null {
  for (const tag of HTML_TAGS) {
    const end = start + tag.length;
    if (end >= length || !isTag(tag, data, start)) continue;
    const after = data[end];
    if (after === 0x20 || after === 0x3e) return HTML;
  }
  return start + XML_PROLOGUE.length <= length && equalAt(XML_PROLOGUE, data, start) ? XML : null;
}

/** Whether the upper-case `tag` stands at `start`, in any case. */
function isTag(tag: Uint8Array, data: Uint8Array, start: number): boolean {
  for (let i = 0; i < tag.length; i++) {
    const wanted = tag[i] as number;
    let byte = data[start + i] as number;
    if (wanted >= 0x41 && wanted <= 0x5a) byte &= 0xdf;
    if (byte !== wanted) return false;
  }
  return true;
}

/** An MP4 file: a box "ftyp" that names a brand "mp4…", at any place but the version's. */
function mp4(data: Uint8Array, length: number): string | null {
  if (length < 12 || !equalAt(FTYP, data, 4)) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const size = view.getUint32(0);
  if (length < size || size % 4 !== 0) return null;
  for (let at = 8; at < size; at += 4) {
    if (at !== 12 && equalAt(MP4, data, at)) return 'video/mp4';
  }
  return null;
}

function equalAt(bytes: Uint8Array, data: Uint8Array, start: number): boolean {
  for (let i = 0; i < bytes.length; i++) {
    if (data[start + i] !== bytes[i]) return false;
  }
  return true;
}

function asTest(row: readonly [string, string] | Test): Test {
  if (typeof row === 'function') return row;
  const pattern = latin1Bytes(row[0]);
  const type = row[1];
  return (data, length) => {
    if (length < pattern.length) return null;
    for (let i = 0; i < pattern.length; i++) {
      if (pattern[i] !== DOT && pattern[i] !== data[i]) return null;
    }
    return type;
  };
}

function mayBegin(row: readonly [string, string] | Test, first: number): boolean {
  // The size of an MP4 file's first box: within 512 bytes only if its highest byte is 0.
  if (typeof row === 'function') return first === 0;
  const begin = row[0].charCodeAt(0);
  return begin === DOT || begin === first;
}

function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** White space to MIME Sniffing: not the vertical tab. */
function isWhiteSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0x0c;
}

/** The type of a body that is text as it was written, or bytes. */
export function sniffBody(body: string | Uint8Array): string {
  return typeof body === 'string' ? sniffText(body) : detectContentType(body);
}
