/**
 * What one stream of bytes is to netfd and to two others, and what of it must not be: that netfd takes a
 * request that both others refuse, or that it sees another request, body or end than one that takes it too.
 */
import { isTunnel } from './http-known.ts';
import type { Reading, SeenRequest } from './http-reading.ts';

export type Other = 'node' | 'parserJS';

export interface Finding {
  /** netfd takes what both others refuse; sees it in another way; refuses what both others take. */
  readonly kind: 'lenient' | 'differs' | 'strict';
  /** What makes two findings the same one. */
  readonly what: string;
  /** The number of the request. */
  readonly index: number;
  readonly detail: string;
}

/** The readings of one stream. */
export interface Readings {
  readonly netfd: Reading;
  readonly others: Readonly<Record<Other, Reading>>;
}

const OTHERS: readonly Other[] = ['node', 'parserJS'];

/** All that is to be said of the first request that is seen in different ways; nothing, for the most part. */
export function compare({ netfd, others }: Readings): Finding[] {
  let left = OTHERS;
  for (let index = 0; left.length > 0; index++) {
    const mine = netfd.requests[index];
    if (mine === undefined) return atEnd(netfd, others, left, index);
    if (OTHERS.every((other) => refusedAt(others[other], index))) {
      const detail = OTHERS.map((other) => `${other}: ${others[other].why}`).join(', ');
      return [{ kind: 'lenient', what: 'takes what others refuse', index, detail }];
    }
    const findings = left.flatMap((other) => differences(mine, other, others[other], index));
    if (findings.length > 0) return findings;
    // Who sees no more than that, or another protocol, has nothing to say about what follows.
    left = left.filter((other) => others[other].requests.length > index && !isTunnel(mine));
  }
  return [];
}

function refusedAt({ requests, ending }: Reading, index: number): boolean {
  return requests.length === index && ending === 'refused';
}

const HEAD = ['method', 'target', 'minor', 'fields'] as const;
const ALL = [...HEAD, 'body', 'trailers', 'end'] as const;

function differences(mine: SeenRequest, other: Other, reading: Reading, index: number): Finding[] {
  const theirs = reading.requests[index];
  const differs = (what: string, detail: string): Finding[] => {
    return [{ kind: 'differs', what: `${other}: ${what}`, index, detail }];
  };
  if (theirs === undefined) {
    const waits = reading.ending === 'partial' || reading.ending === 'more';
    if (reading.requests.length < index || !waits || isTunnel(mine)) return [];
    return differs('waits for more of a request that is complete', '');
  }
  for (const part of isTunnel(mine) ? HEAD : ALL) {
    const [one, two] = [shownPart(mine, part), shownPart(theirs, part)];
    if (one !== two) return differs(part, `${one} is ${two}`);
  }
  return [];
}

function shownPart(request: SeenRequest, part: keyof SeenRequest): string {
  const value = request[part];
  if (typeof value !== 'object') return JSON.stringify(value);
  // The order of names does not matter, that of the values of one name does.
  return JSON.stringify(value.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** netfd has no more requests. */
function atEnd(
  netfd: Reading,
  others: Readings['others'],
  left: readonly Other[],
  index: number,
): Finding[] {
  const takers = left.filter((other) => others[other].requests.length > index);
  const { ending, why } = netfd;
  if (ending === 'refused' && takers.length === OTHERS.length && !why.startsWith('body: ')) {
    return [{ kind: 'strict', what: why, index, detail: '' }];
  }
  // From here on it is about bodies, and tunnels have none.
  const readers = takers.filter((other) => !isTunnel(others[other].requests[index]!));
  if (ending === 'refused' && readers.length === OTHERS.length) {
    return [{ kind: 'strict', what: why, index, detail: '' }];
  }
  if (ending !== 'partial') return [];
  return readers.map((other) => ({
    kind: 'differs',
    what: `${other}: sees the end of a request that is not complete`,
    index,
    detail: JSON.stringify(others[other].requests[index]),
  }));
}
