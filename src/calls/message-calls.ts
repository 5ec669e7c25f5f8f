/**
 * Calls that send and receive on sockets, with addresses, flags and control messages: recv(2), send(2),
 * recvmsg(2), sendmsg(2), recvmmsg(2), sendmmsg(2) and their relatives.
 *
 * Buffers are the caller's, and nothing of them is kept. What comes back is the caller's too.
 */
import { MSG_WORDS } from '../kernel/kernel.ts';
import { type Sockaddr, SOCKADDR_STORAGE_SIZE } from '../syscall/sockaddr.ts';
import { type Address, addressBytes, addressDetails, addressRoom, received } from './address.ts';
import {
  bytesOf,
  type Data,
  encodeTime,
  giveTime,
  lengthOf,
  type Timespec,
  vectorOf,
} from './arguments.ts';
import { checked } from './failure.ts';
import {
  controlBytes,
  type MessageRoom,
  messageOf,
  type OutgoingMessage,
  type ReceivedMessage,
  receivedControl,
  roomOf,
} from './message.ts';
import { MessageBatch } from './message-batch.ts';
import { SocketCalls } from './socket-calls.ts';

/** What recvfrom(2) has received. */
export interface Received {
  /** Bytes in the buffer; with MSG_TRUNC in `flags`, the datagram's true length. */
  readonly size: number;
  /** The sender; null of a connected stream, and of a unix socket without a name. */
  readonly addr: Sockaddr | null;
}

export class MessageCalls extends SocketCalls {
  /** recv(2): how many bytes are in `buf` now; 0 at the end of a stream. `flags`: MSG_PEEK, …. */
  recv(fd: number, buf: Uint8Array | null, flags: number = 0): number {
    const result = this.kernel.recvfrom(fd, buf, lengthOf(buf), flags, null, null);
    return checked('recv', result, { fd, flags });
  }

  /**
   * recvfrom(2): {@link recv}, and who sent it. `addrlen` is the room for that, as of accept; a negative one
   * is EINVAL, and the datagram lost.
   */
  recvfrom(
    fd: number,
    buf: Uint8Array | null,
    flags: number = 0,
    addrlen: number = SOCKADDR_STORAGE_SIZE,
  ): Received {
    const addr = addressRoom('recvfrom', addrlen);
    const length = Uint32Array.of(addrlen);
    const result = this.kernel.recvfrom(fd, buf, lengthOf(buf), flags, addr, length);
    const size = checked('recvfrom', result, { fd, flags });
    return { size, addr: received(addr, length[0]!) };
  }

  /**
   * send(2): how many bytes were taken, of a stream perhaps not all. EPIPE if the peer has gone: no signal
   * kills the process, with or without MSG_NOSIGNAL.
   */
  send(fd: number, data: Data, flags: number = 0): number {
    const bytes = bytesOf(data);
    const result = this.kernel.sendto(fd, bytes, lengthOf(bytes), flags, null, 0);
    return checked('send', result, { fd, flags });
  }

  /** sendto(2): {@link send} to an address; null where the socket is connected. `addrlen` as of bind. */
  sendto(fd: number, data: Data, flags: number, addr: Address | null, addrlen?: number): number {
    const bytes = bytesOf(data);
    const to = addr === null ? null : addressBytes('sendto', 'addr', addr);
    const length = addrlen ?? to?.length ?? 0;
    const result = this.kernel.sendto(fd, bytes, lengthOf(bytes), flags, to, length);
    if (result < 0) checked('sendto', result, { fd, flags, ...addressDetails(to) });
    return result;
  }

  /**
   * recvmsg(2): fills the buffers `iov` one after the other. There is room for the sender's address, and
   * for control messages if `controlSize` says so: what does not fit is cut (MSG_CTRUNC), and descriptors
   * in what is cut are closed. Descriptors that came with SCM_RIGHTS are yours to close.
   */
  recvmsg(fd: number, message: MessageRoom, flags: number = 0): ReceivedMessage {
    const { iov, name, control, nameSize } = roomOf('recvmsg', 'message', message);
    const lengths = Uint32Array.of(nameSize, control.length, 0);
    const result = this.kernel.recvmsg(fd, name, iov, control, lengths, flags);
    const size = checked('recvmsg', result, { fd, flags });
    return {
      size,
      name: received(name, lengths[0]!),
      control: receivedControl(control, lengths[1]!),
      flags: lengths[2]!,
    };
  }

  /**
   * sendmsg(2): the pieces `iov` as one, to the address `name`, with control messages beside them. The
   * kernel copies descriptors of SCM_RIGHTS: yours stay open. EINVAL for control bytes that are cut short.
   */
  sendmsg(fd: number, message: OutgoingMessage, flags: number = 0): number {
    const { name: to, control: beside, iov } = messageOf('sendmsg', 'message', message);
    const name = to === null ? null : addressBytes('sendmsg', 'message.name', to);
    const control = controlBytes('sendmsg', 'message.control', beside);
    const lengths = Uint32Array.of(name?.length ?? 0, control?.length ?? 0, 0);
    const result = this.kernel.sendmsg(fd, name, vectorOf(iov), control, lengths, flags);
    if (result < 0) checked('sendmsg', result, { fd, flags, ...addressDetails(name) });
    return result;
  }

  /**
   * recvmmsg(2): the messages that were received, in the order of `messages`, which have the buffers. At
   * most 1024 in one call. Blocks until all are there; until there is one, with MSG_WAITFORONE. The
   * `timeout` is looked at after each message only (man page, "Bugs") and holds afterwards what is left.
   * The bytes go through memory of their own, into which several buffers are gathered.
   */
  recvmmsg(
    fd: number,
    messages: readonly MessageRoom[],
    flags: number = 0,
    timeout: Timespec | null = null,
  ): ReceivedMessage[] {
    const batch = MessageBatch.toReceive('recvmmsg', messages);
    const time = encodeTime('recvmmsg', 'timeout', 'nanoseconds', timeout);
    const { memory, records } = batch;
    const vlen = records.length / MSG_WORDS;
    const result = this.kernel.recvmmsg(fd, memory, records, vlen, flags, time);
    giveTime(timeout, time);
    return batch.take(checked('recvmmsg', result, { fd, flags }));
  }

  /**
   * sendmmsg(2): the bytes sent of each message that was sent, in order. An error is only that of the
   * first; if a later one fails, those before it are given. At most 1024 in one call.
   */
  sendmmsg(fd: number, messages: readonly OutgoingMessage[], flags: number = 0): number[] {
    const batch = MessageBatch.toSend('sendmmsg', messages);
    const { memory, records } = batch;
    const vlen = records.length / MSG_WORDS;
    const result = this.kernel.sendmmsg(fd, memory, records, vlen, flags);
    return batch.sizes(checked('sendmmsg', result, { fd, flags }));
  }
}
