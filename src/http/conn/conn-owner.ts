/** What a connection of a server needs of it. What gives it is in server/server-core.ts. */
import type { ChunkLimits } from '../message/chunked.ts';
import type { ConnState } from '../connection.ts';
import type { Handler } from '../handler.ts';
import type { HeadCache } from '../message/head-cache.ts';
import type { HeadLimits } from '../message/head-parser.ts';
import type { LingerLimits } from './linger.ts';
import type { Owner } from './owner.ts';
import type { ServedConn } from './served-conn.ts';
import type { UnhandledListener } from '../unhandled.ts';

/** What is looked at where something is out of the ordinary only. */
export interface ConnLimits extends Required<ChunkLimits>, LingerLimits {
  readonly maxDiscardBytes: number;
  readonly maxUnsentBytes: number;
  readonly stallTimeout: number;
}

/** What a connection needs of its server. */
export interface ConnOwner extends HeadLimits, Owner {
  readonly handler: Handler;
  /** Told of what is answered without the handler; null if nobody wants to know. */
  readonly unhandled: UnhandledListener | null;
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
  readonly limits: ConnLimits;
  readonly heads: HeadCache;
  now(): number;
  /** Changes about once a second. */
  readonly tick: number;
  dateLine(): string;
  /** What handlers see as the context of its requests. */
  contextOf(conn: ServedConn): unknown;
  stateChanged(conn: ServedConn, state: ConnState): void;
}
