/** The checks of the cases about the wire: what the kernel sends there, and when. */
import { IPPROTO_TCP } from '../../src/syscall/inet.ts';
import { TCP_QUICKACK } from '../../src/syscall/tcp.ts';
import type { Action, Check, Handlers } from './checks.ts';
import { tcpInfo } from './checks-tcp.ts';
import { decodeIcmp, ICMP, sackRanges, tcpOptionNames, timestampsOf } from './packets.ts';
import { tuple, type Value } from './recorded.ts';
import { int32s } from './results.ts';
import type { Run } from './run.ts';
import { statesOf } from './socket-tables.ts';
import { REPLY_TIME, type SegmentArrival, SILENCE, Wire } from './wire.ts';
import { wireScripts } from './wire-scripts.ts';

function wireOf(run: Run): Wire {
  const wire = run.notes.get('wire');
  if (!(wire instanceof Wire)) throw new Error('the case has no wire');
  return wire;
}

/** The next step "< …" of the case. */
const sendNext: Action = async (run, { args }) => {
  const place = (run.notes.get('packets sent') as number | undefined) ?? 0;
  run.notes.set('packets sent', place + 1);
  const send = wireScripts[run.id]?.[place];
  if (send === undefined) throw new Error(`what is sent by "${args[0]}" is not known`);
  const wire = wireOf(run);
  run.notes.set('sent at', run.machine.now());
  await send(wire);
};

/** The segment that the kernel answers with. */
async function reply(run: Run): Promise<SegmentArrival> {
  const arrival = await wireOf(run).segment(REPLY_TIME);
  if (arrival === null) throw new Error('the kernel answered nothing');
  return arrival;
}

/** Flags, and the number that is acknowledged, from the beginning of the peer's data. */
const flagsAndAck: Check = async (run) => {
  const { tcp } = await reply(run);
  return tuple(tcp.flags, wireOf(run).acked(tcp.ack));
};

const nothing: Check = async (run) => {
  const arrival = await wireOf(run).segment(SILENCE);
  return arrival === null ? null : arrival.tcp.flags;
};

/** The segment that was looked at last. */
function lastOf(run: Run): SegmentArrival {
  const { last } = wireOf(run);
  if (last === null) throw new Error('there was no segment yet');
  return last;
}

/** What is answered to a segment that belongs to no connection. */
const strayReply: Check = async (run) => {
  if ((run.notes.get('packets sent') as number) > 2) return nothing(run, NO_STEP);
  const { tcp } = await reply(run);
  return tcp.flags === 'R' ? tuple('R', tcp.seq) : tuple(tcp.flags, tcp.seq, tcp.ack);
};

const NO_STEP = { op: 'check', args: [], res: '' };

/** The segments that carry data, of those that come in that time. */
async function dataIn(run: Run, milliseconds: number): Promise<SegmentArrival[]> {
  const all = await wireOf(run).segments(milliseconds);
  return all.filter(({ tcp }) => tcp.payload.length > 0);
}

/**
 * Copies of the data that nobody acknowledges: the first, and those sent again. When they were sent stands
 * in them, so it does not matter when they were looked at.
 */
const copies: Check = async (run) => {
  const all = await dataIn(run, 2200);
  const times = all.map(({ tcp }) => timestampsOf(tcp)!.value);
  run.notes.set(
    'gaps',
    times.slice(1).map((time, i) => time - times[i]!),
  );
  return all.length;
};

function gapsOf(run: Run): number[] {
  return run.notes.get('gaps') as number[];
}

/**
 * Milliseconds until the acknowledgement. A busy machine only makes it later, so further bytes are sent
 * until one is acknowledged in that time, or too many were not.
 */
async function ackDelay(run: Run, quick: 0 | 1, fits: (delay: number) => boolean): Promise<Value> {
  const wire = wireOf(run);
  let start = run.notes.get('sent at') as number;
  let sent = quick + 1;
  for (let tries = 0; tries < 10; tries++) {
    const { time } = await reply(run);
    if (fits(time - start)) {
      wire.peerStart += sent - quick - 1;
      return true;
    }
    run.subject.setsockopt(run.fd('c'), IPPROTO_TCP, TCP_QUICKACK, int32s(quick));
    start = run.machine.now();
    wire.sendSegment({ flags: '.P', seq: wire.peerStart + sent, payload: Buffer.from('z') });
    sent++;
  }
  return false;
}

const icmpReply = async (run: Run): Promise<ReturnType<typeof decodeIcmp>> => {
  const arrival = await wireOf(run).packet(REPLY_TIME, ({ protocol }) => protocol === ICMP);
  if (arrival === null) throw new Error('the kernel sent no ICMP message');
  const message = decodeIcmp(arrival.packet);
  run.notes.set('icmp', message);
  return message;
};

