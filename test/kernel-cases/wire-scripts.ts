/**
 * What the peer sends in the cases about the wire: for each case the packets of its steps "< …", one after
 * the other. The cases leave out the numbers, which are here.
 */
import {
  encodeIcmp,
  encodeTcp,
  encodeUdp,
  ICMP,
  TCP,
  type TcpSegment,
  tcpOptions,
  UDP,
} from './packets.ts';
import { HERE, PEER, REPLY_TIME, type Wire } from './wire.ts';

type Send = (wire: Wire) => void | Promise<void>;

const ECHO_REQUEST = 8;

/** A segment that belongs to no connection of the case. */
function stray(
  segment: Partial<TcpSegment> & { readonly flags: string; readonly seq: number },
): Send {
  return (wire) => {
    const full = { sport: 5555, dport: 80, ...segment };
    wire.send(TCP, encodeTcp(full, PEER, HERE));
  };
}

/** An error about the SYN of a connection that is being made. */
function refuse(code: number): Send {
  return async (wire) => {
    const { packet } = await wire.syn();
    wire.sendError(code, packet);
  };
}

/** An error about the data that was sent last. */
function complain(code: number, rest = 0): Send {
  return async (wire) => {
    const data = await wire.packet(REPLY_TIME, ({ payload }) => payload.length > 20);
    if (data === null) throw new Error('the kernel sent no data');
    wire.sendError(code, data.packet, rest);
  };
}

const accept: Send = (wire) => wire.accept();

/** Data at that place of the peer's stream. */
function data(at: number, text: string): Send {
  return (wire) => {
    wire.sendSegment({ flags: '.P', seq: wire.peerStart + at, payload: Buffer.from(text) });
  };
}

const TEXT = Buffer.from('hello');

/** A datagram of 32 bytes, of which the fragments below are the halves. */
const WHOLE = encodeUdp({ sport: 5555, dport: 99, payload: Buffer.alloc(24, 'A') });

function fragment(id: number, from: number, to: number, more: boolean): Send {
  return (wire) => {
    wire.send(UDP, WHOLE.slice(from, to), { id, offset: from, mf: more });
  };
}

/** The peer's answer to the SYN of a simultaneous open has the number of its own SYN. */
const SIMULTANEOUS = 500;

export const wireScripts: Readonly<Record<string, readonly Send[]>> = {
  'WIR-03': [
    stray({ flags: 'S', seq: 4000 }),
    stray({ flags: '.', seq: 4000, ack: 777 }),
    stray({ flags: 'R', seq: 4000 }),
    (wire) => {
      const bytes = encodeTcp({ sport: 5555, dport: 80, seq: 4000, flags: 'S' }, PEER, HERE);
      bytes[16] = bytes[16]! ^ 0xff;
      wire.send(TCP, bytes);
    },
  ],
  'WIR-04': [
    (wire) => {
      Object.assign(wire, { port: 5555, kernelPort: 80, peerStart: 101 });
      wire.sendSegment({ flags: 'S', seq: 100, ack: 0, options: tcpOptions({ mss: 1460 }) });
    },
    (wire) => wire.sendSegment({ flags: '.' }),
  ],
  'WIR-05': [(wire) => wire.accept({ sack: true }), data(0, 'abc'), data(6, 'ghi'), data(3, 'def')],
  'WIR-06': [
    accept,
    (wire) => wire.sendSegment({ flags: 'R', seq: wire.peerStart + 10, ack: 0 }),
    (wire) => wire.sendSegment({ flags: 'R', seq: wire.peerStart + 1_000_000_000, ack: 0 }),
    (wire) => wire.sendSegment({ flags: 'S', seq: wire.peerStart, ack: 0 }),
    (wire) => wire.sendSegment({ flags: 'R', seq: wire.peerStart, ack: 0 }),
  ],
  'WIR-07': [3, 1, 13, 2, 0].map(refuse),
  'WIR-08': [accept, complain(1), complain(3)],
  'WIR-09': [(wire) => wire.accept({ timestamps: true })],
  'WIR-11': [
    (wire) => wire.accept({ window: 0 }),
    (wire) => wire.sendSegment({ flags: '.', window: 0 }),
    (wire) => wire.sendSegment({ flags: '.', window: 1000 }),
  ],
  'WIR-12': [
    async (wire) => {
      wire.peerStart = SIMULTANEOUS + 1;
      await wire.syn();
      wire.sendSegment({
        flags: 'S',
        seq: SIMULTANEOUS,
        ack: 0,
        options: tcpOptions({ mss: 1460 }),
      });
    },
    (wire) => wire.sendSegment({ flags: 'S.', seq: SIMULTANEOUS }),
  ],
  'WIR-13': [
    accept,
    (wire) => wire.sendSegment({ flags: '.', ack: wire.kernelStart + 1 }),
    (wire) => wire.sendSegment({ flags: '.F', ack: wire.kernelStart + 1 }),
    (wire) => wire.sendSegment({ flags: '.F', ack: wire.kernelStart + 1 }),
    (wire) => wire.sendSegment({ flags: 'S', seq: wire.peerStart - 100, ack: 0 }),
    (wire) => wire.sendSegment({ flags: 'S', seq: wire.peerStart + 100_000, ack: 0 }),
  ],
  'WIR-14': [accept],
  'WIR-16': [accept, data(0, 'a'), data(1, 'b')],
  'WIR-17': [(wire) => wire.send(UDP, encodeUdp({ sport: 5555, dport: 99, payload: TEXT }))],
  'WIR-18': [
    (wire) => {
      const bytes = encodeUdp({ sport: 5555, dport: 99, payload: Buffer.from('x') }, PEER, HERE);
      bytes[6] = bytes[6]! ^ 0xff;
      wire.send(UDP, bytes);
    },
    (wire) => {
      wire.send(UDP, encodeUdp({ sport: 5555, dport: 99, payload: Buffer.from('y') }));
    },
    (wire) => {
      const payload = Buffer.from('ping');
      wire.send(ICMP, encodeIcmp({ type: ECHO_REQUEST, code: 0, rest: 0x12340001, payload }));
    },
  ],
  'WIR-20': [accept, complain(4, 1000)],
  'WIR-25': [
    fragment(1, 16, 32, false),
    fragment(1, 0, 16, true),
    (wire) => {
      void fragment(2, 0, 24, true)(wire);
      void fragment(2, 16, 32, false)(wire);
    },
  ],
};
