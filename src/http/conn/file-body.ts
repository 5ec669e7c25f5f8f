/**
 * A part of a file on its way to the client: by the connection's sendfile, or, where the bytes have to pass
 * through the program, as with TLS or a file that has no sendfile, read and written a piece at a time. The length was said in the head, so a
 * file that has become shorter is an error, and the end of the connection; what was added is not sent.
 *
 *   sendPart ── all ──► done
 *      └─ the kernel is full ─► FileBody, in the queue of the Output ─► finish, while others have their turns
 */
import type { Conn } from '../../net/conn.ts';
import { requireOffset } from '../../net/arguments.ts';
import { DiskFile } from '../../net/disk-file.ts';
import { HttpError } from '../errors.ts';

/** What is read and written at a time without sendfile. */
const PIECE = 64 * 1024;

/** TypeError if these are no part of an open file. */
export function checkPart(file: DiskFile, offset: number, length: number): void {
  if (!(file instanceof DiskFile) || file.isDirectory) {
    throw new TypeError('sendFile: file must be a regular file of openFile or nodeFiles');
  }
  requireOffset('sendFile', 'offset', offset);
  requireOffset('sendFile', 'length', length);
}

/** What sendfile(2) says of files, or systems, that do not have it: there they are read and written, as in Go. */
const WITHOUT_SENDFILE: ReadonlySet<unknown> = new Set(['EINVAL', 'ENOSYS', 'EOPNOTSUPP']);

function lacksSendfile(error: unknown): boolean {
  return WITHOUT_SENDFILE.has((error as { code?: unknown }).code);
}

/** Sends what the connection takes at once of a part of `file`: how many bytes. Throws. */
export function sendPart(conn: Conn, file: DiskFile, offset: number, length: number): number {
  if (conn.trySendfile === undefined) return 0;
  let sent: number | null;
  try {
    sent = conn.trySendfile(file, offset, length);
  } catch (error) {
    if (lacksSendfile(error)) return 0; // FileBody will find the same
    throw error;
  }
  if (sent === null) throw shortened();
  return sent;
}

/** Reads all of a part of `file` into `buf`. Throws. */
export function readPart(file: DiskFile, buf: Uint8Array, offset: number): void {
  for (let at = 0; at < buf.length;) {
    const count = file.read(at === 0 ? buf : buf.subarray(at), offset + at);
    if (count === 0) throw shortened();
    at += count;
  }
}

/** What is left of a part of a file. It holds the file until {@link FileBody.release}. */
export class FileBody {
  readonly #file: DiskFile;
  readonly #offset: number;
  readonly #length: number;
  #begun = false;
  #released = false;

  constructor(file: DiskFile, offset: number, length: number) {
    this.#file = file;
    this.#offset = offset;
    this.#length = length;
    file.hold();
  }

  /** Whether it is being sent, and nothing else may be. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Sends it; settles when the kernel has taken all. Once. */
  async finish(conn: Conn): Promise<void> {
    this.#begun = true;
    if (conn.sendfile === undefined) return this.#copy(conn, 0);
    const options = { offset: this.#offset, length: this.#length };
    let sent: number;
    try {
      sent = await conn.sendfile(this.#file, options);
    } catch (error) {
      if (!lacksSendfile(error)) throw error;
      return this.#copy(conn, (error as { bytesWritten?: number }).bytesWritten ?? 0);
    }
    if (sent < this.#length) throw shortened();
  }

  /** Sends what comes after the first `sent` bytes. */
  async #copy(conn: Conn, sent: number): Promise<void> {
    const buf = new Uint8Array(Math.min(PIECE, this.#length));
    for (let at = sent; at < this.#length;) {
      const piece = buf.subarray(0, Math.min(buf.length, this.#length - at));
      readPart(this.#file, piece, this.#offset + at);
      await conn.write(piece);
      at += piece.length;
    }
  }

  /** Sent, or never to be. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#file.release();
  }
}

function shortened(): HttpError {
  return new HttpError('http: a file has become shorter while it was sent', 'ERR_HTTP_FILE_SHORT');
}
