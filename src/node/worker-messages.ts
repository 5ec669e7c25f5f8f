/**
 * What the main thread and its workers tell each other. A site is one call of listenAndServe or serve:
 * the first one of a program has number 0 in every thread, as all of them run the same program.
 *
 *   worker                        main
 *     place?   ─────────────────►          which port, since it may have been left open
 *              ◄───────────────── place    a port, or that this worker may choose
 *     listening ────────────────►
 *              ◄───────────────── shutdown, close
 *     ended, or failed ─────────►
 */

/** An error as it crosses threads: its class does not. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** code, errno, syscall, address, port, as far as it has them. */
  readonly fields: Readonly<Record<string, string | number>>;
}

export type FromWorker =
  | { readonly kind: 'place'; readonly site: number }
  | { readonly kind: 'listening'; readonly site: number; readonly addr: string }
  | { readonly kind: 'failed'; readonly site: number; readonly error: SentError }
  | { readonly kind: 'ended'; readonly site: number };

export type FromMain =
  | { readonly kind: 'place'; readonly site: number; readonly port: number | null }
  | { readonly kind: 'shutdown' | 'close'; readonly site: number };

const FIELDS = ['code', 'errno', 'syscall', 'address', 'port'] as const;

/** Of anything that was thrown. */
export function sendable(thrown: unknown): SentError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const fields: Record<string, string | number> = {};
  for (const name of FIELDS) {
    const value = (error as unknown as Record<string, unknown>)[name];
    if (typeof value === 'string' || typeof value === 'number') fields[name] = value;
  }
  return { name: error.name, message: error.message, stack: error.stack, fields };
}

/** An Error with the same name, text and fields. */
export function received({ name, message, stack, fields }: SentError): Error {
  const error = Object.assign(new Error(message), fields);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
