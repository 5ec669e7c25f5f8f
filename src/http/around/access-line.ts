/**
 * What an access log says of one request, as text: the Common and the Combined Log Format of Apache's
 * mod_log_config, and lines of JSON. Whatever a client sends, it stays within its quotes and its line:
 * quotes, backslashes, controls and bytes past ASCII are escaped as Apache escapes them, in JSON as JSON
 * does, controls from 0x7F to 0x9F too, which some terminals obey.
 */
import { authenticatedUser } from './authorization.ts';
import type { ServerRequest } from '../handler.ts';
import { errorType, type ExchangeEnd } from './observed-handler.ts';
import { givenIdOf, nextId } from './request-id.ts';

/** What is known of an exchange when it is logged. */
export interface AccessEntry {
  readonly r: ServerRequest;
  readonly end: ExchangeEnd;
  /** When it began, in milliseconds since 1970. */
  readonly time: number;
  /** How long it took, in milliseconds. */
  readonly duration: number;
  /** From where it came: an address without a port, "-" if there is none. */
  readonly remote: string;
}

export type AccessFormat = (entry: AccessEntry) => string;

/** `%h %l %u %t "%r" %>s %b` */
export function commonLine({ r, end, time, remote }: AccessEntry): string {
  const user = authenticatedUser(r) ?? '';
  const who = `${escaped(remote)} - ${user === '' ? '-' : escaped(user)}`;
  const line = `${r.method} ${escaped(r.target)} ${r.proto}`;
  return `${who} ${clfTime(time)} "${line}" ${end.status} ${end.bytes === 0 ? '-' : end.bytes}`;
}

/** The same and `"%{Referer}i" "%{User-agent}i"` */
export function combinedLine(entry: AccessEntry): string {
  const { header } = entry.r;
  const referer = escaped(header.get('Referer') ?? '-');
  return `${commonLine(entry)} "${referer}" "${escaped(header.get('User-Agent') ?? '-')}"`;
}

/** One object; what a request does not have is left out. */
export function jsonLine({ r, end, time, duration, remote }: AccessEntry): string {
  const { header } = r;
  const { status, bytes, aborted, thrown } = end;
  let line = `{"time":"${isoTime(time)}","id":${quoted(givenIdOf(r) ?? nextId())}`;
  line += `,"remote":${quoted(remote)}${member('user', authenticatedUser(r))}`;
  line += `,"method":"${r.method}","host":${quoted(r.host)},"target":${quoted(r.target)}`;
  line += `,"proto":"${r.proto}"${member('route', r.pattern || undefined)}`;
  line += `,"status":${status},"bytes":${bytes},"durationMs":${Math.round(duration * 1000) / 1000}`;
  line += member('referer', header.get('Referer')) + member('userAgent', header.get('User-Agent'));
  if (aborted) line += ',"aborted":true';
  if (thrown !== null) line += member('error', errorType(thrown.error));
  return `${line}}`;
}

function member(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${quoted(value)}`;
}

/** All but printable ASCII, and what is a quote or an escape itself. */
const TO_ESCAPE = /[^ !#-[\]-~]/;
const ALL_TO_ESCAPE = /[^ !#-[\]-~]/g;

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

const encoder = new TextEncoder();

/** As Apache writes what a client has sent. */
export function escaped(text: string): string {
  return TO_ESCAPE.test(text) ? text.replace(ALL_TO_ESCAPE, escape) : text;
}

function escape(char: string): string {
  const short = SHORT[char];
  if (short !== undefined) return short;
  const unit = char.charCodeAt(0);
  // Text of a client is latin1, a code unit a byte; a user's name is not.
  const bytes = unit <= 0xff ? [unit] : encoder.encode(char);
  let text = '';
  for (const byte of bytes) text += `\\x${byte.toString(16).padStart(2, '0')}`;
  return text;
}

function quoted(text: string): string {
  if (!TO_ESCAPE.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

let lastISOSecond = Number.NaN;
let lastISOText = '';

/** "2000-10-10T20:55:36.123Z" */
function isoTime(time: number): string {
  const whole = Math.floor(time);
  const second = Math.floor(whole / 1000);
  if (second !== lastISOSecond) {
    lastISOSecond = second;
    lastISOText = new Date(1000 * second).toISOString().slice(0, 20);
  }
  const milliseconds = whole - 1000 * second;
  const zeros = milliseconds < 10 ? '00' : milliseconds < 100 ? '0' : '';
  return `${lastISOText}${zeros}${milliseconds}Z`;
}

let lastSecond = Number.NaN;
let lastText = '';

/** "[10/Oct/2000:13:55:36 -0700]", in the zone of this machine. */
function clfTime(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = makeTime(new Date(time));
  }
  return lastText;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

function makeTime(date: Date): string {
  const month = MONTHS.slice(3 * date.getMonth(), 3 * date.getMonth() + 3);
  const day = `${two(date.getDate())}/${month}/${date.getFullYear()}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const east = -date.getTimezoneOffset();
  const zone = Math.abs(east);
  const offset = `${east < 0 ? '-' : '+'}${two(Math.floor(zone / 60))}${two(zone % 60)}`;
  return `[${day}:${clock} ${offset}]`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
