/**
 * Files over HTTP, by the path of the request: fileServer; or by a name, whatever the request's path is:
 * serveFile. After Go's http.FileServer and http.ServeFile.
 *
 *   target ─ names that may be looked for? ─no─→ 404           …/index.html ─→ 301 ./
 *     └─ open ─┬─ nothing ─→ the fallback, or 404        may not be read ─→ 403
 *              ├─ file ─ a slash at the end ─→ 301 ../name, else file-replies.ts
 *              └─ directory ─ no slash at the end ─→ 301 ./name/, else its index, else the listing, or 404
 *
 * What is found at once, as nodeFiles does it, is replied with at once: no promise is made.
 * What a link leads to is the matter of the FileSystem.
 */
import { after, isThenable, type MaybePromise } from '../../io/thenable.ts';
import { serveListing } from './directory-page.ts';
import {
  type CheckedFileOptions,
  checkFileOptions,
  type FileServerOptions,
  isPath,
  type ServeFileOptions,
} from './file-options.ts';
import { filePathOf, joined, lastName } from './file-path.ts';
import { FileReplies } from './file-replies.ts';
import type { FileSystem, OpenFile } from './file-system.ts';
import type { Handler, ResponseWriter, ServerRequest } from '../handler.ts';
import { error, notFound } from '../replies.ts';
import { escapeBytes } from '../message/request-path.ts';
import { Status, statusText } from '../message/status.ts';

const DEFAULTS: FileServerOptions = {};

/** A handler that serves the files of `files` by the path of the request. TypeError for bad options. */
export function fileServer(files: FileSystem, options: FileServerOptions = DEFAULTS): Handler {
  checkFiles('fileServer', files);
  return new FileServer(files, checkFileOptions('fileServer', options));
}

/**
 * Replies with the file or directory `name` of `files`, whatever the path of the request is; but a path that
 * ends in "/index.html" is sent to "./", and a path with a ".." in it is refused with 400, both as in Go. What
 * is not there is 404. The promise, if there is one, is to be awaited.
 */
export function serveFile(
  w: ResponseWriter,
  r: ServerRequest,
  files: FileSystem,
  name: string,
  options: ServeFileOptions = DEFAULTS,
): void | Promise<void> {
  if (typeof name !== 'string') throw new TypeError('serveFile: name must be a string');
  return serverOf(files, options).serveName(w, r, name.replace(/^\/+|\/+$/g, ''));
}

function checkFiles(method: string, files: FileSystem): void {
  if (typeof (files as Partial<FileSystem> | null | undefined)?.open === 'function') return;
  throw new TypeError(`${method}: files must have a method open, as what nodeFiles settles with`);
}

/** Those of serveFile: as long as there are such files and options. */
const made = new WeakMap<object, WeakMap<FileSystem, FileServer>>();

function serverOf(files: FileSystem, options: ServeFileOptions): FileServer {
  const found = made.get(options)?.get(files);
  if (found !== undefined) return found;
  checkFiles('serveFile', files);
  const server = new FileServer(files, checkFileOptions('serveFile', options));
  let servers = made.get(options);
  if (servers === undefined) made.set(options, (servers = new WeakMap()));
  servers.set(files, server);
  return server;
}

class FileServer implements Handler {
  readonly #replies: FileReplies;
  readonly #options: CheckedFileOptions;

  constructor(files: FileSystem, options: CheckedFileOptions) {
    this.#replies = new FileReplies(files, options);
    this.#options = options;
  }

