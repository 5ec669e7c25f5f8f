/**
 * What is in a control message: the structs behind SCM_RIGHTS, SCM_CREDENTIALS, IP_PKTINFO and the other
 * kinds, as values. The framing around them is control-message.ts's.
 *
 * A decoder is given the data of one message of its kind. RangeError if it is shorter than the struct:
 * the kernel has cut it (MSG_CTRUNC), or it is of another kind. Source: unix(7), ip(7), ipv6(7),
 * socket(7), <linux/errqueue.h>, <linux/net_tstamp.h>.
 */
import { decodeSockaddr, type Sockaddr } from './sockaddr.ts';

/** struct ucred: who sent it. */
export interface Credentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

const CREDENTIALS_SIZE = 12;

/** For SCM_RIGHTS: the descriptors to be passed. */
export function encodeRights(fds: readonly number[]): Uint8Array {
  const data = new Uint8Array(4 * fds.length);
  const view = new DataView(data.buffer);
  for (const [i, fd] of fds.entries()) {
    if (!Number.isInteger(fd) || fd < 0 || fd > 0x7fffffff) {
      throw new RangeError('encodeRights: a descriptor must be an integer, 0 or more');
    }
    view.setInt32(4 * i, fd, true);
  }
  return data;
}

/** Of SCM_RIGHTS: new descriptors of this process, which are the receiver's to close. */
export function decodeRights(data: Uint8Array): number[] {
  const view = viewOf('decodeRights', data, 0);
  return Array.from({ length: data.length >> 2 }, (_, i) => view.getInt32(4 * i, true));
}

/**
 * For SCM_CREDENTIALS. The kernel checks them: only root may say what is not so. RangeError, in which the
 * call is named that they are for.
 */
export function encodeCredentials(
  { pid, uid, gid }: Credentials,
  method: string = 'encodeCredentials',
): Uint8Array {
  const data = new Uint8Array(CREDENTIALS_SIZE);
  const view = new DataView(data.buffer);
  for (const [i, [name, value]] of Object.entries({ pid, uid, gid }).entries()) {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
      throw new RangeError(`${method}: ${name} must be an integer in 0..4294967295`);
    }
    view.setUint32(4 * i, value, true);
  }
  return data;
}

/** Of SCM_CREDENTIALS, and of the option SO_PEERCRED. A pid of 0 is one outside of our namespace. */
export function decodeCredentials(data: Uint8Array): Credentials {
  const view = viewOf('decodeCredentials', data, CREDENTIALS_SIZE);
  return {
    pid: view.getInt32(0, true),
    uid: view.getUint32(4, true),
    gid: view.getUint32(8, true),
  };
}

/** struct in_pktinfo and in6_pktinfo: where a datagram came in, or is to go out. */
export interface PacketInfo {
  /** The interface; 0 for any. */
  readonly ifindex: number;
  /** Received: the destination in the packet. Sent: the source that it shall have. 4 or 16 bytes. */
  readonly addr: Uint8Array;
}

/** For IP_PKTINFO (an address of 4 bytes) or IPV6_PKTINFO (16 bytes). */
export function encodePacketInfo({ ifindex, addr }: PacketInfo): Uint8Array {
  if (addr.length !== 4 && addr.length !== 16) {
    throw new RangeError(`encodePacketInfo: addr must have 4 or 16 bytes, not ${addr.length}`);
  }
  if (!Number.isInteger(ifindex) || ifindex < 0 || ifindex > 0x7fffffff) {
    throw new RangeError('encodePacketInfo: ifindex must be an integer, 0 or more');
  }
  const v4 = addr.length === 4;
  const data = new Uint8Array(v4 ? 12 : 20);
  // ipi_ifindex, ipi_spec_dst, ipi_addr; or ipi6_addr, ipi6_ifindex.
  data.set(addr, v4 ? 4 : 0);
  new DataView(data.buffer).setInt32(v4 ? 0 : 16, ifindex, true);
  return data;
}

/** Of IP_PKTINFO: `addr` is the destination in the packet, `local` the address that answers it. */
export function decodePacketInfo(data: Uint8Array): PacketInfo & { readonly local: Uint8Array } {
  const view = viewOf('decodePacketInfo', data, 12);
  return { ifindex: view.getInt32(0, true), local: copy(data, 4, 8), addr: copy(data, 8, 12) };
}

/** Of IPV6_PKTINFO. */
export function decodePacketInfo6(data: Uint8Array): PacketInfo {
  const view = viewOf('decodePacketInfo6', data, 20);
  return { addr: copy(data, 0, 16), ifindex: view.getInt32(16, true) };
}

