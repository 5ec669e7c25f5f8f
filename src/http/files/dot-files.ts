/**
 * Names that begin with a dot: .git, .env, .htpasswd. They are not shown unless somebody says so. "." and
 * ".." are no names at all.
 */

/** Whether names that begin with a dot are shown: none of them, all, or these alone. */
export type DotFiles = boolean | readonly string[];

/** Whether a name may be looked for and listed. */
export function isShown(name: string, dotFiles: DotFiles): boolean {
  if (name.charCodeAt(0) !== DOT) return name !== '';
  if (name === '.' || name === '..') return false;
  return typeof dotFiles === 'boolean' ? dotFiles : dotFiles.includes(name);
}

const DOT = 0x2e;
