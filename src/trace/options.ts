/**
 * The options of a trace, in the words of strace(1): one reader for the command line, the environment and
 * whoever has a list of words.
 *
 * Words are read as getopt_long(3) reads them: letters may stand together ("-tty"), a value may stand in the
 * word of its letter or be the next one ("-s5", "-s 5"), that of a long option is behind "=" or the next one.
 * Reading ends before the first word that is no option, and behind "--". Of an option that is given
 * twice the last one counts, but for rules of faults, which add up, and for x, y and t, which grow.
 */
import { callSet } from '../kernel/call-set.ts';
import { DEFAULT_SETTINGS, type TraceSettings } from './settings.ts';

/** Words of the options, and those behind them: a program and its arguments. */
export interface TraceArguments {
  readonly settings: TraceSettings;
  readonly rest: readonly string[];
}

/** What --ring keeps if no number is given. */
export const DEFAULT_RING = 1024;

/** A ring is memory that is taken at once. */
const MAX_RING = 1 << 20;

/** An int, as strace has it. */
const MAX_NUMBER = 0x7fff_ffff;

type Settings = { -readonly [K in keyof TraceSettings]: TraceSettings[K] };

function failed(option: string, expected: string, value?: string): TypeError {
  const given = value === undefined ? '' : `, not ${JSON.stringify(value)}`;
  return new TypeError(`trace: option ${option}: expected ${expected}${given}`);
}

function numberOf(option: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : -1;
  if (value < least || value > most) {
    throw failed(option, `a whole number from ${least} to ${most}`, text);
  }
  return value;
}

function callsOf(option: string, expression: string): TraceSettings['calls'] {
  try {
    return callSet(expression);
  } catch (error) {
    throw new TypeError(`trace: option ${option}: ${(error as Error).message}`, { cause: error });
  }
}

/** Qualifiers of -e; without one it is a set of calls. */
function expression(settings: Settings, option: string, text: string): void {
  const [, word, value = ''] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  if (word === undefined || word === 'trace' || word === 't') {
    settings.calls = callsOf(option, word === undefined ? text : value);
  } else if (word === 'inject') {
    inject(settings, option, value);
  } else {
    throw failed(option, 'trace=SET, inject=RULE or a set of calls', text);
  }
}

function inject(settings: Settings, option: string, rule: string): void {
  if (rule === '') throw failed(option, 'a rule such as accept4:error=EMFILE', rule);
  settings.inject = [...settings.inject, rule];
}

function summary(settings: Settings, option: string, wanted: 'only' | 'also'): void {
  if (settings.summary !== 'none' && settings.summary !== wanted) {
    throw failed(option, 'one of -c and -C, not both');
  }
  settings.summary = wanted;
}

function output(settings: Settings, option: string, file: string): void {
  if (file === '') throw failed(option, 'the name of a file', file);
  settings.output = file;
}

const FORMATS = ['text', 'ndjson', 'chrome'] as const;

function format(settings: Settings, option: string, text: string): void {
  const known = FORMATS.find((word) => word === text);
  if (known === undefined) throw failed(option, `one of ${FORMATS.join(', ')}`, text);
  settings.format = known;
}

const CLOCKS = ['none', 'seconds', 'microseconds', 'epoch'] as const;
const HEX = ['none', 'non-ascii', 'all'] as const;
const DESCRIPTORS = ['none', 'paths', 'all'] as const;

/** The next of a row; the last one stays. */
function more<T>(row: readonly T[], now: T): T {
  return row[Math.min(row.indexOf(now) + 1, row.length - 1)]!;
}

type Plain = (settings: Settings, option: string) => void;
type Valued = (settings: Settings, option: string, value: string) => void;

