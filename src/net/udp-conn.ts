/**
 * UDP: a socket that was bound (listenPacket) or has a peer (dial), one class as in Go. Datagrams go one
 * by one, or many by one call with a DatagramBatch. After Go's net/udpsock.go and net/udpsock_posix.go.
 */
import type { Iov } from '../kernel/kernel.ts';
import { AF_INET, AF_INET6 } from '../syscall/socket.ts';
import { requireBoolean } from './arguments.ts';
import { BatchIO } from './batch-io.ts';
import { withDescriptor } from './conn-options.ts';
import { DatagramBatch } from './datagram-batch.ts';
import { AddrError } from './errors.ts';
import {
  type InterfaceRef,
  interfaceIndex,
  joinGroup,
  leaveGroup,
  setMulticastInterface,
  setMulticastLoop,
  setMulticastTTL,
} from './multicast.ts';
import { InternetPacketConn, type PacketSocket } from './packet-conn.ts';
import type { Received, ReceivedMessage } from './packet-message.ts';
import { UDPAddr } from './udp-addr.ts';

/** A UDP socket: of listenPacket, without a peer (readFrom, writeTo), or of dial, with one (read, write). */
export class UDPConn extends InternetPacketConn<UDPAddr> {
  #batchIO: BatchIO | null = null;

  get #batches(): BatchIO {
    return (this.#batchIO ??= new BatchIO(this));
  }

  /** Of a socket that is bound: epoll ADD · getsockname. */
  static listening(socket: PacketSocket<UDPAddr>): UDPConn {
    return new UDPConn(socket, UDPAddr).askAddrs(false);
  }

  /** Of a socket that is connected: epoll ADD · getsockname · getpeername. */
  static connected(socket: PacketSocket<UDPAddr>): UDPConn {
    return new UDPConn(socket, UDPAddr).askAddrs(true);
  }

  /** Of a socket that has been in use elsewhere, with the addresses that it has: epoll ADD. */
  static adopted(socket: PacketSocket<UDPAddr>): UDPConn {
    return new UDPConn(socket, UDPAddr).guard();
  }

  // ---- one by one

  override tryRead(buf: Uint8Array): number | null | undefined {
    this.#requireSingle('read');
    return super.tryRead(buf);
  }

