/** The steps about datagrams: what came with them, how many a queue takes. */
import { formatIP } from '../../src/net/ip.ts';
import { decodeExtendedError, decodeInt, decodePacketInfo } from '../../src/syscall/ancillary.ts';
import { IP_PKTINFO, IP_RECVERR, IP_TOS, IP_TTL, SOL_IP } from '../../src/syscall/inet.ts';
import type { Action, Check, Handlers } from './checks.ts';
import { lastMessage } from './last-call.ts';
import { tuple } from './recorded.ts';
import type { Run } from './run.ts';

/** The data of the control message of SOL_IP of that type. */
function ipControl(run: Run, type: number): Uint8Array {
  const found = lastMessage(run).control.find((one) => one.level === SOL_IP && one.type === type);
  if (found === undefined) throw new Error(`there was no control message ${SOL_IP}/${type}`);
  return found.data;
}

/** Sends one datagram after the other until that fails; how many were taken. */
function fillDatagrams(run: Run, name: string, data: Uint8Array, to: Uint8Array | null): number {
  let count = 0;
  while (run.subject.sendto(run.fd(name), data, 0, to) >= 0) count++;
  return count;
}

/** The datagrams that are in the queue. */
function takeDatagrams(run: Run, name: string): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (;;) {
    const { result, data } = run.subject.recvfrom(run.fd(name), 1 << 16, 0);
    if (result < 0) return all;
    all.push(data);
  }
}

/** How many datagrams of 1000 are kept: of the pair of sockets that was made last. */
function kept(run: Run, size: number): number {
  const pair = ((run.notes.get('pairs') as number | undefined) ?? 0) + 1;
  run.notes.set('pairs', pair);
  const data = new Uint8Array(size);
  for (let i = 0; i < 1000; i++) run.subject.sendto(run.fd(`s${2 * pair}`), data, 0, null);
  return takeDatagrams(run, `s${2 * pair - 1}`).length;
}

const actions: Readonly<Record<string, Action>> = {
  '20 x send 1000B, all succeed': (run) => {
    for (let i = 0; i < 20; i++) {
      const result = run.subject.sendto(run.fd('u'), new Uint8Array(1000).fill(i), 0, null);
      if (result !== 1000) throw new Error(`send ${i} gave ${result}`);
    }
  },
};

const checks: Readonly<Record<string, Check>> = {
  'cmsg level/type, ee_errno, origin, type, code': (run) => {
    const error = decodeExtendedError(ipControl(run, IP_RECVERR));
    return tuple(SOL_IP, IP_RECVERR, error.errno, error.origin, error.type, error.code);
  },
  'msg_name == destination': (run) => {
    return run.show(lastMessage(run), '127.0.0.1:P1') === '127.0.0.1:P1';
  },
  'delivered (of 20)': (run) => {
    const all = takeDatagrams(run, 'v');
    run.notes.set('delivered', all);
    return all.length;
  },
  'first one kept is the oldest': (run) => (run.notes.get('delivered') as Uint8Array[])[0]![0]!,
  'ifindex, spec_dst, dst': (run) => {
    const { ifindex, local, addr } = decodePacketInfo(ipControl(run, IP_PKTINFO));
    return tuple(ifindex, formatIP(local), formatIP(addr));
  },
  'ttl,tos': (run) => tuple(decodeInt(ipControl(run, IP_TTL)), decodeInt(ipControl(run, IP_TOS))),
  'unconnected sends accepted': (run) => {
    return fillDatagrams(run, 's', Buffer.from('x'), run.address('un:@r'));
  },
  'socketpair sends accepted (limited by SO_SNDBUF, not qlen)': (run) => {
    return fillDatagrams(run, 'a', Buffer.from('x'), null);
  },
};

export const datagramHandlers: Handlers = {
  actions,
  checks,
  checkForms: [
    [
      /^(\d+)-byte datagrams accepted$/,
      (run, [size]) => fillDatagrams(run, 'a', new Uint8Array(Number(size)), null),
    ],
    [/^(\d+)-byte datagrams kept$/, (run, [size]) => kept(run, Number(size))],
  ],
};
