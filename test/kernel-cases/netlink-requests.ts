/** What the cases send to netlink, of which they say the length only: "32B". Source: rtnetlink(7), sock_diag(7). */
import * as netlink from '../../src/syscall/netlink.ts';
import { encodeAttribute, encodeMessage } from './netlink-messages.ts';
import type { Run } from './run.ts';

export const SEQUENCE = 77;

export const RTM_NEWLINK = 16;
export const RTM_GETLINK = 18;
export const RTM_NEWADDR = 20;
export const RTM_GETADDR = 22;
export const RTM_NEWROUTE = 24;
export const RTM_GETROUTE = 26;
const SOCK_DIAG_BY_FAMILY = 20;

const IFA_LOCAL = 2;
const RTA_DST = 1;

const AF_UNIX = 1;
const AF_INET = 2;
const IPPROTO_TCP = 6;
/** The states of sockets as bits. */
const LISTENING = 1 << 10;
const UDIAG_SHOW_NAME = 1;

const { NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST } = netlink;

function request(type: number, flags: number, payload: Uint8Array): Uint8Array {
  return encodeMessage({ type, flags: NLM_F_REQUEST | flags, seq: SEQUENCE, payload });
}

function words(size: number, values: Readonly<Record<number, number>>): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of Object.entries(values)) view.setUint32(Number(at), value, true);
  return bytes;
}

/** RTM_NEWADDR of an IPv4 address with 24 bits on interface 1, the loopback. */
export function newAddress(ip: readonly number[], flags: number): Uint8Array {
  const struct = words(8, { 0: AF_INET | (24 << 8), 4: 1 });
  const local = encodeAttribute({ type: IFA_LOCAL, value: Uint8Array.from(ip) });
  return request(RTM_NEWADDR, NLM_F_CREATE | flags, Buffer.concat([struct, local]));
}

/** A struct inet_diag_req_v2 of 56 bytes, or unix_diag_req of 24. */
const diagnoseTcp = words(56, { 0: AF_INET | (IPPROTO_TCP << 8), 4: LISTENING });
const diagnoseUnix = words(24, { 0: AF_UNIX, 4: LISTENING, 12: UDIAG_SHOW_NAME });

function route(): Uint8Array {
  const struct = words(12, { 0: AF_INET | (32 << 8) });
  const to = encodeAttribute({ type: RTA_DST, value: Uint8Array.of(10, 7, 0, 1) });
  return request(RTM_GETROUTE, 0, Buffer.concat([struct, to]));
}

/** An interface's flags to be changed: IFF_UP off, of interface 1. */
const linkDown = words(16, { 4: 1, 12: 1 });

const requests: Readonly<Record<string, () => Uint8Array>> = {
  'NLK-03 32B': () => request(RTM_GETLINK, NLM_F_DUMP, new Uint8Array(16)),
  'NLK-04 24B': () => request(RTM_GETADDR, NLM_F_DUMP, new Uint8Array(8)),
  'NLK-06 32B': () => request(RTM_NEWLINK, NLM_F_ACK, linkDown),
  'NLK-09 72B': () => request(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, diagnoseTcp),
  'NLK-09 40B': () => request(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, diagnoseUnix),
  'NLK-10 32B': () => newAddress([10, 7, 0, 1], NLM_F_ACK | NLM_F_EXCL),
  'NLK-10 36B': route,
};

/** The request that the case means by that length; null if it means just so many bytes. */
export function requestOf({ id }: Run, text: string): Uint8Array | null {
  return requests[`${id} ${text}`]?.() ?? null;
}
