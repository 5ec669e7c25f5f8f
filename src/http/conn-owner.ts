/** What a connection of a server needs of it. The server itself is in server.ts. */
import type { Handler } from './handler.ts';
import type { HeadCache } from './head-cache.ts';
import type { HeadLimits } from './head-parser.ts';
import type { ServerConn } from './server-conn.ts';

export type ConnState = 'new' | 'active' | 'idle' | 'hijacked' | 'closed';

/** What a connection needs of its server. */
export interface ConnOwner extends HeadLimits {
  readonly handler: Handler;
  readonly maxBodyBytes: number;
  readonly readHeaderTimeout: number;
  readonly readTimeout: number;
  readonly writeTimeout: number;
  readonly idleTimeout: number;
  readonly closing: boolean;
  readonly heads: HeadCache;
  now(): number;
  /** Changes about once a second. */
  readonly tick: number;
  /** Calls `callback` once after `milliseconds`, when other work has had its turn. */
  after(milliseconds: number, callback: () => void): void;
  dateLine(): string;
  stateChanged(conn: ServerConn, state: ConnState): void;
  log(message: string): void;
}
