/**
 * Control messages ("ancillary data"): what recvmsg(2) and sendmsg(2) carry beside the bytes. Only their
 * framing is here; what is in them, descriptors, credentials, timestamps, is in files of its own.
 *
 *     struct cmsghdr { size_t cmsg_len; int cmsg_level; int cmsg_type; }, data, padding to 8 bytes; …
 *
 * On 64-bit machines, which are the only ones here. Source: cmsg(3), <linux/socket.h>.
 */

/** sizeof(struct cmsghdr); CMSG_LEN(0). */
export const CMSG_HEADER_SIZE = 16;

const ALIGNMENT = 8;

export interface ControlMessage {
  /** Whose `type` it is: SOL_SOCKET, SOL_IP, …. */
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
}

/** CMSG_SPACE: the bytes that a message with `length` bytes of data takes up. */
export function controlSpace(length: number): number {
  return CMSG_HEADER_SIZE + align(length);
}

/** The messages one after the other, as sendmsg(2) takes them. TypeError for what is no message. */
export function encodeControlMessages(messages: readonly ControlMessage[]): Uint8Array {
  if (!Array.isArray(messages)) {
    throw new TypeError('encodeControlMessages: messages must be an array');
  }
  let size = 0;
  for (const { data } of messages) {
    if (!(data instanceof Uint8Array)) {
      throw new TypeError('encodeControlMessages: data of a message must be a Uint8Array');
    }
    size += controlSpace(data.length);
  }
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { level, type, data } of messages) {
    view.setUint32(at, CMSG_HEADER_SIZE + data.length, true);
    view.setInt32(at + 8, int32('level', level), true);
    view.setInt32(at + 12, int32('type', type), true);
    bytes.set(data, at + CMSG_HEADER_SIZE);
    at += controlSpace(data.length);
  }
  return bytes;
}

/**
 * The messages in the first `length` bytes of `buf`, as recvmsg(2) has filled it; their data is copied.
 * A message that the kernel has cut short (MSG_CTRUNC) has the data that was left of it. RangeError for
 * a length that no kernel writes: below that of the header, or past the end.
 */
export function decodeControlMessages(
  buf: Uint8Array,
  length: number = buf?.length,
): ControlMessage[] {
  if (!(buf instanceof Uint8Array)) {
    throw new TypeError('decodeControlMessages: buf must be a Uint8Array');
  }
  const end = Math.min(length, buf.length);
  const view = new DataView(buf.buffer, buf.byteOffset, end);
  const messages: ControlMessage[] = [];
  let at = 0;
  while (end - at >= CMSG_HEADER_SIZE) {
    const size = view.getUint32(at, true);
    if (size < CMSG_HEADER_SIZE || size > end - at || view.getUint32(at + 4, true) !== 0) {
      throw new RangeError(
        `decodeControlMessages: cmsg_len of the message at ${at} must be in ` +
          `${CMSG_HEADER_SIZE}..${end - at}`,
      );
    }
    messages.push({
      level: view.getInt32(at + 8, true),
      type: view.getInt32(at + 12, true),
      data: new Uint8Array(buf.subarray(at + CMSG_HEADER_SIZE, at + size)),
    });
    at += align(size);
  }
  return messages;
}

function align(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}

function int32(field: string, value: number): number {
  if (!Number.isInteger(value) || (value | 0) !== value) {
    throw new TypeError(`encodeControlMessages: ${field} of a message must be a 32-bit integer`);
  }
  return value;
}
