/**
 * The fields of a message: an ordered list of names and values, looked up by name in any case.
 *
 * A message has few fields, so they stand in one flat array and are searched in order; an empty
 * Header owns no array. The fields of a request are checked by the parser and taken apart here when
 * somebody first asks. After Go's http.Header, save that order is kept and that a bad name or value
 * is a TypeError, where Go drops or changes it. Source: RFC 9110 section 5.
 */
import { type FieldName, fieldName, KnownField, LATE_TRAILER } from './field-name.ts';
import { isBlank, trimmedSlice } from './token.ts';

export { canonicalName, KnownField } from './field-name.ts';

const CR = 0x0d;

const BAD_VALUE = /[\0\r\n\u0100-\uffff]/;
const NOT_LATIN1 = /[\u0100-\uffff]/;

/** The last value that was good as it was: most handlers set the same one always. */
let lastPlain = '';

/** Names and values in their order, looked up in any case. What cannot be sent is a TypeError. */
export class Header {
  /** Canonical name, value, canonical name, value, …; null while there is none. */
  #fields: string[] | null = null;
  /** Field lines that have not been taken apart yet. */
  #text = '';
  /** The canonical name to leave out of `#text`. */
  #omitted = '';
  /** See {@link Header.known}. */
  #known = 0;

  /**
   * The fields in `text`: lines "Name: value" ending in CRLF or LF, where the last one may lack it,
   * that have been checked already. Fields of the canonical name `omitted` are left out.
   */
  static fromText(text: string, omitted = ''): Header {
    const header = new Header();
    header.#text = text;
    header.#omitted = omitted;
    return header;
  }

  /** The number of values. */
  get size(): number {
    return this.#load().length / 2;
  }

  get isEmpty(): boolean {
    return this.#fields === null ? this.#text === '' || this.size === 0 : this.#fields.length === 0;
  }

