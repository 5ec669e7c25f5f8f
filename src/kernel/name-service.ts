/**
 * Questions about names that go beyond this machine's files: the system's own lookup, and single DNS
 * queries. No policy: which servers are asked, in which order, how often, and what an answer means is
 * decided above (net/dns-query.ts). Source: getaddrinfo(3), RFC 1035, RFC 2782.
 */

/** A mail exchange: a smaller `priority` is asked first. */
export interface MXRecord {
  readonly exchange: string;
  readonly priority: number;
}

/** Where a service is. */
export interface SRVRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** What the records of each type hold. Names stand as in a zone file, with or without the last dot. */
export interface RecordData {
  readonly A: string;
  readonly AAAA: string;
  readonly CNAME: string;
  readonly MX: MXRecord;
  readonly NS: string;
  readonly PTR: string;
  readonly SRV: SRVRecord;
  /** The strings of one record. */
  readonly TXT: readonly string[];
}

export type RecordType = keyof RecordData;

/** How one query is made. */
export interface QueryOptions {
  /** The one server to ask: "127.0.0.1:53", "[::1]:53". */
  readonly server: string;
  /** Milliseconds after which nobody waits for the answer any more. */
  readonly timeout: number;
  /** Gives the query up. */
  readonly signal: AbortSignal;
}

export interface NameService {
  /**
   * Whether the environment of the process changes what {@link NameService.lookup} finds, in ways that
   * the files under /etc do not tell: then only it gives the right answer.
   */
  readonly setElsewhere: boolean;
  /**
   * getaddrinfo(3): the addresses of a host, of one family (4 or 6) or of both (0), in the order to try.
   * Rejects when there is none, with a `code`: "ENOTFOUND" if the name does not exist.
   */
  readonly lookup: (host: string, family: 0 | 4 | 6) => Promise<string[]>;
  /**
   * Asks one server one question, and again over TCP if the answer is cut short. `name` ends in a dot.
   * Rejects with a `code`, the words of node:dns: ENOTFOUND (no such name), ENODATA (no such record),
   * ESERVFAIL, EREFUSED, ENOTIMP, EFORMERR (the server's refusals), EBADRESP (no DNS message),
   * ETIMEOUT, ECONNREFUSED, ECANCELLED. Null if the system asks no servers: then only lookup serves.
   */
  readonly query:
    | (<T extends RecordType>(
        name: string,
        type: T,
        options: QueryOptions,
      ) => Promise<RecordData[T][]>)
    | null;
}
