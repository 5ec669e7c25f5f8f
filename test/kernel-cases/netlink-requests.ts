/** What the cases send to netlink, of which they say the length only: "32B". Source: sock_diag(7). */
import { IPPROTO_TCP } from '../../src/syscall/inet.ts';
import { IFF_UP } from '../../src/syscall/interface.ts';
import { encodeNetlinkMessage } from '../../src/syscall/netlink-message.ts';
import * as route from '../../src/syscall/netlink-route.ts';
import * as netlink from '../../src/syscall/netlink.ts';
import {
  encodeAddressMessage,
  encodeLinkMessage,
  encodeRouteMessage,
} from '../../src/syscall/route-message.ts';
import { SOCK_DIAG_BY_FAMILY, UDIAG_SHOW_NAME } from '../../src/syscall/sock-diag.ts';
import { AF_INET, AF_UNIX } from '../../src/syscall/socket.ts';
import type { Run } from './run.ts';

export const SEQUENCE = 77;

/** The states of sockets are bits: this is LISTEN. */
const LISTENING = 1 << 10;

const LOOPBACK = 1;

const { NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST } = netlink;

function request(type: number, flags: number, payload: Uint8Array): Uint8Array {
  return encodeNetlinkMessage({ type, flags: NLM_F_REQUEST | flags, seq: SEQUENCE, payload });
}

/** RTM_NEWADDR of an IPv4 address with 24 bits on the loopback. */
export function newAddress(ip: readonly number[], flags: number): Uint8Array {
  const payload = encodeAddressMessage({
    family: AF_INET,
    prefixLength: 24,
    index: LOOPBACK,
    attributes: [{ type: route.IFA_LOCAL, data: Uint8Array.from(ip) }],
  });
  return request(route.RTM_NEWADDR, NLM_F_CREATE | flags, payload);
}

/** Which way leads to 10.7.0.1. */
function getRoute(): Uint8Array {
  const payload = encodeRouteMessage({
    family: AF_INET,
    dstLength: 32,
    attributes: [{ type: route.RTA_DST, data: Uint8Array.of(10, 7, 0, 1) }],
  });
  return request(route.RTM_GETROUTE, 0, payload);
}

/** Asks for the sockets that listen: a struct of that size, with 32-bit words at those places. */
function diagnose(size: number, words: readonly [at: number, value: number][]): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of [...words, [4, LISTENING] as const]) view.setUint32(at, value, true);
  return request(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, bytes);
}

const requests: Readonly<Record<string, () => Uint8Array>> = {
  'NLK-03 32B': () => request(route.RTM_GETLINK, NLM_F_DUMP, encodeLinkMessage({})),
  'NLK-04 24B': () => request(route.RTM_GETADDR, NLM_F_DUMP, encodeAddressMessage({})),
  'NLK-06 32B': () => {
    const down = encodeLinkMessage({ index: LOOPBACK, change: IFF_UP });
    return request(route.RTM_NEWLINK, NLM_F_ACK, down);
  },
  // struct inet_diag_req_v2, and unix_diag_req.
  'NLK-09 72B': () => diagnose(56, [[0, AF_INET | (IPPROTO_TCP << 8)]]),
  'NLK-09 40B': () => {
    return diagnose(24, [
      [0, AF_UNIX],
      [12, UDIAG_SHOW_NAME],
    ]);
  },
  'NLK-10 32B': () => newAddress([10, 7, 0, 1], NLM_F_ACK | NLM_F_EXCL),
  'NLK-10 36B': getRoute,
};

/** The request that the case means by that length; null if it means just so many bytes. */
export function requestOf({ id }: Run, text: string): Uint8Array | null {
  return requests[`${id} ${text}`]?.() ?? null;
}