  /** Which fields of {@link KnownField} there are, as the sum of their bits; and LATE_TRAILER. */
  get known(): number {
    if (this.#text !== '') this.#load();
    return this.#known;
  }

  /** The first value of `name`, undefined without one. */
  get(name: string): string | undefined {
    const fields = this.#load();
    const at = find(fields, name);
    return at < 0 ? undefined : fields[at + 1];
  }

  has(name: string): boolean {
    return find(this.#load(), name) >= 0;
  }

  /** All values of `name` in order, in an array of the caller's own. */
  values(name: string): string[] {
    const fields = this.#load();
    const values: string[] = [];
    const first = find(fields, name);
    if (first < 0) return values;
    const key = fields[first];
    for (let i = first; i < fields.length; i += 2) {
      if (fields[i] === key) values.push(fields[i + 1] as string);
    }
    return values;
  }

  /**
   * Makes `value` the only value of `name`, in the place of the first one if there is one.
   * TypeError for a name that is not a token and for a value with CR, LF, NUL or code units past
   * U+00FF.
   */
  set(name: string, value: string | number): void {
    const field = checkedName(name);
    const text = checkedValue(field.name, value);
    this.#known |= field.bit;
    const fields = this.#load();
    if (fields === NO_FIELDS) {
      this.#fields = [field.name, text];
      return;
    }
    const at = findKey(fields, field.name);
    if (at < 0) {
      fields.push(field.name, text);
      return;
    }
    fields[at + 1] = text;
    removeFrom(fields, field.name, at + 2);
  }

  /** Adds a value after those that `name` has. Throws as {@link Header.set} does. */
  add(name: string, value: string | number): void {
    const field = checkedName(name);
    const text = checkedValue(field.name, value);
    const fields = this.#load();
    if (fields === NO_FIELDS) this.#fields = [field.name, text];
    else fields.push(field.name, text);
    this.#known |= field.bit;
  }

  /** Adds the fields of `other`, after those that there are. */
  addAll(other: Header): void {
    const others = other.#load();
    if (others.length === 0) return;
    const fields = this.#load();
    if (fields === NO_FIELDS) this.#fields = others.slice();
    else for (const text of others) fields.push(text);
    this.#known |= other.#known;
  }

  /** Removes all values of `name`. */
  delete(name: string): void {
    const fields = this.#load();
    const first = find(fields, name);
    if (first < 0) return;
    const field = checkedName(name);
    removeFrom(fields, field.name, first);
    // Other names have that bit, too.
    if (field.bit !== LATE_TRAILER) this.#known &= ~field.bit;
  }

  /**
   * Keeps the server from adding the field by itself, without there being one: where in Go a header has
   * the name with no values. `set` and `add` add one as ever.
   */
  suppress(name: 'Content-Type' | 'Date'): void {
    this.#load();
    this.#known |= name === 'Date' ? KnownField.Date : KnownField.ContentType;
  }

  /** Names in canonical form with their values, in the order in which they were added. */
  *entries(): Generator<[name: string, value: string], void, undefined> {
    const fields = this.#load();
    for (let i = 0; i < fields.length; i += 2) {
      yield [fields[i] as string, fields[i + 1] as string];
    }
  }

  [Symbol.iterator](): Generator<[name: string, value: string], void, undefined> {
    return this.entries();
  }

  /** Whether `other` has, and suppresses, the same fields with the same values in the same order. */
  equals(other: Header): boolean {
    const fields = this.#load();
    const others = other.#load();
    if (this.#known !== other.#known) return false;
    if (fields.length !== others.length) return false;
    for (let i = 0; i < fields.length; i++) if (fields[i] !== others[i]) return false;
    return true;
  }

  /** A header of its own with the same fields. */
  clone(): Header {
    const copy = new Header();
    if (this.#fields !== null) copy.#fields = this.#fields.slice();
    copy.#text = this.#text;
    copy.#omitted = this.#omitted;
    copy.#known = this.#known;
    return copy;
  }

  /** `head` with a line "Name: value\r\n" for each field after it, to be sent as latin1. */
  appendTo(head: string): string {
    const fields = this.#load();
    let text = head;
    for (let i = 0; i < fields.length; i += 2) {
      text += `${fields[i] as string}: ${fields[i + 1] as string}\r\n`;
    }
    return text;
  }

  /** The field lines as they are sent. */
  toString(): string {
    return this.appendTo('');
  }

  /** The fields; {@link NO_FIELDS}, which is not to be changed, if there has never been one. */
  #load(): string[] {
    if (this.#fields !== null) return this.#fields;
    return this.#text === '' ? NO_FIELDS : this.#parse();
  }

  #parse(): string[] {
    const text = this.#text;
    const fields: string[] = [];
    for (let start = 0; start < text.length;) {
      const newline = text.indexOf('\n', start);
      const next = newline < 0 ? text.length : newline + 1;
      const colon = text.indexOf(':', start);
      const field = colon < 0 ? null : fieldName(text.slice(start, colon));
      if (field === null) throw new TypeError('Header.fromText: text holds a malformed field line');
      if (field.name !== this.#omitted) {
        fields.push(field.name, trimmedSlice(text, colon + 1, lineEnd(text, newline)));
        this.#known |= field.bit;
      }
      start = next;
    }
    this.#text = '';
    this.#fields = fields;
    return fields;
  }
}

const NO_FIELDS: string[] = [];

/** The place of the first field of `name`, in any case; -1 without one. */
function find(fields: string[], name: string): number {
  if (fields.length === 0) return -1;
  const at = findKey(fields, name);
  if (at >= 0) return at;
  const field = fieldName(name);
  return field === null || field.name === name ? -1 : findKey(fields, field.name);
}

function findKey(fields: string[], key: string): number {
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] === key) return i;
  }
  return -1;
}

/** Removes the fields of `key` at and after the place `from`. */
function removeFrom(fields: string[], key: string, from: number): void {
  let kept = from;
  for (let i = from; i < fields.length; i += 2) {
    if (fields[i] === key) continue;
    if (kept !== i) {
      fields[kept] = fields[i] as string;
      fields[kept + 1] = fields[i + 1] as string;
    }
    kept += 2;
  }
  fields.length = kept;
}

/** Where the value on the line that ends at `newline` ends, -1 being the end of the text. */
function lineEnd(text: string, newline: number): number {
  const end = newline < 0 ? text.length : newline;
  return text.charCodeAt(end - 1) === CR ? end - 1 : end;
}

function checkedName(name: string): FieldName {
  const field = fieldName(name);
  if (field === null) throw new TypeError(`header name ${JSON.stringify(name)} is not a token`);
  return field;
}

/** `value` as text without white space around it. */
function checkedValue(name: string, value: string | number): string {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return String(value);
    throw new TypeError(`header value of ${name} is ${value}`);
  }
  if (typeof value !== 'string') throw new TypeError(`header value of ${name} is not a string`);
  if (value === lastPlain) return value;
  if (BAD_VALUE.test(value)) {
    const reason = NOT_LATIN1.test(value) ? 'a character past U+00FF' : 'a CR, LF or NUL';
    throw new TypeError(`header value of ${name} has ${reason}`);
  }
  const { length } = value;
  if (length === 0 || !(isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(length - 1)))) {
    return (lastPlain = value);
  }
  return trimmedSlice(value, 0, length);
}
