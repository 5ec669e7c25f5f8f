/**
 * What a server is doing, for people to look at: how many connections it has accepted, how many
 * requests it has served, and what its open connections are about. It is told of connections only, not
 * of requests, so it costs nothing where it would count.
 */
import type { Connection, ConnState } from '../connection.ts';

/** As much of a connection as is looked at. */
export type WatchedConn = Pick<Connection, 'remoteAddr' | 'requests' | 'state'>;

/** A connection that is open. */
export interface ConnSummary {
  readonly remote: string;
  readonly state: ConnState;
  /** Requests that have been begun. */
  readonly requests: number;
  /** When it was accepted: milliseconds since 1970. */
  readonly since: number;
}

export interface ActivitySummary {
  /** Connections since the server was started. */
  readonly accepted: number;
  /** Requests since the server was started. */
  readonly served: number;
  /** Connections that are open. */
  readonly open: number;
  /** The oldest of them. */
  readonly connections: readonly ConnSummary[];
}

/** Counts for one server. Its {@link Activity.connState} is the server's option of that name. */
export class Activity {
  readonly #now: () => number;
  /** The open connections, with the time at which they came. */
  readonly #since = new Map<WatchedConn, number>();
  #accepted = 0;
  /** Requests of the connections that are not open any more. */
  #served = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  readonly connState: (conn: WatchedConn, state: ConnState) => void = (conn, state) => {
    if (state === 'new') {
      this.#accepted++;
      this.#since.set(conn, this.#now());
    } else if ((state === 'closed' || state === 'hijacked') && this.#since.delete(conn)) {
      this.#served += conn.requests;
    }
  };

  /** What is to be told now, of `limit` connections at most. */
  summary(limit: number): ActivitySummary {
    let served = this.#served;
    const connections: ConnSummary[] = [];
    for (const [conn, since] of this.#since) {
      const { requests, state } = conn;
      served += requests;
      if (connections.length === limit) continue;
      connections.push({ remote: String(conn.remoteAddr), state, requests, since });
    }
    return { accepted: this.#accepted, served, open: this.#since.size, connections };
  }
}
