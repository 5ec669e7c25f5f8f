/**
 * The wire of a case: an interface tun0 whose other end the test holds. The kernel under test is 10.0.0.1;
 * the peer, 10.0.0.2, is played by the test, packet by packet.
 */
import { O_NONBLOCK, O_RDWR } from '../../src/syscall/fcntl.ts';
import { encodeIfreq } from '../../src/syscall/ifreq.ts';
import { IFF_NO_PI, IFF_TUN, TUNSETIFF } from '../../src/syscall/tun.ts';
import {
  decodeIpv4,
  decodeTcp,
  encodeIcmp,
  encodeIpv4,
  encodeTcp,
  ICMP,
  type ParsedIpv4,
  type ParsedTcp,
  TCP,
  type TcpSegment,
  tcpOptions,
  timestampsOf,
} from './packets.ts';
import type { Run } from './run.ts';

export const HERE = '10.0.0.1';
export const PEER = '10.0.0.2';

/** A packet, and when it was taken off the wire, in milliseconds. */
export interface Arrival {
  readonly packet: ParsedIpv4;
  readonly time: number;
}

export interface SegmentArrival extends Arrival {
  readonly tcp: ParsedTcp;
}

/** What the peer's sequence numbers begin with unless a case says otherwise. */
const FIRST_SEQUENCE = 7000;

export class Wire {
  readonly #run: Run;
  readonly #fd: number;
  /** The peer's port, and the kernel's. */
  port = 80;
  kernelPort = 0;
  /** The sequence number after the peer's SYN, and after the kernel's. */
  peerStart: number = FIRST_SEQUENCE + 1;
  kernelStart = 0;
  /** The segment that was received last. */
  last: SegmentArrival | null = null;

  constructor(run: Run) {
    this.#run = run;
    this.#fd = run.subject.openat('/dev/net/tun', O_RDWR | O_NONBLOCK);
    const ifreq = encodeIfreq('tun0', { flags: IFF_TUN | IFF_NO_PI });
    const made = this.#fd < 0 ? this.#fd : run.subject.ioctl(this.#fd, TUNSETIFF, ifreq);
    if (made < 0) throw new Error(`there is no tun0: ${made}`);
    run.machine.ip(`addr add ${HERE}/24 dev tun0`);
    run.machine.ip('link set tun0 up');
  }

  /** The next IPv4 packet that fits; null if none comes in that many milliseconds. Others are dropped. */
  async packet(timeout: number, fits: (packet: ParsedIpv4) => boolean): Promise<Arrival | null> {
    const end = this.#run.machine.now() + timeout;
    for (;;) {
      const { result, data } = this.#run.subject.read(this.#fd, 65_536);
      const time = this.#run.machine.now();
      if (result > 0) {
        const packet = decodeIpv4(data);
        if (packet !== null && fits(packet)) return { packet, time };
      } else if (time >= end) {
        return null;
      } else {
        await this.#run.machine.sleep(1);
      }
    }
  }

  /** The next TCP segment. */
  async segment(timeout: number): Promise<SegmentArrival | null> {
    const arrival = await this.packet(timeout, ({ protocol }) => protocol === TCP);
    if (arrival === null) return null;
    this.last = { ...arrival, tcp: decodeTcp(arrival.packet) };
    return this.last;
  }

  /** All segments that come in that many milliseconds. */
  async segments(milliseconds: number): Promise<SegmentArrival[]> {
    const end = this.#run.machine.now() + milliseconds;
    const all: SegmentArrival[] = [];
    for (;;) {
      const arrival = await this.segment(Math.max(0, end - this.#run.machine.now()));
      if (arrival === null) return all;
      all.push(arrival);
    }
  }

  /** The SYN of the connection that the case is making, which is then the one spoken about. */
  async syn(): Promise<SegmentArrival> {
    const arrival = await this.segment(REPLY_TIME);
    if (arrival?.tcp.flags !== 'S') throw new Error('the kernel sent no SYN');
    this.kernelPort = arrival.tcp.sport;
    this.kernelStart = (arrival.tcp.seq + 1) >>> 0;
    return arrival;
  }

  /** A packet of the peer. */
  send(protocol: number, payload: Uint8Array, rest: Partial<ParsedIpv4> = {}): void {
    const packet = encodeIpv4({ src: PEER, dst: HERE, protocol, payload, ...rest });
    const written = this.#run.subject.write(this.#fd, packet);
    if (written !== packet.length) throw new Error(`the wire took ${written}`);
  }

  /** A segment of the connection: by default the next one, empty, with all acknowledged. */
  sendSegment(segment: Partial<TcpSegment>): void {
    const full = { ...this.#defaults(), ...segment };
    this.send(TCP, encodeTcp(full, PEER, HERE));
  }

  #defaults(): TcpSegment {
    return {
      sport: this.port,
      dport: this.kernelPort,
      seq: this.peerStart,
      ack: this.kernelStart,
      flags: '.',
    };
  }

  /**
   * Answers the SYN, and takes the acknowledgement of the answer off the wire. With `timestamps`, what the
   * kernel sends from now on tells when it was sent.
   */
  async accept(
    offer: {
      readonly sack?: boolean;
      readonly timestamps?: boolean;
      readonly window?: number;
    } = {},
  ): Promise<void> {
    const { tcp } = await this.syn();
    const echo = timestampsOf(tcp)?.value ?? 0;
    const timestamps = offer.timestamps === true ? { value: 1, echo } : undefined;
    this.sendSegment({
      flags: 'S.',
      seq: (this.peerStart - 1) >>> 0,
      window: offer.window ?? 0xffff,
      options: tcpOptions({ mss: 1460, sack: offer.sack ?? false, timestamps }),
    });
    await this.segment(REPLY_TIME);
  }

  /** An ICMP error about a packet of the kernel: its header, and the first 8 bytes of what follows. */
  sendError(code: number, about: ParsedIpv4, rest = 0): void {
    const { payload, ...header } = about;
    const quoted = encodeIpv4({ ...header, payload: payload.slice(0, 8) });
    // The quoted header tells the length that the packet had.
    new DataView(quoted.buffer).setUint16(2, 20 + payload.length);
    this.send(ICMP, encodeIcmp({ type: 3, code, rest, payload: quoted }));
  }

  /** A number that the kernel acknowledges, from the beginning of the peer's data. */
  acked(number: number): number {
    return (number - this.peerStart) >>> 0;
  }

  /** A number of the kernel's, from the beginning of its data. */
  sent(number: number): number {
    return (number - this.kernelStart) >>> 0;
  }
}

/** How long to wait for what the kernel answers at once, with room for a busy machine. */
export const REPLY_TIME = 5000;

/** How long to wait for what must not come. */
export const SILENCE = 100;
