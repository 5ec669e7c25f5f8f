/**
 * What only sock_diag(7) knows of a socket: the peer of a unix socket, and the ends of a TCP socket that is
 * bound or connecting. Each question opens a socket of its own and closes it, so that a trace holds no descriptor.
 */
import type { Kernel } from '../kernel/kernel.ts';
import {
  AF_INET,
  AF_NETLINK,
  AF_UNIX,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_RAW,
} from '../syscall/socket.ts';
import { IPPROTO_TCP } from '../syscall/inet.ts';
import { NETLINK_SOCK_DIAG, NLM_F_DUMP, NLM_F_REQUEST } from '../syscall/netlink.ts';
import {
  decodeAttributes,
  decodeNetlinkMessages,
  encodeNetlinkMessage,
} from '../syscall/netlink-message.ts';
import * as diag from '../syscall/sock-diag.ts';

/** Two sockaddrs. */
export interface Ends {
  readonly local: Uint8Array;
  readonly peer: Uint8Array | null;
}

export interface UnixEnds {
  /** Its inode; 0: it has none, or one that nobody has accepted yet. */
  readonly peer: number;
  /** As in sun_path, as long as it is. */
  readonly name: Uint8Array;
}

/** What one recvfrom may bring: more than the kernel sends at once. */
const ROOM = 65_536;

/** So many parts of an answer are read. */
const MAX_PARTS = 64;

type Take = (data: Uint8Array) => boolean;

/** Asks, and shows `take` each answer until it has enough. */
function ask(kernel: Kernel, flags: number, data: Uint8Array, take: Take): void {
  const fd = kernel.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0) return;
  const type = diag.SOCK_DIAG_BY_FAMILY;
  const request = encodeNetlinkMessage({
    type,
    flags: NLM_F_REQUEST | flags,
    seq: 1,
    pid: 0,
    payload: data,
  });
  const sent = kernel.sendto(fd, request, request.length, 0, null, 0);
  for (let part = 0; sent >= 0 && part < MAX_PARTS; part += 1) {
    const buf = new Uint8Array(ROOM);
    const length = kernel.recvfrom(fd, buf, ROOM, MSG_DONTWAIT, null, null);
    if (length <= 0) break;
    const messages = decodeNetlinkMessages(buf, length);
    const answers = messages.filter((message) => message.type === type);
    if (answers.length === 0 || answers.some((answer) => take(answer.payload))) break;
  }
  kernel.close(fd);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** struct unix_diag_req and unix_diag_msg. */
const UNIX_REQUEST = 24;
const UNIX_ANSWER = 16;

export function unixEnds(kernel: Kernel, inode: bigint): UnixEnds {
  const request = new Uint8Array(UNIX_REQUEST);
  const view = viewOf(request);
  request[0] = AF_UNIX;
  const wanted = Number(BigInt.asUintN(32, inode));
  view.setUint32(4, wanted, true);
  view.setUint32(8, 0xffff_ffff, true);
  view.setUint32(12, diag.UDIAG_SHOW_NAME | diag.UDIAG_SHOW_PEER, true);
  view.setUint32(16, diag.INET_DIAG_NOCOOKIE, true);
  view.setUint32(20, diag.INET_DIAG_NOCOOKIE, true);
  let peer = 0;
  let name: Uint8Array = new Uint8Array(0);
  let found = false;
  const take: Take = (answer) => {
    if (answer.length < UNIX_ANSWER || viewOf(answer).getUint32(4, true) !== wanted) return false;
    for (const { type, data } of decodeAttributes(answer, UNIX_ANSWER)) {
      if (type === diag.UNIX_DIAG_NAME) name = data;
      else if (type === diag.UNIX_DIAG_PEER) peer = viewOf(data).getUint32(0, true);
    }
    found = true;
    return true;
  };
  // What one way does not find the other may.
  ask(kernel, 0, request, take);
  if (!found) ask(kernel, NLM_F_DUMP, request, take);
  return { peer, name };
}

/** struct inet_diag_req_v2 and inet_diag_msg, and members of both. */
const INET_REQUEST = 56;
const INET_ANSWER = 72;
const REQUEST_STATES = 4;
const REQUEST_PORT = 8;
const ANSWER_PEER_PORT = 6;
const ANSWER_PEER = 24;
const ANSWER_INODE = 68;

/** Those that are only bound are told since Linux 6.8. */
const ANY_STATE = 0xffff_ffff;

/** Of a TCP socket of `domain` at `local`: what the kernel's table of sockets says; null: it is not in it. */
export function tcpEnds(
  kernel: Kernel,
  domain: number,
  local: Uint8Array,
  inode: bigint,
): Ends | null {
  const request = new Uint8Array(INET_REQUEST);
  request[0] = domain;
  request[1] = IPPROTO_TCP;
  viewOf(request).setUint32(REQUEST_STATES, ANY_STATE, true);
  request.set(local.subarray(2, 4), REQUEST_PORT);
  let found = false;
  let peer: Uint8Array | null = null;
  ask(kernel, NLM_F_DUMP, request, (answer) => {
    if (answer.length < INET_ANSWER) return false;
    if (viewOf(answer).getUint32(ANSWER_INODE, true) !== Number(BigInt.asUintN(32, inode))) {
      return false;
    }
    found = true;
    if (viewOf(answer).getUint16(ANSWER_PEER_PORT) === 0) return true;
    peer = local.slice();
    peer.set(answer.subarray(ANSWER_PEER_PORT, ANSWER_PEER_PORT + 2), 2);
    const [at, length] = domain === AF_INET ? [4, 4] : [8, 16];
    peer.set(answer.subarray(ANSWER_PEER, ANSWER_PEER + length), at);
    return true;
  });
  return found ? { local, peer } : null;
}
