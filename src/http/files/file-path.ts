/**
 * From the path of a request to the path of a file. Each name is decoded by itself: what decodes to a slash or
 * a NUL, what begins with a dot and is not shown, and "." and ".." in every spelling are not looked for. Empty
 * names are passed over, as in Go.
 */
import { type DotFiles, isShown } from './dot-files.ts';
import { decodePath, pathTraits } from '../message/request-path.ts';

/** The path of the file that a path as sent names, "" for the root; null if it is not to be looked for. */
export function filePathOf(rawPath: string, dotFiles: DotFiles): string | null {
  if (pathTraits(rawPath) === 0) {
    return rawPath.slice(1, rawPath.endsWith('/') ? Math.max(rawPath.length - 1, 1) : undefined);
  }
  const names: string[] = [];
  for (const part of rawPath.split('/')) {
    if (part === '') continue;
    const name = decodePath(part);
    if (!isShown(name, dotFiles) || name.includes('/') || name.includes('\0')) return null;
    names.push(name);
  }
  return names.join('/');
}

/** The path of `name` in the directory at `path`. */
export function joined(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}

/** The last name of a path. */
export function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
