/**
 * A multipart form as a whole: its values, and its files, of which small ones are in memory and others in
 * temporary files. Those are removed when the request is over, however it ends; who wants to keep one
 * moves it. After Go's Request.ParseMultipartForm.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ServerRequest } from '../http/handler.ts';
import type { Header } from '../http/message/header.ts';
import { requireString } from '../net/arguments.ts';
import { optionalInteger, requireOptions } from '../net/options.ts';
import type { MultipartPart } from './multipart-part.ts';
import { type MultipartOptions, multipartReader, tooLarge } from './multipart-reader.ts';
import { namesOf, refuseUnknown } from '../http/option-names.ts';

/** What exceeds a limit is an error with status 413. */
export interface MultipartFormOptions extends MultipartOptions {
  /** Bytes of files that are kept in memory; what does not fit is written to the disk [32 MiB]. */
  readonly maxMemory?: number | undefined;
  /** Plain values [1000]. */
  readonly maxFields?: number | undefined;
  /** Bytes of a plain value [1 MiB]. */
  readonly maxFieldBytes?: number | undefined;
  /** Bytes of all plain values together [10 MiB]. */
  readonly maxValueBytes?: number | undefined;
  /** Files [100]. */
  readonly maxFiles?: number | undefined;
  /** Bytes of a file [no limit but that of the whole body]. */
  readonly maxFileBytes?: number | undefined;
  /** Where temporary files are made [os.tmpdir()]. */
  readonly folder?: string | undefined;
}

const KNOWN: ReadonlySet<string> = namesOf<MultipartFormOptions>({
  maxBytes: true,
  maxParts: true,
  maxHeaders: true,
  maxHeaderBytes: true,
  maxMemory: true,
  maxFields: true,
  maxFieldBytes: true,
  maxValueBytes: true,
  maxFiles: true,
  maxFileBytes: true,
  folder: true,
});

const MIB = 1024 * 1024;

const LIMITS = {
  maxMemory: 32 * MIB,
  maxFields: 1000,
  maxFieldBytes: MIB,
  maxValueBytes: 10 * MIB,
  maxFiles: 100,
  maxFileBytes: Number.MAX_SAFE_INTEGER,
};

type Limits = typeof LIMITS;

/** A file of a form. */
export class FormFile {
  readonly name: string;
  /** As the client calls it, without any folder. */
  readonly filename: string;
  /** Its media type, as the client says. */
  readonly type: string;
  readonly headers: Header;
  readonly size: number;
  /** Where it is on the disk; null if it is in memory. */
  readonly path: string | null;
  readonly #content: Uint8Array;

  constructor(part: MultipartPart, size: number, content: Uint8Array, path: string | null) {
    this.name = part.name;
    this.filename = part.filename ?? '';
    this.type = part.type;
    this.headers = part.headers;
    this.size = size;
    this.path = path;
    this.#content = content;
  }