/** A point in time: seconds since 1970, and nanoseconds after them. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** Of SCM_TIMESTAMP: struct timeval. */
export function decodeTimestamp(data: Uint8Array): Timestamp {
  const { seconds, nanoseconds } = decodeTimestampNs(data);
  return { seconds, nanoseconds: 1000 * nanoseconds };
}

/** Of SCM_TIMESTAMPNS: struct timespec. */
export function decodeTimestampNs(data: Uint8Array): Timestamp {
  return timespec(viewOf('decodeTimestampNs', data, 16), 0);
}

/** struct scm_timestamping: those that the option asked for, null for the others. */
export interface Timestamping {
  readonly software: Timestamp | null;
  readonly hardware: Timestamp | null;
}

/** Of SCM_TIMESTAMPING: three times, of which the second is not used any more. */
export function decodeTimestamping(data: Uint8Array): Timestamping {
  const view = viewOf('decodeTimestamping', data, 48);
  return { software: unlessZero(timespec(view, 0)), hardware: unlessZero(timespec(view, 32)) };
}

/** struct sock_extended_err, and who reported it. */
export interface ExtendedError {
  /** Positive: ECONNREFUSED, EMSGSIZE, …. */
  readonly errno: number;
  /** SO_EE_ORIGIN_LOCAL, _ICMP, _ICMP6, _TIMESTAMPING, _ZEROCOPY, …. */
  readonly origin: number;
  /** Of the ICMP message, if it was one. */
  readonly type: number;
  readonly code: number;
  /** The path's MTU for EMSGSIZE; the first number of a range for zero copy. */
  readonly info: number;
  readonly data: number;
  /** The sender of the ICMP message; null if there is none. */
  readonly offender: Sockaddr | null;
}

const EXTENDED_ERROR_SIZE = 16;

/** Of IP_RECVERR and IPV6_RECVERR, from the error queue (MSG_ERRQUEUE). */
export function decodeExtendedError(data: Uint8Array): ExtendedError {
  const view = viewOf('decodeExtendedError', data, EXTENDED_ERROR_SIZE);
  const rest = data.subarray(EXTENDED_ERROR_SIZE);
  const offender = decodeSockaddr(rest, rest.length);
  return {
    errno: view.getUint32(0, true),
    origin: view.getUint8(4),
    type: view.getUint8(5),
    code: view.getUint8(6),
    info: view.getUint32(8, true),
    data: view.getUint32(12, true),
    offender: offender.family === 0 ? null : offender,
  };
}

/** Of IP_TTL, IPV6_HOPLIMIT, IPV6_TCLASS, UDP_GRO and other kinds that are an int; IP_TOS is a byte. */
export function decodeInt(data: Uint8Array): number {
  if (data.length === 1) return data[0]!;
  if (data.length === 2) return viewOf('decodeInt', data, 2).getUint16(0, true);
  return viewOf('decodeInt', data, 4).getInt32(0, true);
}

/** For IP_TTL, IP_TOS, IPV6_HOPLIMIT and other kinds that are an int. */
export function encodeInt(value: number): Uint8Array {
  if (!Number.isInteger(value) || (value | 0) !== value) {
    throw new RangeError('encodeInt: value must be a 32-bit integer');
  }
  return new Uint8Array(Int32Array.of(value).buffer);
}

/** For UDP_SEGMENT: the length of each datagram that the bytes are cut into. */
export function encodeSegmentSize(size: number): Uint8Array {
  if (!Number.isInteger(size) || size < 0 || size > 0xffff) {
    throw new RangeError('encodeSegmentSize: size must be an integer in 0..65535');
  }
  return new Uint8Array(Uint16Array.of(size).buffer);
}

function timespec(view: DataView, at: number): Timestamp {
  return {
    seconds: Number(view.getBigInt64(at, true)),
    nanoseconds: Number(view.getBigInt64(at + 8, true)),
  };
}

function unlessZero(time: Timestamp): Timestamp | null {
  return time.seconds === 0 && time.nanoseconds === 0 ? null : time;
}

function copy(data: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(data.subarray(start, end));
}

function viewOf(decoder: string, data: Uint8Array, size: number): DataView {
  if (data.length < size) {
    throw new RangeError(`${decoder}: data must have ${size} bytes, not ${data.length}`);
  }
  return new DataView(data.buffer, data.byteOffset, data.length);
}
