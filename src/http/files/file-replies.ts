/**
 * Replies with files: what is said of each in the fields, and which of its precompressed forms is sent. What a
 * file is found by is the file server's matter, what the request's conditions and ranges mean that of
 * serve-content.ts.
 */
import { type MaybePromise, after } from '../../io/thenable.ts';
import { acceptedCodings } from '../message/accept-encoding.ts';
import { entityTagOf, isEntityTag } from '../message/entity-tag.ts';
import { type CheckedFileOptions, CODINGS } from './file-options.ts';
import { lastName } from './file-path.ts';
import type { FileSystem, OpenFile } from './file-system.ts';
import type { ResponseWriter, ServerRequest } from '../handler.ts';
import { extensionOf, mediaTypeOf } from '../message/media-type.ts';
import { lastModifiedOf, serveValid, sniff } from './serve-content.ts';
import type { Validators } from './preconditions.ts';
import { writePart } from './content-body.ts';

/** Files of which is remembered what was said last; when there are more, all are forgotten. */
const MAX_KNOWN = 1024;

/** What is said of one version of a file. */
interface Known extends Validators {
  readonly size: number;
  readonly mtimeMs: number;
  /** Undefined: the content has to tell. */
  readonly type: string | undefined;
}

export class FileReplies {
  readonly files: FileSystem;
  readonly options: CheckedFileOptions;
  readonly #known = new Map<string, Known>();

  constructor(files: FileSystem, options: CheckedFileOptions) {
    this.files = files;
    this.options = options;
  }

  open(path: string): MaybePromise<OpenFile | null> {
    return this.files.open(path, this.options.dotFiles);
  }

  /** Replies with the file at `path`, and closes it. */
  reply(w: ResponseWriter, r: ServerRequest, file: OpenFile, path: string): MaybePromise<void> {
    return closing(file, () => {
      if (this.options.precompressed.length > 0) return this.#replyCompressed(w, r, file, path);
      return this.#replyWith(w, r, file, path, this.#typeOf(w, file, path));
    });
  }

  /** Replies with the whole file, whatever the request's conditions are, and closes it. */
  replyAs(
    status: number,
    w: ResponseWriter,
    r: ServerRequest,
    file: OpenFile,
    path: string,
  ): MaybePromise<void> {
    return closing(file, () =>
      after(this.#typeOf(w, file, path) ?? sniff(file), (type) => {
        const header = w.header();
        header.set('Content-Type', type);
        header.set('X-Content-Type-Options', 'nosniff');
        header.set('Content-Length', file.size);
        w.writeHeader(status);
        if (r.method !== 'HEAD') return writePart(w, file, { start: 0, length: file.size });
      }),
    );
  }

  /** `type` is what is said of it; undefined if the content has to tell. */
  #replyWith(
    w: ResponseWriter,
    r: ServerRequest,
    file: OpenFile,
    path: string,
    type: string | undefined,
  ): MaybePromise<void> {
    const { cacheControl } = this.options;
    const header = w.header();
    const known = this.#know(file, path);
    const own = header.get('ETag');
    if (known.lastModified !== '') header.set('Last-Modified', known.lastModified);
    if (own === undefined && known.etag !== '') header.set('ETag', known.etag);
    header.set('X-Content-Type-Options', 'nosniff');
    if (cacheControl !== null) {
      const value = typeof cacheControl === 'string' ? cacheControl : cacheControl(path);
      if (value !== null && value !== undefined) header.set('Cache-Control', value);
    }
    const validators = own === undefined ? known : { ...known, etag: own };
    return serveValid(w, r, validators, type, file);
  }

  /** The best of the forms that are there and that the client takes, or the file itself. */
  #replyCompressed(
    w: ResponseWriter,
    r: ServerRequest,
    file: OpenFile,
    path: string,
  ): MaybePromise<void> {
    w.header().add('Vary', 'Accept-Encoding');
    const field = r.header.values('Accept-Encoding').join(', ');
    const codings = acceptedCodings(field, this.options.precompressed);
    const attempt = (at: number): MaybePromise<void> => {
      const coding = codings[at];
      const type = this.#typeOf(w, file, path);
      if (coding === undefined) return this.#replyWith(w, r, file, path, type);
      const name = path + CODINGS[coding];
      return after(this.open(name), (packed) => {
        if (packed === null) return attempt(at + 1);
        return closing(packed, () => {
          if (packed.isDirectory) return attempt(at + 1);
          w.header().set('Content-Encoding', coding);
          return after(type ?? sniff(file), (told) => this.#replyWith(w, r, packed, name, told));
        });
      });
    };
    return attempt(0);
  }

  /** What the handler, the options or the name say, or, if that can be had at once, the content. */
  #typeOf(w: ResponseWriter, file: OpenFile, path: string): string | undefined {
    return w.header().get('Content-Type') ?? this.#know(file, path).type;
  }

  #know(file: OpenFile, path: string): Known {
    const known = this.#known.get(path);
    if (known !== undefined && known.mtimeMs === file.mtimeMs && known.size === file.size) {
      return known;
    }
    return this.#learn(file, path);
  }

  #learn(file: OpenFile, path: string): Known {
    const { size, mtimeMs } = file;
    const lastModified = lastModifiedOf(mtimeMs);
    const name = lastName(path);
    const told = this.options.types.get(extensionOf(name)) ?? mediaTypeOf(name) ?? sniff(file);
    const known: Known = {
      size,
      mtimeMs,
      etag: this.#tagOf(file, path),
      modified: lastModified === '' ? null : mtimeMs,
      lastModified,
      type: typeof told === 'string' ? told : undefined,
    };
    if (typeof told !== 'string') told.catch(() => {}); // whoever needs it asks again
    // A tag that is weak now may be strong in a moment.
    if (known.etag.startsWith('W/')) return known;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(path, known);
    return known;
  }

  #tagOf(file: OpenFile, path: string): string {
    const { etag } = this.options;
    if (etag === false) return '';
    if (etag === true) return entityTagOf(file.size, file.mtimeMs, Date.now());
    const own = etag(file, path) ?? '';
    if (own === '' || isEntityTag(own)) return own;
    throw new TypeError(`fileServer: option etag must give '"TAG"', 'W/"TAG"' or null`);
  }
}

/** What `use` gives, after which the file is closed. */
function closing(file: OpenFile, use: () => MaybePromise<void>): MaybePromise<void> {
  let done: MaybePromise<void>;
  try {
    done = use();
  } catch (error) {
    return after(file.close(), () => {
      throw error;
    });
  }
  if (done === undefined) return file.close();
  return closedAfter(file, done);
}

async function closedAfter(file: OpenFile, done: Promise<void>): Promise<void> {
  try {
    await done;
  } finally {
    await file.close();
  }
}
