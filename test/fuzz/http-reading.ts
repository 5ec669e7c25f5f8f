/** What a reader of HTTP/1.1 has made of a stream of bytes: the requests, and how it ended. */

export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  /** 0, or 1 for all that are later: of HTTP/1.x. */
  readonly minor: number;
  /** Names in lower case. */
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string;
  readonly trailers: readonly (readonly [string, string])[];
  /** Where the next request begins; -1 if the reader does not tell. */
  readonly end: number;
}

/**
 * Why nothing more was read: all is used up, or what is left is not complete, or it is no request; or the
 * request before was the last one of the connection, or made it another protocol's.
 */
export type Ending = 'more' | 'partial' | 'refused' | 'closed' | 'tunnel';

export interface Reading {
  readonly requests: readonly SeenRequest[];
  readonly ending: Ending;
  /** Of what is refused. */
  readonly why: string;
}

/** Flat names and values as pairs. */
export function pairs(flat: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) list.push([flat[i]!.toLowerCase(), flat[i + 1]!]);
  return list;
}

/** The pieces of `bytes` between the places of `cuts`. */
export function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set([0, ...cuts, bytes.length])].toSorted((a, b) => a - b);
  return places.slice(1).map((to, i) => bytes.subarray(places[i], to));
}