/** Id, sequence and data of an echo, which is what follows the checksum. */
const echoReply: Check = async (run) => {
  const { type, rest, payload } = await icmpReply(run);
  const words = Buffer.alloc(4);
  words.writeUInt32BE(rest);
  return tuple(type, Buffer.concat([words, payload]));
};

const actions: Readonly<Record<string, Action>> = {
  'tun0 up, 10.0.0.1/24': (run) => {
    run.notes.set('wire', new Wire(run));
  },
};

const synChecks: Readonly<Record<string, Check>> = {
  'WIR-01: flags': async (run) => (await wireOf(run).syn()).tcp.flags,
  'ttl, df, header checksum ok': (run) => {
    const { ttl, df, valid } = lastOf(run).packet;
    return tuple(ttl, Number(df), valid && lastOf(run).tcp.valid);
  },
  options: (run) => tcpOptionNames(lastOf(run).tcp),
  window: (run) => lastOf(run).tcp.window,
  'IP id non-zero': (run) => lastOf(run).packet.id !== 0,
  'WIR-03: reply': strayReply,
  'WIR-04: flags, ack': async (run) => {
    const { tcp } = await reply(run);
    wireOf(run).kernelStart = (tcp.seq + 1) >>> 0;
    run.notes.set('sent at', lastOf(run).time);
    return tuple(tcp.flags, tcp.ack);
  },
  'retransmitted SYN|ACK after ~1 s': async (run) => {
    const { tcp, time } = await reply(run);
    return tuple(tcp.flags, Math.round((time - (run.notes.get('sent at') as number)) / 1000));
  },
  'WIR-12: reply': async (run) => {
    const { tcp } = await reply(run);
    return tuple(tcp.flags, tcp.ack, wireOf(run).sent(tcp.seq) === 0xffffffff);
  },
};

const streamChecks: Readonly<Record<string, Check>> = {
  'WIR-05: ack': async (run) => wireOf(run).acked((await reply(run)).tcp.ack),
  'dup ack, options, sack': async (run) => {
    const wire = wireOf(run);
    const { tcp } = await reply(run);
    const options = tcpOptionNames(tcp).filter((name) => name !== 'NOP');
    const [range = [0, 0]] = sackRanges(tcp);
    return tuple(wire.acked(tcp.ack), options, tuple(...range.map((end) => wire.acked(end))));
  },
  'challenge ACK': flagsAndAck,
  'WIR-06: reply': nothing,
  'reply to SYN': flagsAndAck,
  'number of copies in 2.2 s': copies,
  'gaps grow': (run) => {
    const gaps = gapsOf(run);
    return gaps.length > 1 && gaps.every((gap, i) => i === 0 || gap > gaps[i - 1]!);
  },
  'first gap 0.15..0.45 s': (run) => gapsOf(run)[0]! >= 150 && gapsOf(run)[0]! <= 450,
  'tcpi_retransmits >= 2': (run) => tcpInfo(run, 'c').tcpi_retransmits >= 2,
  'first probe: length, seq': async (run) => {
    const { tcp } = await reply(run);
    return tuple(tcp.payload.length, wireOf(run).sent(tcp.seq));
  },
  'second probe later': async (run) => {
    const { tcp } = await reply(run);
    return tcp.payload.length === 0 && wireOf(run).sent(tcp.seq) === 0xffffffff;
  },
  'data flows': async (run) => (await reply(run)).tcp.payload,
  'distinct bytes before any ACK / MSS': async (run) => {
    const all = await dataIn(run, SILENCE);
    const starts = new Map(all.map(({ tcp }) => [tcp.seq, tcp.payload.length]));
    return [...starts.values()].reduce((sum, length) => sum + length, 0) / 1460;
  },
  'ack delay 30..60 ms': (run) => ackDelay(run, 0, (delay) => delay >= 30 && delay <= 60),
  'quick ack < 10 ms': (run) => ackDelay(run, 1, (delay) => delay < 10),
  'resent with at most 960 bytes': async (run) => {
    const { tcp } = await reply(run);
    return tcp.payload.length > 0 && tcp.payload.length <= 960 && wireOf(run).sent(tcp.seq) === 0;
  },
};

const endChecks: Readonly<Record<string, Check>> = {
  FIN: async (run) => (await reply(run)).tcp.flags,
  'ACK of FIN': flagsAndAck,
  're-ACK': flagsAndAck,
  'SYN with an old sequence': flagsAndAck,
  'SYN with a higher sequence': flagsAndAck,
  'WIR-13: states': (run) => statesOf(run),
  'type, code': async (run) => {
    const { type, code } = await icmpReply(run);
    return tuple(type, code);
  },
  quote: (run) => {
    const { payload } = run.notes.get('icmp') as ReturnType<typeof decodeIcmp>;
    return payload.slice(20);
  },
  'echo reply': echoReply,
};

export const wireHandlers: Handlers = {
  actions,
  actionForms: [[/^< /, (run, _parts, step) => sendNext(run, step)]],
  checks: { ...synChecks, ...streamChecks, ...endChecks },
};
