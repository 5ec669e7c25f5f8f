/**
 * The patterns of a ServeMux as a tree of segments: one tree for each host and method, so that a
 * lookup takes a step a segment however many patterns there are. What has no wildcard on its way is
 * found without cutting a string.
 *
 * At each step a literal is tried before a wildcard and that before a rest: patterns that conflict
 * are never in one tree, so the first match is the most specific. Holds no handler's logic; after
 * the routing tree of Go's ServeMux.
 */
import type { Handler, ServerRequest } from '../handler.ts';
import { type Pattern, lastSegment } from './pattern.ts';
import { decodePath } from '../message/request-path.ts';

/** A pattern with its handler. */
export class Route {
  readonly pattern: Pattern;
  readonly handler: Handler;
  /** The names of the wildcards that match one segment, in order. */
  readonly names: readonly string[];
  /** The name of the last wildcard if it matches all that follows; else empty. */
  readonly restName: string;
  readonly endsInRest: boolean;

  constructor(pattern: Pattern, handler: Handler) {
    this.pattern = pattern;
    this.handler = handler;
    const { segments } = pattern;
    this.names = segments.filter(({ kind }) => kind === 'wildcard').map(({ text }) => text);
    this.endsInRest = lastSegment(pattern).kind === 'rest';
    this.restName = this.endsInRest ? lastSegment(pattern).text : '';
  }
}

/** After some segments: the patterns that end here, and those that go on. */
class RouteNode {
  readonly literals = new Map<string, RouteNode>();
  wildcard: RouteNode | null = null;
  /** The pattern has no more segments. */
  route: Route | null = null;
  /** The pattern's last segment is an end, or a rest. */
  end: Route | null = null;
  rest: Route | null = null;
}

type Methods = Map<string, RouteNode>;

export class RouteTree {
  readonly #anyHost: Methods = new Map();
  readonly #hosts = new Map<string, Methods>();
  /** The path being matched, and whether it has escapes. */
  #path = '';
  #escaped = false;
  /** Where the segments begin and end that wildcards have matched, and where the rest begins. */
  readonly #bounds: number[] = [];
  #restStart = 0;
  #nearSlash = false;

  get hasHosts(): boolean {
    return this.#hosts.size > 0;
  }

  hasHost(host: string): boolean {
    return this.#hosts.has(host);
  }

  /** Adds a route whose pattern conflicts with none that is here. */
  add(route: Route): void {
    const { method, host, segments } = route.pattern;
    const methods = host === '' ? this.#anyHost : getOrMake(this.#hosts, host, newMethods);
    let node = getOrMake(methods, method, newNode);
    for (const { kind, text } of segments) {
      if (kind === 'literal') node = getOrMake(node.literals, text, newNode);
      else if (kind === 'wildcard') node = node.wildcard ??= new RouteNode();
      else if (kind === 'end') node.end = route;
      else node.rest = route;
    }
    const { kind } = lastSegment(route.pattern);
    if (kind === 'literal' || kind === 'wildcard') node.route = route;
  }

  /** The route for a clean path, null without one. */
  find(host: string, method: string, path: string, escaped: boolean): Route | null {
    this.#path = path;
    this.#escaped = escaped;
    this.#nearSlash = false;
    const methods = this.#hosts.get(host);
    return (
      (methods === undefined ? null : this.#findMethod(methods, method)) ??
      this.#findMethod(this.#anyHost, method)
    );
  }

  /** Whether the last path came, but for a slash, to the end of a pattern that ends in a slash. */
  get nearSlash(): boolean {
    return this.#nearSlash;
  }

  /** Whether `path` with a slash added has a route, and nothing is left after that slash. */
  wantsSlash(host: string, method: string, path: string, escaped: boolean): boolean {
    const route = this.find(host, method, `${path}/`, escaped);
    if (route === null || !route.endsInRest) return route !== null;
    // The rest is empty if there are as many segments as slashes.
    return route.pattern.segments.length === slashesIn(path) + 1;
  }

  /** The methods, sorted, with which there is a route for the path. */
  methods(host: string, path: string, escaped: boolean): string[] {
    const found = new Set<string>();
    for (const methods of [this.#hosts.get(host), this.#anyHost]) {
      for (const method of methods?.keys() ?? []) {
        const slash = path.endsWith('/') ? path : `${path}/`;
        const isFound =
          this.find(host, method, path, escaped) ?? this.find(host, method, slash, escaped);
        if (isFound !== null) found.add(method);
      }
    }
    if (found.has('GET')) found.add('HEAD');
    return [...found].sort();
  }

  /** Gives `r` what the wildcards of `route`, which was found last, have matched. */
  setPathValues(route: Route, r: ServerRequest): void {
    const bounds = this.#bounds;
    for (let i = 0; i < route.names.length; i++) {
      const value = this.#slice(bounds[2 * i] as number, bounds[2 * i + 1] as number);
      r.setPathValue(route.names[i] as string, value);
    }
    if (route.restName !== '') {
      r.setPathValue(route.restName, this.#slice(this.#restStart, this.#path.length));
    }
  }

  #findMethod(methods: Methods, method: string): Route | null {
    let found = this.#findBelow(methods.get(method));
    if (found === null && method === 'HEAD') found = this.#findBelow(methods.get('GET'));
    return found ?? this.#findBelow(methods.get(''));
  }

  #findBelow(node: RouteNode | undefined): Route | null {
    return node === undefined ? null : this.#match(node, 0, 0);
  }

  /** Matches the path from the slash at `at` on; `wildcards` have matched before. */
  #match(node: RouteNode, at: number, wildcards: number): Route | null {
    const path = this.#path;
    if (at === path.length) {
      if (node.end !== null || node.rest !== null) this.#nearSlash = true;
      return node.route;
    }
    const start = at + 1;
    if (start === path.length) {
      if (node.end !== null) return node.end;
    } else {
      const slash = path.indexOf('/', start);
      const end = slash < 0 ? path.length : slash;
      const child =
        node.literals.size === 0 ? undefined : node.literals.get(this.#slice(start, end));
      const found = child === undefined ? null : this.#match(child, end, wildcards);
      if (found !== null) return found;
      if (node.wildcard !== null) {
        const under = this.#match(node.wildcard, end, wildcards + 1);
        if (under !== null) {
          this.#bounds[2 * wildcards] = start;
          this.#bounds[2 * wildcards + 1] = end;
          return under;
        }
      }
    }
    this.#restStart = start;
    return node.rest;
  }

  /** A part of the path, decoded. */
  #slice(start: number, end: number): string {
    const text = this.#path.slice(start, end);
    return this.#escaped ? decodePath(text) : text;
  }
}

function getOrMake<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

function slashesIn(path: string): number {
  let slashes = 0;
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) slashes++;
  return slashes;
}

function newNode(): RouteNode {
  return new RouteNode();
}

function newMethods(): Methods {
  return new Map();
}
