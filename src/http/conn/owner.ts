/** What each part of a server needs of it: an accept loop, a connection. */
export interface Owner {
  /** Shutting down, or closed: nothing new is begun. */
  readonly closing: boolean;
  /** Calls `callback` once after `milliseconds`, when other work has had its turn. */
  after(milliseconds: number, callback: () => void): Pending;
  /** Never throws. */
  log(message: string): void;
}

/** A callback that is still to be called. */
export interface Pending {
  /** It will not be called any more. Harmless when it already was. */
  cancel(): void;
}
