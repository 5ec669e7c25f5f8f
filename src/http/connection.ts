/** A connection of a server as those see it who look at the server from outside. */
import type { Addr } from '../net/conn.ts';

/**
 *   new ──► active ◄──► idle       a request is being read, handled or answered; or none is
 *    └────────┴───────────┴──► closed, hijacked       for good
 */
export type ConnState = 'new' | 'active' | 'idle' | 'hijacked' | 'closed';

/** An open connection of a server: who it is with, what it is doing, and its end. */
export interface Connection {
  readonly remoteAddr: Addr;
  readonly localAddr: Addr;
  readonly state: ConnState;
  /** How many requests have been begun on it. */
  readonly requests: number;
  /**
   * Closes at once: the signal of a request that is being handled is aborted, and what its handler
   * writes fails. Does nothing to one that is closed or hijacked already.
   */
  close(): void;
  /** Calls `tell` once, when it is closed or hijacked; at once if it is. Of HTTP/1 alone. */
  whenGone?(tell: () => void): void;
}