  serveHTTP(w: ResponseWriter, r: ServerRequest): MaybePromise<void> {
    if (r.method !== 'GET' && r.method !== 'HEAD') {
      w.header().set('Allow', 'GET, HEAD');
      return error(w, statusText(Status.MethodNotAllowed), Status.MethodNotAllowed);
    }
    const { rawPath } = r;
    const path = filePathOf(rawPath, this.#options.dotFiles);
    if (path === null) return this.#absent(w, r, null);
    return allowed(w, () => {
      if (path === '' || rawPath.endsWith('/')) return this.#serveDirectory(w, r, path, true);
      if (this.#options.index.includes(lastName(path))) return moveTo(w, r, './');
      return after(this.#replies.open(path), (file) => {
        if (file === null) return this.#absent(w, r, path);
        if (!file.isDirectory) return this.#replies.reply(w, r, file, path);
        return after(file.close(), () => moveTo(w, r, `./${encodeURIComponent(lastName(path))}/`));
      });
    });
  }

  serveName(w: ResponseWriter, r: ServerRequest, path: string): MaybePromise<void> {
    if (/(?:^|[/\\])\.\.(?:[/\\]|$)/.test(r.path)) {
      return error(w, 'invalid URL path', Status.BadRequest);
    }
    const { rawPath } = r;
    const last = lastName(rawPath);
    if (rawPath.includes('/') && this.#options.index.includes(last)) return moveTo(w, r, './');
    if (path !== '' && !isPath(path)) return notFound(w, r);
    return allowed(w, () =>
      after(this.#replies.open(path), (file) => {
        if (file === null) return notFound(w, r);
        if (!file.isDirectory) return this.#replies.reply(w, r, file, path);
        return after(file.close(), () => {
          if (rawPath.endsWith('/')) return this.#serveDirectory(w, r, path, false);
          return moveTo(w, r, `./${last}/`);
        });
      }),
    );
  }

  /** What a path with a slash at its end names. `byPath`: it is the request's own. */
  #serveDirectory(
    w: ResponseWriter,
    r: ServerRequest,
    path: string,
    byPath: boolean,
  ): MaybePromise<void> {
    const { index } = this.#options;
    const attempt = (at: number): MaybePromise<void> => {
      const name = index[at];
      if (name === undefined) return this.#withoutIndex(w, r, path, byPath);
      return after(this.#replies.open(joined(path, name)), (file) => {
        if (file === null) return attempt(at + 1);
        if (!file.isDirectory) return this.#replies.reply(w, r, file, joined(path, name));
        return after(file.close(), () => attempt(at + 1));
      });
    };
    return attempt(0);
  }

  #withoutIndex(
    w: ResponseWriter,
    r: ServerRequest,
    path: string,
    byPath: boolean,
  ): MaybePromise<void> {
    return after(this.#replies.open(path), (found) => {
      if (found === null) return this.#absent(w, r, path);
      if (found.isDirectory && this.#options.listings) return list(w, found, path);
      return after(found.close(), () => {
        if (found.isDirectory || !byPath) return this.#absent(w, r, path);
        // As many levels up as there are slashes, so that it leads to the file and nowhere else.
        const slashes = /\/*$/.exec(r.rawPath)![0].length;
        return moveTo(w, r, `${'../'.repeat(slashes)}${encodeURIComponent(lastName(path))}`);
      });
    });
  }

  /** Nothing is at `path`; null: it is not even looked for. */
  #absent(w: ResponseWriter, r: ServerRequest, path: string | null): MaybePromise<void> {
    const { fallback } = this.#options;
    if (fallback === null || path === null || lastName(path).includes('.')) {
      return this.#notFound(w, r);
    }
    return after(this.#replies.open(fallback), (file) => {
      if (file?.isDirectory === false) return this.#replies.reply(w, r, file, fallback);
      return after(file?.close(), () => this.#notFound(w, r));
    });
  }

  #notFound(w: ResponseWriter, r: ServerRequest): MaybePromise<void> {
    const page = this.#options.notFound;
    if (page === null) return notFound(w, r);
    if (typeof page !== 'string') return page.serveHTTP(w, r) as MaybePromise<void>;
    return after(this.#replies.open(page), (file) => {
      if (file?.isDirectory === false) {
        return this.#replies.replyAs(Status.NotFound, w, r, file, page);
      }
      return after(file?.close(), () => notFound(w, r));
    });
  }
}

/** What `serve` gives; a file that may not be read is 403. */
function allowed(w: ResponseWriter, serve: () => MaybePromise<void>): MaybePromise<void> {
  const refuse = (thrown: unknown): void => {
    const { code } = (thrown ?? {}) as { code?: unknown };
    if (code !== 'EACCES' && code !== 'EPERM') throw thrown;
    error(w, '403 Forbidden', Status.Forbidden);
  };
  try {
    const done = serve();
    return isThenable(done) ? done.catch(refuse) : done;
  } catch (thrown) {
    return refuse(thrown);
  }
}

/** Relative to where the client is: it need not know of a prefix that was taken off. */
function moveTo(w: ResponseWriter, r: ServerRequest, place: string): void {
  const query = r.rawQuery === '' ? '' : `?${escapeBytes(r.rawQuery)}`;
  w.header().set('Location', escapeBytes(place) + query);
  w.writeHeader(Status.MovedPermanently);
}

async function list(w: ResponseWriter, directory: OpenFile, path: string): Promise<void> {
  try {
    await serveListing(w, directory, path);
  } finally {
    await directory.close();
  }
}
