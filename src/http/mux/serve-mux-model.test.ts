/**
 * ServeMux against a model: a pattern is the set of requests that it matches, out of all requests
 * of a small universe; a pattern is more specific than another one if its set is a subset.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeRequest, FakeResponse } from '../../../test/http/fake-exchange.ts';
import { ServeMux } from './serve-mux.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT'];
/** In requests; "z" is in no pattern, nor are the method PUT and the host "i". */
const WORDS = ['a', 'b', 'z'];
const HOSTS = ['h', 'i'];
const MAX_DEPTH = 4;

const paths: string[] = ['/'];
for (let depth = 1, last = ['']; depth <= MAX_DEPTH; depth++) {
  last = last.flatMap((path) => WORDS.map((word) => `${path}/${word}`));
  paths.push(...last, ...last.map((path) => `${path}/`));
}
const requests = METHODS.flatMap((method) => paths.map((path) => ({ method, path })));

interface Model {
  readonly text: string;
  readonly method: string;
  readonly host: string;
  readonly segments: readonly string[];
  /** The indices of the requests that match, hosts aside. */
  readonly matches: ReadonlySet<number>;
}

function matchesPath(segments: readonly string[], path: readonly string[]): boolean {
  const [segment, ...more] = segments;
  const [word, ...rest] = path;
  if (segment === undefined || word === undefined)
    return segment === undefined && word === undefined;
  if (segment === '' || segment.endsWith('...}')) return true;
  if (segment === '{$}') return word === '' && rest.length === 0;
  const fits = segment.startsWith('{') ? word !== '' : word === segment;
  return fits && matchesPath(more, rest);
}

function matchesMethod(method: string, of: string): boolean {
  return method === '' || method === of || (method === 'GET' && of === 'HEAD');
}

function model(text: string): Model {
  const [method, rest] = text.includes(' ') ? text.split(' ') : ['', text];
  const [host, ...segments] = (rest as string).split('/');
  const matches = new Set<number>();
  for (const [i, request] of requests.entries()) {
    const isMatch =
      matchesMethod(method as string, request.method) &&
      matchesPath(segments, request.path.split('/').slice(1));
    if (isMatch) matches.add(i);
  }
  return { text, method: method as string, host: host as string, segments, matches };
}

function isSubset(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  for (const i of a) if (!b.has(i)) return false;
  return true;
}

function conflicts(a: Model, b: Model): boolean {
  if (a.host !== b.host || ![...a.matches].some((i) => b.matches.has(i))) return false;
  return isSubset(a.matches, b.matches) === isSubset(b.matches, a.matches);
}

/** The pattern that a request is for, by comparing all with all. */
function winner(models: Model[], host: string, method: string, path: string): Model | undefined {
  const index = requests.findIndex((r) => r.method === method && r.path === path);
  const fitting = models.filter((m) => m.matches.has(index) && (m.host === '' || m.host === host));
  const withHost = fitting.filter((m) => m.host !== '');
  const candidates = withHost.length > 0 ? withHost : fitting;
  return candidates.find((m) => candidates.every((other) => isSubset(m.matches, other.matches)));
}

/** Whether the pattern's last wildcard, if it has one for the rest, matches nothing of the path. */
function isExact({ segments }: Model, path: string): boolean {
  const last = segments.at(-1) as string;
  return (last !== '' && !last.endsWith('...}')) || segments.length === path.split('/').length - 1;
}

function expected(models: Model[], host: string, method: string, path: string): string {
  const found = winner(models, host, method, path);
  const isOpen = !path.endsWith('/') && path.split('/').length <= MAX_DEPTH;
  if (isOpen && (found === undefined || !isExact(found, path) || isRest(found))) {
    const slashed = winner(models, host, method, `${path}/`);
    if (slashed !== undefined && isExact(slashed, `${path}/`)) return `301 ${path}/`;
  }
  if (found !== undefined) return found.text;
  const allowed = METHODS.filter((other) => {
    return winner(models, host, other, path) ?? (isOpen && winner(models, host, other, `${path}/`));
  });
  return allowed.length === 0 ? '404' : `405 ${allowed.join(', ')}`;
}

function isRest({ segments }: Model): boolean {
  return segments.at(-1) === '' || (segments.at(-1) as string).endsWith('...}');
}

function outcome(mux: ServeMux, host: string, method: string, path: string): string {
  const r = new FakeRequest(method, path, host);
  const w = new FakeResponse();
  void mux.serveHTTP(w, r);
  assert.equal(mux.handler(r).pattern, r.pattern);
  if (w.status === 200) {
    checkValues(r);
    return r.pattern;
  }
  return `${w.status} ${w.sent.get('Location') ?? w.sent.get('Allow') ?? ''}`.trimEnd();
}

/** Puts the values in the places of their wildcards: the path must come out. */
function checkValues(r: FakeRequest): void {
  const pattern = r.pattern.slice(r.pattern.indexOf('/'));
  const filled = pattern.replace(/\{(\w+)(?:\.\.\.)?\}/g, (_, name: string) => r.pathValue(name));
  if (pattern.endsWith('/')) assert.ok(r.rawPath.startsWith(filled), `${r.pattern} ${r.rawPath}`);
  else assert.equal(filled.replace('{$}', ''), r.rawPath, r.pattern);
}

class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1103515245) + 12345) >>> 0;
    return (this.#state >>> 8) % limit;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}

function randomPattern(chance: Chance): string {
  const method = chance.of(['', '', '', 'GET ', 'HEAD ', 'POST ']);
  const host = chance.of(['', '', '', 'h']);
  let path = '';
  for (let n = chance.below(3); n > 0; n--) path += `/${chance.of(['a', 'b', `{x${n}}`])}`;
  const last = chance.of(['/', '/{$}', '/{rest...}', '/a', '/b', '/{last}']);
  return method + host + path + last;
}

test('ServeMux does what the model says', () => {
  const seed = Number(process.env['NETFD_SEED'] ?? Date.now() % 1e6);
  const chance = new Chance(seed);
  const cache = new Map<string, Model>();
  for (let round = 0; round < 60; round++) {
    const mux = new ServeMux();
    const models: Model[] = [];
    for (let n = 0; n < 14; n++) {
      const text = randomPattern(chance);
      const made = cache.get(text) ?? model(text);
      cache.set(text, made);
      const shown = `NETFD_SEED=${seed} ${text} beside ${models.map((m) => m.text).join(' | ')}`;
      const add = (): void => mux.handle(text, (w) => w.writeHeader(200));
      if (models.some((other) => conflicts(made, other))) {
        assert.throws(add, /conflicts with/, shown);
      } else {
        assert.doesNotThrow(add, shown);
        models.push(made);
      }
    }
    for (let n = 0; n < 150; n++) {
      const request = [chance.of(HOSTS), chance.of(METHODS), chance.of(paths)] as const;
      const among = models.map((m) => m.text).join(' | ');
      const shown = `NETFD_SEED=${seed} ${request.join(' ')} of ${among}`;
      assert.equal(outcome(mux, ...request), expected(models, ...request), shown);
    }
  }
});