  /** All of it. What is in memory is not copied. */
  async bytes(): Promise<Uint8Array> {
    return this.path === null ? this.#content : readFile(this.path);
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  /** A stream from its beginning. */
  stream(): ReadableStream<Uint8Array> {
    if (this.path === null) return new Blob([this.#content as BlobPart]).stream();
    return Readable.toWeb(createReadStream(this.path)) as ReadableStream<Uint8Array>;
  }
}

export class MultipartForm implements AsyncDisposable {
  /** The plain values. */
  readonly values: URLSearchParams = new URLSearchParams();
  /** In the order in which they came. */
  readonly files: FormFile[] = [];
  /** Temporary files, there or about to be. */
  readonly #paths: string[] = [];

  /** The first file of this field. */
  file(name: string): FormFile | undefined {
    return this.files.find((file) => file.name === name);
  }

  /** The path of a temporary file that is to be removed with the others. */
  newPath(folder: string): string {
    const path = join(folder, `netfd-upload-${crypto.randomUUID()}`);
    this.#paths.push(path);
    return path;
  }

  /** Removes the temporary files. One that was moved away, or removed already, is no error. */
  async removeAll(): Promise<void> {
    await Promise.all(this.#paths.map((path) => rm(path, { force: true })));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.removeAll();
  }
}

/**
 * Reads the whole form of a request. Errors are those of {@link multipartReader}, and those of the disk;
 * no temporary file is left then. Otherwise they are removed when the request has ended.
 */
export async function parseMultipartForm(
  r: ServerRequest,
  options: MultipartFormOptions = {},
): Promise<MultipartForm> {
  const limits = checkedLimits(options);
  const { folder = tmpdir(), maxBytes, maxParts, maxHeaders, maxHeaderBytes } = options;
  const parts = { maxBytes, maxParts, maxHeaders, maxHeaderBytes };
  requireString('parseMultipartForm', 'option folder', folder);
  const form = new MultipartForm();
  const { signal } = r;
  try {
    await new FormReader(form, limits, folder).read(multipartReader(r, parts));
    signal.throwIfAborted();
  } catch (error) {
    await form.removeAll();
    throw error;
  }
  // What is removed at the end of a request is nobody's to wait for.
  const remove = (): void => void form.removeAll().catch(() => {});
  signal.addEventListener('abort', remove, { once: true });
  return form;
}

class FormReader {
  readonly #form: MultipartForm;
  readonly #limits: Limits;
  readonly #folder: string;
  #fields = 0;
  #valueBytes = 0;
  #memory: number;

  constructor(form: MultipartForm, limits: Limits, folder: string) {
    this.#form = form;
    this.#limits = limits;
    this.#folder = folder;
    this.#memory = limits.maxMemory;
  }

  async read(parts: AsyncIterable<MultipartPart>): Promise<void> {
    for await (const part of parts) {
      if (part.filename === null) await this.#readValue(part);
      else await this.#readFile(part);
    }
  }

  async #readValue(part: MultipartPart): Promise<void> {
    const { maxFields, maxFieldBytes, maxValueBytes } = this.#limits;
    if (++this.#fields > maxFields) throw tooLarge('number of values');
    const left = maxValueBytes - this.#valueBytes;
    const value = await part.bytes(Math.min(maxFieldBytes, left));
    this.#valueBytes += value.length;
    this.#form.values.append(part.name, new TextDecoder().decode(value));
  }

  async #readFile(part: MultipartPart): Promise<void> {
    const { files } = this.#form;
    if (files.length >= this.#limits.maxFiles) throw tooLarge('number of files');
    const kept: Uint8Array[] = [];
    let size = 0;
    let path: string | null = null;
    let handle: FileHandle | null = null;
    try {
      for await (const chunk of part) {
        size += chunk.length;
        if (size > this.#limits.maxFileBytes) throw tooLarge(JSON.stringify(part.filename));
        if (handle === null && size <= this.#memory) {
          kept.push(chunk);
          continue;
        }
        path ??= this.#form.newPath(this.#folder);
        handle ??= await open(path, 'wx', 0o600);
        for (const before of kept.splice(0)) await writeAll(handle, before);
        await writeAll(handle, chunk);
      }
    } finally {
      await handle?.close();
    }
    if (path === null) this.#memory -= size;
    files.push(new FormFile(part, size, Buffer.concat(kept), path));
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += (await handle.write(bytes, at)).bytesWritten;
  }
}

function checkedLimits(options: MultipartFormOptions): Limits {
  requireOptions('parseMultipartForm', options);
  refuseUnknown('parseMultipartForm', options, KNOWN);
  const limits = { ...LIMITS };
  for (const name of Object.keys(LIMITS) as (keyof Limits)[]) {
    const value = options[name];
    optionalInteger('parseMultipartForm', name, value, 0, Number.MAX_SAFE_INTEGER);
    if (value !== undefined) limits[name] = value;
  }
  return limits;
}
