/** What a connection of a server needs of it. What gives it is in server-core.ts. */
import type { ConnState } from './connection.ts';
import type { Handler } from './handler.ts';
import type { HeadCache } from './head-cache.ts';
import type { HeadLimits } from './head-parser.ts';
import type { Owner } from './owner.ts';
import type { ServerConn } from './server-conn.ts';

/** What a connection needs of its server. */
export interface ConnOwner extends HeadLimits, Owner {
  readonly handler: Handler;
  readonly maxBodyBytes: number;
  readonly readHeaderTimeout: number;
  readonly readTimeout: number;
  readonly writeTimeout: number;
  readonly idleTimeout: number;
  /** Replies are the last ones of their connections, and say so. */
  readonly lastReplies: boolean;
  /** But not while another request has come already, or a part of it. */
  readonly answersFollowing: boolean;
  /** A connection may wait for the next request. */
  readonly keepsIdle: boolean;
  readonly heads: HeadCache;
  now(): number;
  /** Changes about once a second. */
  readonly tick: number;
  dateLine(): string;
  /** What handlers see as the context of its requests. */
  contextOf(conn: ServerConn): unknown;
  stateChanged(conn: ServerConn, state: ConnState): void;
}
