/**
 * Streams of requests for fuzzing: first from the grammar, good for the most part, then with faults of the
 * kinds that readers disagree about. One code unit a byte.
 */
import type { Random } from '../native/random.ts';

/** Words between bars. A bar itself is never one of them. */
function words(text: string): readonly string[] {
  return text.split('|');
}

const METHODS = words(
  'GET|GET|POST|POST|PUT|HEAD|DELETE|PATCH|OPTIONS|TRACE|CONNECT|PROPFIND|M-SEARCH',
);
const ODD_METHODS = words('get|FROB|GETS|G|QUERY|POST-X|PRI|PO_ST|X1');
const TARGETS = words(
  '/|/a|/a/b?c=d|//a|/%41%zz|/a?b?c|/;a=b|/*|/a#b|/.|/a/../b|/~a|/"<>|/\\|/{}^`',
);
const OTHER_TARGETS = words(
  'http://t/|http://t:80/p?q|HTTP://t|https://t?q|*|t:443|a|?a|http:/t|ftp://t/',
);
const VERSIONS = words('1.1|1.1|1.1|1.1|1.1|1.1|1.0|1.0|1.2|1.9|0.9|2.0|1.10|1|11');
const HOSTS = words('h|h:80|[::1]:1|127.0.0.1|a.b|h.|a_b|xn--a|H|:1|a b|a,b|u@h|h/');
const FIELDS = words(
  'A: b|a: b|B:|C:c|D: \t d \t|Accept: */*|Cookie: a=b; c=d|X-Y_z!: "q"|E: \x80\xff|Te: trailers|' +
    'Upgrade: h2c|Keep-Alive: timeout=5|Trailer: A|User-Agent: x/1 (y)|Content-Type: a/b; c=d|Date: x',
);
const CONNECTIONS = words(
  'close|keep-alive|Keep-Alive|CLOSE|upgrade|close, x|x,close|keep-alive, close|closed|,|te, keep-alive',
);
const CODINGS = words(
  'chunked|Chunked|CHUNKED|chunked |\tchunked|gzip, chunked|chunked, gzip|chunked, chunked|identity|xchunked|' +
    'chunked;a|\x0bchunked|chunked,|,chunked|"chunked"|chun ked|gzip||chunked\x00',
);
const EXTENSIONS = words(';a|;a=b|;a="b c"| ;a|;|;a=|; a = b|;;|;\xff|;a;b=c|\t;a| |;a="\\""|;"a"');
const TRAILERS = words(
  'A: b|B:c|X-Sum: 1|D:|E: \xe9|Content-Length: 5|Host: z|Transfer-Encoding: x|bad|: b|F : g',
);
const DATA = words(
  'a|abc|hello world|0|\r\n|\r\n\r\n|0\r\n\r\n|GET / HTTP/1.1\r\n\r\n|\0|\xff\xfe|5\r\n|{"a":1}',
);

