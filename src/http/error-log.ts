import { ignore, isThenable } from '../io/thenable.ts';

/** Where a server tells of what is nobody's exception: its option errorLog, or standard error. */
export class ErrorLog {
  readonly #write: (message: string) => void;

  constructor(write: ((message: string) => void) | undefined) {
    this.#write = write ?? ((message) => console.error(message));
  }

  /** Never throws: a log that fails must not take the server with it. */
  log(message: string): void {
    try {
      const result: unknown = this.#write(message);
      if (isThenable(result)) ignore(result);
    } catch {
      // There is nobody else to tell.
    }
  }
}
