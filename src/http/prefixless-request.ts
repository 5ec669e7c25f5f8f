/**
 * A request as it looks below a prefix: another path, all else the same. Values of wildcards are
 * shared with the request it stands for; the pattern is its own.
 */
import { ForwardingRequest } from './forwarding-request.ts';
import type { ServerRequest } from './handler.ts';

export class PrefixlessRequest extends ForwardingRequest {
  readonly #path: string;
  readonly #rawPath: string;
  #pattern: string;

  constructor(request: ServerRequest, path: string, rawPath: string) {
    super(request);
    this.#path = path;
    this.#rawPath = rawPath;
    this.#pattern = request.pattern;
  }

  override get path(): string {
    return this.#path;
  }

  override get rawPath(): string {
    return this.#rawPath;
  }

  override get pattern(): string {
    return this.#pattern;
  }

  override set pattern(pattern: string) {
    this.#pattern = pattern;
  }
}