const LINE_ENDS = words('\n|\r|\r\r\n|\n\r|\r\n\r\n|\r\n |\r\n\t||\0\r\n| \r\n');
const MORSELS = [
  ...words(
    ' |\t|\r\n|\n|\r|\0|:|,|;|"|\x0b|\x0c|\x7f|\x80|\xa0|0|5|+|-|0x|%|/|HTTP/1.1|HTTP/1.0|\r\n\r\n|=|_|\\|é',
  ),
  ...words(
    'Content-Length: 0\r\n|Content-Length: 5\r\n|content-length: 3\r\n|Content-Length : 4\r\n|' +
      'Content-Length: 5, 5\r\n|Content-Length: +5\r\n|Transfer-Encoding: chunked\r\n|Host: x\r\n|' +
      'transfer-encoding: identity\r\n|Transfer-Encoding : chunked\r\n|Connection: close\r\n|' +
      'Expect: 100-continue\r\n|Upgrade: x\r\nConnection: upgrade\r\n|0\r\n\r\n|GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  ),
].map((text) => text.replace('é', '\xe9'));

/** A stream of one to three requests, and the places at which it comes in pieces. */
export interface Input {
  readonly text: string;
  readonly cuts: readonly number[];
}

export function generate(random: Random): Input {
  const count = 1 + random.below(3);
  let text = '';
  for (let i = 0; i < count; i++) text += request(random);
  if (random.chance(0.65)) text = faulty(random, text);
  return { text, cuts: cutsOf(random, text.length) };
}

function cutsOf(random: Random, length: number): number[] {
  if (random.chance(0.3)) return [];
  const count = random.chance(0.2) ? length : 1 + random.below(4);
  return Array.from({ length: count }, () => random.below(length));
}

// ---- requests of the grammar

function request(random: Random): string {
  const often = (choices: readonly string[], others: readonly string[], odd: number): string => {
    return random.pick(random.chance(odd) ? others : choices);
  };
  const method = often(METHODS, ODD_METHODS, 0.05);
  const target =
    method === 'CONNECT' && random.chance(0.8) ? 't:443' : often(TARGETS, OTHER_TARGETS, 0.06);
  const version = random.chance(0.9) ? '1.1' : random.pick(VERSIONS);
  const lines: string[] = [];
  if (random.chance(0.98)) lines.push(`Host: ${random.chance(0.9) ? 'h' : random.pick(HOSTS)}`);
  for (let i = random.below(4); i > 0; i--) lines.push(random.pick(FIELDS));
  if (random.chance(0.2)) lines.push(`Connection: ${random.pick(CONNECTIONS)}`);
  if (random.chance(0.08)) lines.push(`Expect: ${random.chance(0.8) ? '100-continue' : 'x'}`);
  const body = framed(random, lines);
  const before = random.chance(0.05) ? '\r\n'.repeat(1 + random.below(5)) : '';
  return `${before}${method} ${target} HTTP/${version}\r\n${shuffled(random, lines).join('\r\n')}\r\n\r\n${body}`;
}

/** A body, and the fields that say where it ends; sometimes they lie. */
function framed(random: Random, lines: string[]): string {
  const kind = random.below(10);
  if (kind < 4) return '';
  let body = '';
  if (kind < 7) {
    body = data(random);
    lines.push(`Content-Length: ${lengthOf(random, body.length)}`);
  } else {
    body = chunks(random);
    lines.push(`Transfer-Encoding: ${random.chance(0.9) ? 'chunked' : random.pick(CODINGS)}`);
  }
  if (random.chance(0.05)) lines.push(`Content-Length: ${lengthOf(random, body.length)}`);
  if (random.chance(0.04)) lines.push(`Transfer-Encoding: ${random.pick(CODINGS)}`);
  return body;
}

function lengthOf(random: Random, length: number): string {
  if (random.chance(0.9)) return String(length);
  const forms = [
    `0${length}`,
    `+${length}`,
    `-${length}`,
    `${length},${length}`,
    `${length} `,
    `0x${length}`,
  ];
  return random.pick([
    ...forms,
    String(length + 1),
    String(Math.max(0, length - 1)),
    `${length}.0`,
    '',
    '1e1',
  ]);
}

function data(random: Random): string {
  let text = '';
  for (let i = random.below(4); i >= 0; i--) text += random.pick(DATA);
  return text;
}

function chunks(random: Random): string {
  let text = '';
  for (let i = random.below(4); i > 0; i--) {
    const part = data(random);
    text += `${sizeOf(random, part.length)}${extension(random)}\r\n${part}\r\n`;
  }
  text += `${random.chance(0.9) ? '0' : '000'}${extension(random)}\r\n`;
  for (let i = random.chance(0.2) ? 1 + random.below(3) : 0; i > 0; i--) {
    text += `${random.pick(TRAILERS)}\r\n`;
  }
  return `${text}\r\n`;
}

function sizeOf(random: Random, length: number): string {
  const hex = length.toString(16);
  if (random.chance(0.95)) return random.chance(0.5) ? hex : hex.toUpperCase();
  return random.pick([
    `0${hex}`,
    `000${hex}`,
    `+${hex}`,
    `-${hex}`,
    `0x${hex}`,
    ` ${hex}`,
    `${hex} `,
    `${hex}g`,
    '',
  ]);
}

function extension(random: Random): string {
  return random.chance(0.2) ? random.pick(EXTENSIONS) : '';
}

function shuffled(random: Random, lines: readonly string[]): string[] {
  const left = [...lines];
  const result: string[] = [];
  while (left.length > 0) result.push(...left.splice(random.below(left.length), 1));
  return result;
}

// ---- faults

type Fault = (random: Random, text: string) => string;

const FAULTS: readonly Fault[] = [
  // Another byte, or one bit of it.
  (random, text) => {
    const at = random.below(text.length);
    const byte = random.chance(0.5)
      ? random.below(256)
      : text.charCodeAt(at) ^ (1 << random.below(8));
    return text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1);
  },
  // Something in between, or in the place of something.
  (random, text) => {
    const at = random.below(text.length + 1);
    const to = random.chance(0.6) ? at : Math.min(text.length, at + random.below(6));
    return text.slice(0, at) + random.pick(MORSELS) + text.slice(to);
  },
  // A part is missing.
  (random, text) => {
    const at = random.below(text.length);
    return text.slice(0, at) + text.slice(at + 1 + random.below(random.chance(0.7) ? 3 : 30));
  },
  // Another end of a line.
  (random, text) => {
    const at = placeOf(random, text, '\r\n');
    return at < 0 ? text : text.slice(0, at) + random.pick(LINE_ENDS) + text.slice(at + 2);
  },
  // All ends of lines.
  (random, text) => (random.chance(0.3) ? text.replaceAll('\r\n', random.pick(LINE_ENDS)) : text),
  // Another line at the beginning of one.
  (random, text) => {
    const at = placeOf(random, text, '\r\n');
    const line = random.pick(MORSELS.slice(-15));
    return at < 0 ? text : text.slice(0, at + 2) + line + text.slice(at + 2);
  },
  // A line twice, or at another place.
  (random, text) => {
    const lines = text.split('\r\n');
    const line = lines[random.below(lines.length)]!;
    lines.splice(random.below(lines.length + 1), random.chance(0.5) ? 0 : 1, line);
    return lines.join('\r\n');
  },
  // White space around a colon.
  (random, text) => {
    const at = placeOf(random, text, ':');
    const blank = random.pick([' ', '\t', '\x0b', '\0', '\r\n ', '\xa0']);
    return at < 0
      ? text
      : text.slice(0, at) + (random.chance(0.5) ? `${blank}:` : `:${blank}`) + text.slice(at + 1);
  },
  // Letters in another case.
  (random, text) => {
    const at = random.below(text.length);
    const to = at + random.below(20);
    const part = text.slice(at, to);
    return text.slice(0, at) + (random.chance(0.5) ? upper(part) : lower(part)) + text.slice(to);
  },
  // The end is missing.
  (random, text) => (random.chance(0.3) ? text.slice(0, random.below(text.length)) : text),
];

function faulty(random: Random, good: string): string {
  let text = good;
  for (let i = random.below(2); i >= 0 && text.length > 0; i--)
    text = random.pick(FAULTS)(random, text);
  return text;
}

/** Where one of the occurrences of `part` is; -1 if there is none. */
function placeOf(random: Random, text: string, part: string): number {
  const from = random.below(text.length + 1);
  const after = text.indexOf(part, from);
  return after >= 0 ? after : text.indexOf(part);
}

function upper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
