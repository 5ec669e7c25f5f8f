/**
 * Reading and writing batches of datagrams on one socket. What the kernel or the device does not take
 * joined is sent again one by one, and not joined any more: an interface without checksums (EIO), or
 * datagrams that are longer than the path's MTU (EINVAL, EMSGSIZE).
 *
 * A batch knows how far it was sent: an error concerns one datagram, those before it are sent, and
 * `error.datagramsSent` says how many they were.
 */
import { ErrClosed } from '../poll/errors.ts';
import type { FD } from '../poll/fd.ts';
import { EAGAIN, EINVAL, EIO, EMSGSIZE, EOPNOTSUPP } from '../syscall/errno.ts';
import { SOL_UDP } from '../syscall/inet.ts';
import { UDP_GRO } from '../syscall/udp.ts';
import { BatchPacker, type PackTarget } from './batch-packer.ts';
import type { DatagramBatch } from './datagram-batch.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { AddrError } from './errors.ts';
import type { OpError } from './op-error.ts';
import type { PeerCache } from './peer-cache.ts';
import { setSocketInt } from './socket-options.ts';
import type { UDPAddr } from './udp-addr.ts';

/** The connection. */
export interface BatchConn {
  readonly fd: FD;
  readonly family: number;
  readonly isConnected: boolean;
  readonly peers: PeerCache<UDPAddr>;
  sockaddrOf(addr: UDPAddr): Uint8Array;
  explain(op: string, cause: Error, target?: object | null): Error;
}

const NEVER_JOIN: ReadonlySet<number> = new Set([-EIO, -EOPNOTSUPP]);
const TOO_LONG_TO_JOIN: ReadonlySet<number> = new Set([-EINVAL, -EMSGSIZE]);

const packers = new WeakMap<DatagramBatch, BatchPacker>();

function packerOf(batch: DatagramBatch): BatchPacker {
  let packer = packers.get(batch);
  if (packer === undefined) packers.set(batch, (packer = new BatchPacker(batch)));
  return packer;
}

/** How far a batch was sent. */
interface Progress {
  /** The next datagram. */
  at: number;
  sent: number;
}

export class BatchIO implements PackTarget {
  readonly #conn: BatchConn;
  #joined = false;
  joinLimit = 0xffff;
  /** What was taken for too long, until it has turned out to be so. */
  #doubted: { at: number; limit: number } | null = null;

  constructor(conn: BatchConn) {
    this.#conn = conn;
  }

  /** Whether the kernel joins what this socket receives. */
  get isJoined(): boolean {
    return this.#joined;
  }

  // ---- reading

  /** The datagrams received, 0 if it would wait. */
  tryRead(batch: DatagramBatch): number {
    this.#prepare(batch);
    const { fd, family, peers } = this.#conn;
    const messages = fd.tryCall(batch.call);
    if (messages === -EAGAIN) return 0;
    return batch.received(messages, family, peers);
  }

  /** The datagrams received, when there are some. */
  async wait(batch: DatagramBatch): Promise<number> {
    const { fd, family, peers } = this.#conn;
    batch.busy = true;
    try {
      const messages = await fd.beginCall(batch.call, (count) => count);
      return batch.received(messages, family, peers);
    } finally {
      batch.busy = false;
    }
  }

  #prepare(batch: DatagramBatch): void {
    batch.requireIdle('readBatch');
    if (batch.join === this.#joined) return;
    if (!batch.join) {
      throw new TypeError('readBatch: the batch must be one with join, as those before it');
    }
    const { fd } = this.#conn;
    if (fd.isTaken('read')) {
      throw new TypeError(
        'readBatch: another read is waiting, which would get datagrams joined; let it end first, ' +
          'or read a batch without join',
      );
    }
    // A kernel that cannot do it gives each datagram in a message of its own.
    fd.control('read', (sysfd, kernel) => setSocketInt(kernel, sysfd, SOL_UDP, UDP_GRO, 1));
    this.#joined = true;
  }

  // ---- writing

  get family(): number {
    return this.#conn.family;
  }

  get isConnected(): boolean {
    return this.#conn.isConnected;
  }

  sockaddrOf(addr: UDPAddr): Uint8Array {
    return this.#conn.sockaddrOf(addr);
  }

  missingAddress(): Error {
    return new AddrError('', 'missing address');
  }

  /** What of the batch from datagram `from` on can be sent without waiting: the next that is left. */
  tryWrite(batch: DatagramBatch, progress: Progress): boolean {
    batch.requireIdle('writeBatch');
    const packer = packerOf(batch);
    if (this.#conn.fd.closed) throw this.#fail(progress, this.#conn.explain('write', ErrClosed));
    while (this.#pack(packer, progress) > 0) {
      let count: number;
      try {
        count = this.#conn.fd.tryCall(packer.call);
      } catch (error) {
        this.#fallBack(batch, packer, progress, error as OpError);
        continue;
      }
      if (count === -EAGAIN) return false;
      this.#advance(batch, packer, progress, count);
    }
    progress.at = batch.count;
    return true;
  }

  /** Sends all that is left. */
  async write(batch: DatagramBatch, progress: Progress): Promise<number> {
    const packer = packerOf(batch);
    do {
      batch.busy = true;
      try {
        // What tryWrite has packed last, and found no room for.
        const count = await this.#conn.fd.beginCall(packer.call, (sent) => sent);
        this.#advance(batch, packer, progress, count);
      } catch (error) {
        this.#fallBack(batch, packer, progress, error as OpError);
      } finally {
        batch.busy = false;
      }
    } while (!this.tryWrite(batch, progress));
    return progress.sent;
  }

  #pack(packer: BatchPacker, progress: Progress): number {
    try {
      return packer.pack(progress.at, this);
    } catch (cause) {
      const error = this.#conn.explain('write', cause as Error, packer.call.target);
      throw this.#fail(progress, error);
    }
  }

  #advance(batch: DatagramBatch, packer: BatchPacker, progress: Progress, count: number): void {
    // No kernel should take nothing of something; to try again would never end.
    if (count === 0) {
      const error = this.#conn.explain('write', new SyscallError('sendmmsg', -EIO));
      throw this.#fail(progress, error);
    }
    const end = packer.endOf(count - 1);
    for (let i = progress.at; i < end; i++) if (!batch.isDropped(i)) progress.sent++;
    progress.at = end;
    this.#doubted = null;
  }

  /** The first message was refused: perhaps because it was joined. Throws if not. */
  #fallBack(batch: DatagramBatch, packer: BatchPacker, progress: Progress, error: OpError): void {
    const errno = error.errno ?? 0;
    const control = packer.call.msgvec[5] ?? 0;
    const refused = NEVER_JOIN.has(errno) || TOO_LONG_TO_JOIN.has(errno);
    if (control === 0 || !refused) {
      // It was not the joining.
      if (this.#doubted?.at === progress.at) this.joinLimit = this.#doubted.limit;
      this.#doubted = null;
      throw this.#fail(progress, error);
    }
    this.#doubted = { at: progress.at, limit: this.joinLimit };
    this.joinLimit = NEVER_JOIN.has(errno) ? 0 : batch.size(packer.first) - 1;
  }

  #fail(progress: Progress, error: Error): Error {
    return Object.assign(error, { datagramsSent: progress.sent });
  }
}
