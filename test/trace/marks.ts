/** Where the calls of one program begin in a trace. */

/** close of this descriptor, and of those below it, is a mark. */
export const MARK = -7001;

/** close of this descriptor begins and ends what the trace itself asks the kernel. */
export const ASKING = -8001;

/** The lines of each program, by its number. */
export function partsOf(text: string): string[][] {
  const parts: string[][] = [];
  let asking = false;
  for (const line of text.split('\n')) {
    if (line.startsWith(`close(${ASKING})`)) {
      asking = !asking;
      continue;
    }
    if (asking) continue;
    const mark = /^close\((-7\d\d\d)\)/.exec(line);
    if (mark !== null) parts.push([]);
    else if (line !== '') parts.at(-1)?.push(line);
  }
  return parts.slice(0, -1);
}

/** Where src/trace/addresses.ts makes them up. */
const MADE_UP = /0x7f00[0-9a-f]{8}/;

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/**
 * strace's line, with our addresses in the place of its own where nothing else differs. An address may have
 * fewer digits there, so the blanks before the result may differ in number, too.
 */
export function agreed(ours: string, theirs: string): string {
  if (!MADE_UP.test(ours)) return theirs;
  const pattern = ours
    .split(MADE_UP)
    .map((part) => literal(part).replace(/ += /, ' += '))
    .join('0x[0-9a-f]+');
  return new RegExp(`^${pattern}$`).test(theirs) ? ours : theirs;
}
