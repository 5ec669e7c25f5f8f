/**
 * The variable NETFD_TRACE: options as those of "netfd trace", separated by blanks, or "1" for none; as a JSON array of
 * strings if one of them holds a blank.
 */
import { parseTraceOptions } from '../trace/options.ts';
import type { TraceSettings } from '../trace/settings.ts';

/** TypeError for what is no option. */
export function traceSettingsOf(value: string): TraceSettings {
  const settings = parseTraceOptions(wordsOf(value));
  refuseRing(settings);
  return settings;
}

/** Calls that are kept are for a program to look at, which one that knows nothing of them does not. */
export function refuseRing({ ring }: TraceSettings): void {
  if (ring === 0) return;
  throw new TypeError('trace: option --ring: only a program itself can keep calls, by RecentCalls');
}

/** As {@link traceSettingsOf} reads them. */
export function traceVariable(words: readonly string[]): string {
  return JSON.stringify(words);
}

function wordsOf(value: string): readonly string[] {
  if (value === '1') return [];
  if (!value.startsWith('[')) return value.split(/\s+/).filter((word) => word !== '');
  try {
    return JSON.parse(value) as string[];
  } catch (cause) {
    throw new TypeError('NETFD_TRACE must be options or a JSON array of them', { cause });
  }
}
