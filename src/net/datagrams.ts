/** The datagrams of any connection as an iteration: see {@link PacketConn.datagrams}. */
import { ErrClosed } from '../poll/errors.ts';
import type { Datagram, Received } from './packet-message.ts';

/** The largest datagram that IP has, headers included. */
const MAX_DATAGRAM = 65_535;

const scratch = new Uint8Array(MAX_DATAGRAM);

/** What they come from. */
interface Source<A> {
  readonly closed: boolean;
  readable(): Promise<void>;
  tryReadFrom(buf: Uint8Array): Received<A> | undefined;
}

/** Each datagram that arrives, in a buffer of its own, until the connection is closed. */
export async function* datagramsOf<A>(
  conn: Source<A>,
): AsyncGenerator<Datagram<A>, void, undefined> {
  for (;;) {
    try {
      await conn.readable();
    } catch (error) {
      if ((error as Error).cause === ErrClosed) return;
      throw error;
    }
    if (conn.closed) return;
    const received = conn.tryReadFrom(scratch);
    if (received === undefined) continue;
    yield { data: scratch.slice(0, received.size), addr: received.addr };
  }
}
