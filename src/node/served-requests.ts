/**
 * Which request is served on a connection: from the diagnostics channels that a server of ours tells its requests to
 * (diagnostics.ts), and only while there is one of these. So the server knows nothing of it, and without it pays nothing.
 *
 * A request is its connection's until the next one begins. Once it has ended it is told of what is sent only: the
 * rest of its reply is still to be written, but what is read belongs to the next. Of HTTP/2, where
 * many run at once, it is the one that began last. Connections of other families than TCP have no
 * name of their own, and no request.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { BoundedMap } from '../trace/bounded-map.ts';
import type { Direction } from '../trace/call-descriptors.ts';
import { endpoint } from '../trace/endpoint.ts';

/** Connections whose requests are remembered. */
export const MAX_CONNECTIONS = 16384;

/** Characters of a target that are kept. */
export const MAX_TARGET = 120;

const STARTED = 'http.server.request.start';
const FINISHED = 'http.server.response.finish';

/** What the channels tell, as far as it is looked at. */
interface Told {
  readonly request: { readonly method?: unknown; readonly url?: unknown };
  readonly socket: {
    readonly localAddress?: string;
    readonly localPort?: number;
    readonly remoteAddress?: string;
    readonly remotePort?: number;
  };
}

interface Served {
  readonly request: object;
  readonly text: string;
  isOver: boolean;
}

function connectionOf({ socket }: Told): string | null {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || remoteAddress === undefined) return null;
  return `${endpoint(localAddress, localPort ?? 0)}->${endpoint(remoteAddress, remotePort ?? 0)}`;
}

function textOf({ request }: Told): string {
  const target = String(request.url);
  const shown = target.length > MAX_TARGET ? `${target.slice(0, MAX_TARGET)}...` : target;
  return `${String(request.method)} ${shown}`;
}

export class ServedRequests {
  readonly #served: BoundedMap<string, Served> = new BoundedMap(MAX_CONNECTIONS);

  /** Listens until {@link ServedRequests.close}. */
  constructor() {
    subscribe(STARTED, this.#started);
    subscribe(FINISHED, this.#finished);
  }

  /** "GET /" of "127.0.0.1:8080->127.0.0.1:9", for a call in this direction. */
  of(connection: string, direction: Direction): string | undefined {
    const served = this.#served.get(connection);
    return served === undefined || (served.isOver && direction !== 'out') ? undefined : served.text;
  }

  close(): void {
    unsubscribe(STARTED, this.#started);
    unsubscribe(FINISHED, this.#finished);
  }

  readonly #started = (message: unknown): void => {
    const told = message as Told;
    const connection = connectionOf(told);
    if (connection === null) return;
    const { request } = told;
    this.#served.set(connection, { request, text: textOf(told), isOver: false });
  };

  readonly #finished = (message: unknown): void => {
    const told = message as Told;
    const connection = connectionOf(told);
    const served = connection === null ? undefined : this.#served.get(connection);
    if (served?.request === told.request) served.isOver = true;
  };
}
