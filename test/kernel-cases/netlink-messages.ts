/**
 * Messages of netlink and their attributes as bytes, for tests that ask the kernel about its network.
 * Source: netlink(7), rtnetlink(7), <linux/netlink.h>.
 */

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly seq: number;
  /** The sender's port. */
  readonly pid: number;
  readonly payload: Uint8Array;
}

export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array;
}

const HEADER_SIZE = 16;

export function encodeMessage(message: {
  readonly type: number;
  readonly flags: number;
  readonly seq: number;
  readonly payload: Uint8Array;
}): Uint8Array {
  const { payload } = message;
  const bytes = new Uint8Array(HEADER_SIZE + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, message.type, true);
  view.setUint16(6, message.flags, true);
  view.setUint32(8, message.seq, true);
  bytes.set(payload, HEADER_SIZE);
  return bytes;
}

/** The messages of one datagram. RangeError for one that is cut short. */
export function decodeMessages(bytes: Uint8Array): NetlinkMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const messages: NetlinkMessage[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = view.getUint32(at, true);
    if (length < HEADER_SIZE || at + length > bytes.length) {
      throw new RangeError(`netlink: a message of ${length} bytes at ${at} of ${bytes.length}`);
    }
    messages.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      seq: view.getUint32(at + 8, true),
      pid: view.getUint32(at + 12, true),
      payload: bytes.subarray(at + HEADER_SIZE, at + length),
    });
    at += align(length);
  }
  return messages;
}

export function encodeAttribute({ type, value }: Attribute): Uint8Array {
  const bytes = new Uint8Array(align(4 + value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + value.length, true);
  view.setUint16(2, type, true);
  bytes.set(value, 4);
  return bytes;
}

/** The attributes behind a struct of `offset` bytes. */
export function decodeAttributes(payload: Uint8Array, offset: number): Attribute[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const attributes: Attribute[] = [];
  let at = offset;
  while (at + 4 <= payload.length) {
    const length = view.getUint16(at, true);
    if (length < 4) break;
    const type = view.getUint16(at + 2, true);
    attributes.push({ type, value: payload.subarray(at + 4, at + length) });
    at += align(length);
  }
  return attributes;
}

function align(length: number): number {
  return (length + 3) & ~3;
}
