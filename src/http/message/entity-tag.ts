/**
 * Entity tags: what a file's is, how two are compared, and how a list of them is read.
 *
 * A file's tag is made of the time of its last modification, in microseconds, and its size, both in hex:
 * `"6313a7c3d2f40-2710"`. The inode is not in it: the same file has another one on each machine behind a
 * load balancer, and nobody outside needs to know it. The tag is strong, so a broken download can go on, but
 * for a file that was modified within the last second: the clock of a file system may stand still for some
 * milliseconds, and so another modification might get the same tag. Source: RFC 9110 section 8.8.
 */

/** A file younger than this, in milliseconds, has a weak tag. */
const YOUNG = 1000;

/** The tag of a file. `now` and `mtimeMs` in milliseconds since 1970. */
export function entityTagOf(size: number, mtimeMs: number, now: number): string {
  const tag = `"${Math.floor(mtimeMs * 1000).toString(16)}-${size.toString(16)}"`;
  return Math.abs(now - mtimeMs) < YOUNG ? `W/${tag}` : tag;
}

/** Whether `text` is an entity tag, weak or strong. */
export function isEntityTag(text: string): boolean {
  return scanEntityTag(text, 0) === text.length;
}

/** Where the entity tag that begins at `start` ends; -1 if none does. */
export function scanEntityTag(text: string, start: number): number {
  let at = text.startsWith('W/', start) ? start + 2 : start;
  if (text.charCodeAt(at) !== QUOTE) return -1;
  for (at++; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) return at + 1;
    if (unit <= 0x20 || unit === 0x7f) return -1;
  }
  return -1;
}

/** Both strong, and the same. */
export function matchesStrongly(one: string, other: string): boolean {
  return one === other && one.charCodeAt(0) === QUOTE;
}

/** The same but for being weak. */
export function matchesWeakly(one: string, other: string): boolean {
  return opaque(one) === opaque(other);
}

/** Whether "*" or one of the tags in `list` matches `tag`. What follows no tag is not looked at, as in Go. */
export function anyMatches(
  list: string,
  tag: string,
  matches: (one: string, other: string) => boolean,
): boolean {
  for (let at = 0; at < list.length;) {
    const char = list[at];
    if (char === '*') return true;
    if (char === ',' || char === ' ' || char === '\t') {
      at++;
      continue;
    }
    const end = scanEntityTag(list, at);
    if (end < 0) return false;
    if (tag !== '' && matches(list.slice(at, end), tag)) return true;
    at = end;
  }
  return false;
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}

const QUOTE = 0x22;
