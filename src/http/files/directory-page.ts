/**
 * The page that lists a directory: links relative to its own address, so it works below any prefix.
 * Names come from whoever may create files; each is escaped for where it stands.
 */
import type { FileEntry, OpenFile } from './file-system.ts';
import type { ResponseWriter } from '../handler.ts';

/** Entries of a directory that are listed. */
const MAX_ENTRIES = 5000;

/** Pages made here need nothing, so they may load nothing. */
const LISTING_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const encoder = new TextEncoder();

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

const STYLE = `
:root { color-scheme: light dark; --quiet: #6b7280; --line: #8883; }
body { font: 15px/1.6 system-ui, sans-serif; max-width: 52rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.2rem; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
td { padding: .25rem .5rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
td + td { text-align: right; white-space: nowrap; color: var(--quiet); }
a { text-decoration: none; } a:hover { text-decoration: underline; }`;

/** The last time that four digits of a year can tell. */
const LAST_TIME = Date.UTC(9999, 11, 31);

/** Replies with the page of the directory at `path` ("a/b", "" for the root). */
export async function serveListing(
  w: ResponseWriter,
  directory: OpenFile,
  path: string,
): Promise<void> {
  const entries = (await directory.entries?.(MAX_ENTRIES + 1)) ?? [];
  const listed = entries.slice(0, MAX_ENTRIES);
  const whole = entries.length <= MAX_ENTRIES;
  const page = encoder.encode(directoryPage(path === '' ? '/' : `/${path}/`, listed, whole));
  const header = w.header();
  header.set('Content-Type', 'text/html; charset=utf-8');
  header.set('Content-Length', page.length);
  header.set('Content-Security-Policy', LISTING_POLICY);
  // The client may have gone, which is nobody's mistake.
  await w.write(page).catch(() => {});
}

/** `text` for any place in HTML where text may stand, and for a quoted attribute. */
export function escapeHTML(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ESCAPES[char] as string);
}

/**
 * The directory at `path` ("/a/b/", decoded) as a page. Directories come first, then files, each in
 * the order of their names. `whole`: these are all of its entries.
 */
export function directoryPage(path: string, entries: readonly FileEntry[], whole: boolean): string {
  const rows = entries.toSorted(compare).map(row);
  if (path !== '/') rows.unshift('<tr><td><a href="../">../</a><td><td>\n');
  const title = escapeHTML(path);
  return (
    `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>${title}</title>\n` +
    `<meta name="viewport" content="width=device-width">\n<style>${STYLE}\n</style>\n` +
    `<h1>${title}</h1>\n<table>\n${rows.join('')}</table>\n` +
    `${whole ? '' : `<p>Only ${entries.length} entries are shown.\n`}`
  );
}

function compare(a: FileEntry, b: FileEntry): number {
  if (a.isDirectory !== b.isDirectory) return a.isDirectory ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

function row({ name, isDirectory, size, mtimeMs }: FileEntry): string {
  const slash = isDirectory ? '/' : '';
  // "./" so that a name with a colon does not begin a scheme.
  const link = `<a href="./${encodeURIComponent(name)}${slash}">${escapeHTML(name)}${slash}</a>`;
  return `<tr><td>${link}<td>${isDirectory ? '' : formatSize(size)}<td>${formatTime(mtimeMs)}\n`;
}

/** "512 B", "1.5 KiB", "20 MiB" */
function formatSize(bytes: number): string {
  let size = bytes;
  let unit = 'B';
  for (const next of ['KiB', 'MiB', 'GiB', 'TiB']) {
    if (size < 1024) break;
    size /= 1024;
    unit = next;
  }
  const digits = unit === 'B' || size >= 10 ? 0 : 1;
  return `${size.toFixed(digits)} ${unit}`;
}

/** "2026-01-31 12:34" in UTC; empty for what is no time of this calendar. */
function formatTime(ms: number): string {
  if (!(ms >= 0 && ms <= LAST_TIME)) return '';
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