/** Options without a value. */
const PLAIN: ReadonlyMap<string, Plain> = new Map<string, Plain>([
  ['-x', (settings) => (settings.hex = more(HEX, settings.hex))],
  ['-y', (settings) => (settings.descriptors = more(DESCRIPTORS, settings.descriptors))],
  ['-t', (settings) => (settings.clock = more(CLOCKS, settings.clock))],
  ['-T', (settings) => (settings.duration = true)],
  ['-r', (settings) => (settings.relative = true)],
  ['-c', (settings, option) => summary(settings, option, 'only')],
  ['-C', (settings, option) => summary(settings, option, 'also')],
  ['--stacks', (settings) => (settings.stacks = true)],
  ['--explain', (settings) => (settings.explain = true)],
  ['--ring', (settings) => (settings.ring = DEFAULT_RING)],
]);

const ring: Valued = (settings, option, value) => {
  settings.ring = numberOf(option, value, 1, MAX_RING);
};

/** Options with a value. */
const VALUED: ReadonlyMap<string, Valued> = new Map<string, Valued>([
  ['-e', expression],
  ['-s', (settings, option, value) => (settings.strings = numberOf(option, value, 0, MAX_NUMBER))],
  ['-a', (settings, option, value) => (settings.column = numberOf(option, value, 0, MAX_NUMBER))],
  ['-o', output],
  ['--trace', (settings, option, value) => (settings.calls = callsOf(option, value))],
  ['--inject', inject],
  ['--format', format],
]);

function known(): string {
  return [...VALUED.keys(), ...PLAIN.keys()].join(', ');
}

class Reader {
  readonly settings: Settings = { ...DEFAULT_SETTINGS };
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  /** Reads the options; the words that are left. */
  read(): readonly string[] {
    for (;;) {
      const word = this.#words[this.#at];
      if (word === undefined || word === '-' || !word.startsWith('-')) break;
      this.#at += 1;
      if (word === '--') break;
      if (word.startsWith('--')) this.#long(word);
      else this.#letters(word);
    }
    return this.#words.slice(this.#at);
  }

  #next(option: string): string {
    const value = this.#words[this.#at];
    if (value === undefined) throw failed(option, 'a value behind it');
    this.#at += 1;
    return value;
  }

  #long(word: string): void {
    const equals = word.indexOf('=');
    const option = equals < 0 ? word : word.slice(0, equals);
    const value = equals < 0 ? undefined : word.slice(equals + 1);
    const valued = VALUED.get(option);
    if (valued !== undefined) {
      valued(this.settings, option, value ?? this.#next(option));
    } else if (option === '--ring' && value !== undefined) {
      ring(this.settings, option, value);
    } else {
      this.#plain(option);
      if (value !== undefined) throw failed(option, 'no value', value);
    }
  }

  #letters(word: string): void {
    for (let i = 1; i < word.length; i += 1) {
      const option = `-${word[i]}`;
      const valued = VALUED.get(option);
      if (valued === undefined) {
        this.#plain(option);
        continue;
      }
      const value = word.slice(i + 1);
      valued(this.settings, option, value === '' ? this.#next(option) : value);
      return;
    }
  }

  #plain(option: string): void {
    const set = PLAIN.get(option);
    if (set === undefined) {
      throw new TypeError(`trace: ${JSON.stringify(option)} is no option: expected ${known()}`);
    }
    set(this.settings, option);
  }
}

/** The options that `words` begin with, and the words behind them. TypeError for what is no option. */
export function readTraceOptions(words: readonly string[]): TraceArguments {
  if (!Array.isArray(words) || words.some((word) => typeof word !== 'string')) {
    throw new TypeError('trace: options must be an array of strings, such as ["-e", "%network"]');
  }
  const reader = new Reader(words);
  const rest = reader.read();
  return { settings: reader.settings, rest };
}

/** The settings that `args` ask for: options only. TypeError for anything else. */
export function parseTraceOptions(args: readonly string[]): TraceSettings {
  const { settings, rest } = readTraceOptions(args);
  if (rest.length > 0) {
    throw new TypeError(
      `trace: ${JSON.stringify(rest[0])} is no option: expected ${known()}, with "-" before it`,
    );
  }
  return settings;
}
