/** What a step has given, and whether that is what the kernel once gave. */

export interface Step {
  readonly op: string;
  readonly args: readonly string[];
  /** What was recorded, as text. */
  readonly res: string;
  /** What must come again: null for nothing. */
  readonly want?: string | number | boolean | null;
}

export interface Case {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly steps: readonly Step[];
}

/** `text` is as the cases write it; `count` is the number that the call returned. */
export interface Outcome {
  readonly text: string;
  readonly count?: number | undefined;
  /** Of a result that depends on the machine: whether it is one that can be. */
  readonly plausible?: boolean | undefined;
}

/** Null if `outcome` is what `step` wants; else what was wanted. */
export function mismatch({ want, res }: Step, { text, count, plausible }: Outcome): string | null {
  if (want === undefined || want === null) return null;
  if (want === 'ok') return count !== undefined && count >= 0 ? null : 'success';
  if (want === 'predicate')
    return (plausible ?? sameForm(text, count, res)) ? null : `one like ${res}`;
  if (typeof want === 'number') {
    return (count ?? Number(text)) === want || text === String(want) ? null : String(want);
  }
  if (typeof want === 'boolean') return text === (want ? 'True' : 'False') ? null : String(want);
  const range = /^(-?\d+)\.\.(-?\d+)$/.exec(want);
  if (range !== null) {
    const value = count ?? Number(text);
    return value >= Number(range[1]) && value <= Number(range[2]) ? null : want;
  }
  return text === want || sameWords(text, want) || holdsParts(text, want) ? null : want;
}

/** Numbers above 0 are alike, "n" is any; ports have names, with which texts must be the same. */
function sameForm(text: string, count: number | undefined, res: string): boolean {
  if (/^(\d+|n)$/.test(res)) return (count ?? Number(text)) > 0;
  return text === res.split(' len=', 1)[0];
}

/** Flags are a set: "IN|RDHUP|HUP" is "IN|HUP|RDHUP". */
function sameWords(a: string, b: string): boolean {
  const sorted = (text: string): string => text.replace(/[A-Z]+(?:\|[A-Z]+)+/g, sortWords);
  return sorted(a) === sorted(b);
}

function sortWords(text: string): string {
  return text.split('|').sort().join('|');
}

interface Parts {
  readonly data: string;
  readonly flags: string | undefined;
  readonly control: readonly string[] | undefined;
}

/** `"x" flags=CTRUNC cmsg=CREDS,RIGHTS[1]`: of a received message, those parts that are wanted. */
function holdsParts(text: string, want: string): boolean {
  const has = partsOf(text);
  const wanted = partsOf(want);
  if (has === null || wanted === null || has.data !== wanted.data) return false;
  if (wanted.flags !== undefined && !sameWords(has.flags ?? '', wanted.flags)) return false;
  if (wanted.control === undefined) return true;
  const { control = [] } = has;
  return (
    control.length === wanted.control.length &&
    wanted.control.every((one, i) => control[i] === one || control[i]!.split(/[([]/, 1)[0] === one)
  );
}

function partsOf(text: string): Parts | null {
  const parts = /^(".*?"|\d+B?)(?: flags=(\S*))?(?: cmsg=(\S*))?(?: from \S+)?$/s.exec(text);
  if (parts === null) return null;
  const [, data = '', flags, control] = parts;
  const messages = control?.match(/[^,([]+(?:\([^)]*\)|\[[^\]]*\])?/g) ?? [];
  return { data, flags, control: control === undefined ? undefined : messages };
}