  override readFrom(buf: Uint8Array): Promise<Received<UDPAddr>> {
    if (this.#batchIO?.isJoined === true) return this.#notSingle('readFrom');
    return super.readFrom(buf);
  }

  override tryReadFrom(buf: Uint8Array): Received<UDPAddr> | undefined {
    this.#requireSingle('tryReadFrom');
    return super.tryReadFrom(buf);
  }

  override readMsg(buf: Iov, oob: Uint8Array | null = null): Promise<ReceivedMessage<UDPAddr>> {
    if (this.#batchIO?.isJoined === true) return this.#notSingle('readMsg');
    return super.readMsg(buf, oob);
  }

  #requireSingle(method: string): void {
    if (this.#batchIO?.isJoined !== true) return;
    throw new TypeError(
      `${method}: this connection is read in batches, for which the kernel joins datagrams; ` +
        'use readBatch, or batches without join from the beginning',
    );
  }

  async #notSingle(method: string): Promise<never> {
    this.#requireSingle(method);
    throw new TypeError(method);
  }

  // ---- many at once

  /**
   * Receives what is there, at least one datagram, in place of what the batch had: how many. Datagrams of
   * one sender keep their order. With a batch that joins, which is the default, the connection can be
   * read in such batches only, from then on.
   */
  readBatch(batch: DatagramBatch): Promise<number> {
    try {
      const count = this.tryReadBatch(batch);
      return count === 0 ? this.#batches.wait(batch) : this.settle(count);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The same without waiting: 0 if it would wait. Throws what readBatch would reject with. */
  tryReadBatch(batch: DatagramBatch): number {
    requireBatch('readBatch', batch);
    return this.#batches.tryRead(batch);
  }

  /**
   * Sends the datagrams of the batch from number `from` on, except those that were dropped, each to its
   * address; on a connection with a peer all of them to that. Gives how many were sent. An error is that
   * of one datagram: `error.datagramsSent` were sent before it, and none after it.
   */
  writeBatch(batch: DatagramBatch, from = 0): Promise<number> {
    try {
      requireBatch('writeBatch', batch);
      const progress = { at: requireFrom(from, batch), sent: 0 };
      const done = this.#batches.tryWrite(batch, progress);
      return done ? this.settle(progress.sent) : this.#batches.write(batch, progress);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends what the kernel takes now: the number of the first datagram that is left, `batch.count` if none
   * is. Throws what writeBatch would reject with.
   */
  tryWriteBatch(batch: DatagramBatch, from = 0): number {
    requireBatch('writeBatch', batch);
    const progress = { at: requireFrom(from, batch), sent: 0 };
    this.#batches.tryWrite(batch, progress);
    return progress.at;
  }

  // ---- multicast

  /**
   * Receives what is sent to the group `addr` too (its port does not matter), on an interface or on the
   * one that the kernel chooses. OpError "set".
   */
  joinGroup(addr: UDPAddr, on: InterfaceRef = null): void {
    this.#applyGroup('joinGroup', addr, on, joinGroup);
  }

  /** Undoes {@link UDPConn.joinGroup}, with the same arguments. */
  leaveGroup(addr: UDPAddr, on: InterfaceRef = null): void {
    this.#applyGroup('leaveGroup', addr, on, leaveGroup);
  }

  #applyGroup(method: string, addr: UDPAddr, on: InterfaceRef, change: typeof joinGroup): void {
    if (!(addr instanceof UDPAddr)) throw new TypeError(`${method}: addr must be a UDPAddr`);
    if (addr.family === AF_INET6 && this.family === AF_INET) {
      throw this.explain('set', new AddrError(addr.ip, 'non-IPv4 address'));
    }
    const index = this.#interfaceIndex(method, on);
    this.setOption('set', (sysfd, kernel) => change(kernel, sysfd, addr, index));
  }

  /** OpError "set" if there is no such interface. */
  #interfaceIndex(method: string, on: InterfaceRef): number {
    return withDescriptor(this.fd, this, 'set', (_, kernel) => interfaceIndex(method, kernel, on));
  }

  /** The interface that datagrams to groups leave by; null for the one that the kernel chooses. */
  setMulticastInterface(on: InterfaceRef): void {
    const index = this.#interfaceIndex('setMulticastInterface', on);
    this.setOption('set', (sysfd, kernel) =>
      setMulticastInterface(kernel, sysfd, this.family, index),
    );
  }

  /** Whether this machine receives what it sends to groups (the default). */
  setMulticastLoop(on: boolean): void {
    requireBoolean('setMulticastLoop', 'on', on);
    this.setOption('set', (sysfd, kernel) => setMulticastLoop(kernel, sysfd, this.family, on));
  }

  /** How many routers may pass on what is sent to groups, 0 to 255. 1 by default: none. */
  setMulticastTTL(hops: number): void {
    if (!Number.isInteger(hops) || hops < 0 || hops > 255) {
      throw new RangeError('setMulticastTTL: hops must be an integer in 0..255');
    }
    this.setOption('set', (sysfd, kernel) => setMulticastTTL(kernel, sysfd, this.family, hops));
  }
}

function requireBatch(method: string, batch: unknown): void {
  if (batch instanceof DatagramBatch) return;
  throw new TypeError(`${method}: batch must be a DatagramBatch`);
}

function requireFrom(from: number, batch: DatagramBatch): number {
  if (Number.isInteger(from) && from >= 0 && from <= batch.count) return from;
  throw new RangeError(`writeBatch: from must be an integer in 0..${batch.count}`);
}
