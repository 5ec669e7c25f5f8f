/**
 * Where a line of a compiled file stands in its source: by the source map that Node holds, with
 * --enable-source-maps or a loader such as tsx, and else by the one that the file itself names
 * (`//# sourceMappingURL=`, beside it or inside it). Never over the network. Each file is looked at once.
 *
 * Bun gives lines of TypeScript that it runs itself. Deno follows every map before it tells of a frame, so there
 * nothing is left to do, and doing it again would be wrong.
 */
import { readFileSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Position } from '../trace/frames.ts';

/** Files whose maps are kept; of the others the first goes. */
export const MAX_MAPS = 256;

/** A longer file is taken as it is. */
export const MAX_MAPPED_FILE: number = 32 * 2 ** 20;

const NAMED = /^\/\/[#@]\s*sourceMappingURL=(\S+)\s*$/gm;

interface Mapped {
  readonly map: nodeModule.SourceMap;
  /** What its sources are relative to. */
  readonly base: string;
}

function urlOf(file: string): string {
  return file.startsWith('/') ? pathToFileURL(file).href : file;
}

function textOf(url: string): string | null {
  if (url.startsWith('data:')) {
    const comma = url.indexOf(',');
    const text = decodeURIComponent(url.slice(comma + 1));
    const isBase64 = url.slice(0, comma).endsWith(';base64');
    return isBase64 ? Buffer.from(text, 'base64').toString() : text;
  }
  if (!url.startsWith('file:')) return null;
  const path = fileURLToPath(url);
  return statSync(path).size > MAX_MAPPED_FILE ? null : readFileSync(path, 'utf8');
}

function loadMap(file: string): Mapped | null {
  if ('deno' in process.versions) return null;
  const held = nodeModule.findSourceMap(file);
  const url = urlOf(file);
  if (held !== undefined) return { map: held, base: url };
  const named = [...(textOf(url)?.matchAll(NAMED) ?? [])].at(-1)?.[1];
  if (named === undefined) return null;
  const at = new URL(named, url).href;
  const text = textOf(at);
  if (text === null) return null;
  const payload = JSON.parse(text) as nodeModule.SourceMapPayload;
  const base = at.startsWith('data:') ? url : at;
  const root = payload.sourceRoot ?? '';
  const from = root === '' ? base : new URL(root.endsWith('/') ? root : `${root}/`, base).href;
  return { map: new nodeModule.SourceMap({ ...payload, sourceRoot: '' }), base: from };
}

/** Of one tracer. */
export class SourcePositions {
  readonly #maps: Map<string, Mapped | null> = new Map();

  /** How many files are remembered. */
  get size(): number {
    return this.#maps.size;
  }

  /** The place in the source, from 1; null: there is no map, it is broken, or it does not say. */
  of(file: string, line: number, column: number): Position | null {
    const mapped = this.#map(file);
    if (mapped === null) return null;
    try {
      const entry = mapped.map.findEntry(line - 1, column - 1);
      if (!('originalSource' in entry) || typeof entry.originalSource !== 'string') return null;
      return {
        file: new URL(entry.originalSource, mapped.base).href,
        line: entry.originalLine + 1,
        column: entry.originalColumn + 1,
      };
    } catch {
      return null;
    }
  }

  #map(file: string): Mapped | null {
    const known = this.#maps.get(file);
    if (known !== undefined) return known;
    let mapped: Mapped | null = null;
    try {
      mapped = loadMap(file);
    } catch {
      // No file, no map, or a runtime without them: its lines are what there is.
    }
    if (this.#maps.size >= MAX_MAPS) {
      for (const oldest of this.#maps.keys()) {
        this.#maps.delete(oldest);
        break;
      }
    }
    this.#maps.set(file, mapped);
    return mapped;
  }
}
