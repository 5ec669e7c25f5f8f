/**
 * Messages of unix sockets: datagrams with addresses, descriptors, credentials. Each method tries the call
 * at once and waits only if it must. The calls themselves are in unix-call.ts. After Go's
 * net/unixsock_posix.go.
 */
import type { Iov } from '../kernel/kernel.ts';
import type { FD } from '../poll/fd.ts';
import { type Credentials, encodeCredentials } from '../syscall/ancillary.ts';
import { encodeControlMessages } from '../syscall/control-message.ts';
import { EAFNOSUPPORT, EAGAIN, EINVAL } from '../syscall/errno.ts';
import { SCM_CREDENTIALS, SOL_SOCKET } from '../syscall/socket.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { requireBytes } from './arguments.ts';
import type { Addr } from './conn.ts';
import { AddrError, ErrWriteToConnected } from './errors.ts';
import type { FileLike } from './file-like.ts';
import { encodeOrInvalid } from './open-stream.ts';
import { PacketIO, requireIov } from './packet-io.ts';
import type { Received } from './packet-message.ts';
import { ReceiverWatch } from './receiver-watch.ts';
import { unixAddrOf } from './socket-name.ts';
import { UnixAddr, type UnixNetwork } from './unix-addr.ts';
import { SenderCache } from './sender-cache.ts';
import { type Destination, UnixReceiveCall, UnixSendCall } from './unix-call.ts';
import {
  MAX_DESCRIPTORS,
  type ReceivedDescriptors,
  rightsOf,
  roomForDescriptors,
  takeDescriptors,
  type UnixMessage,
} from './unix-message.ts';

/** The connection that a UnixIO is of. */
export interface UnixEnd {
  readonly fd: FD;
  readonly network: string;
  readonly isConnected: boolean;
  explain(op: string, cause: Error, target?: object | null): Error;
}

const encoder = new TextEncoder();

/** For messages that nobody gave a buffer for: copied out before anything else is received. */
const scratch = new Uint8Array(65_536);

const TO_PEER: Destination = { sockaddr: null, addr: null, watch: null };

export class UnixIO {
  readonly #end: UnixEnd;
  readonly #network: UnixNetwork;
  readonly #senders: SenderCache;
  readonly #packets: PacketIO<UnixAddr | null>;
  #watch: ReceiverWatch | null = null;

  constructor(end: UnixEnd) {
    this.#end = end;
    this.#network = end.network as UnixNetwork;
    this.#senders = new SenderCache((bytes, size) => unixAddrOf(bytes, size, this.#network));
    this.#packets = new PacketIO<UnixAddr | null>(end.fd, {
      receiveFlags: 0,
      sender: (size) => this.#senders.get(size),
      target: () => null,
      explain: (op, cause, target) => end.explain(op, cause, target),
    });
  }

  // ---- waiting for a receiver

  /** Before somebody waits until it is writable: see {@link ReceiverWatch}. */
  beforeWait(): void {
    if (!this.#end.fd.closed) this.#watch?.begin(this.#end);
  }

  /** Somebody does not wait any more. */
  afterWait(): void {
    this.#watch?.stop();
  }

  /** The connection is being closed. */
  close(): void {
    this.#watch?.end();
  }

  // ---- receiving

  #requireDatagrams(method: string): void {
    if (this.#network === 'unixgram') return;
    throw new TypeError(`${method}: a ${this.#network} connection has no datagrams; use readMsg`);
  }

  async readFrom(buf: Uint8Array): Promise<Received<UnixAddr | null>> {
    this.#requireDatagrams('readFrom');
    return this.#packets.readFrom(buf);
  }

  tryReadFrom(buf: Uint8Array): Received<UnixAddr | null> | undefined {
    this.#requireDatagrams('tryReadFrom');
    return this.#packets.tryReadFrom(buf);
  }

  readMsg(buf: Iov, oob: Uint8Array | null): Promise<UnixMessage | null> {
    return this.#receive(() => {
      requireIov('readMsg', 'buf', buf);
      if (oob !== null) requireBytes('readMsg', 'oob', oob);
      const call = new UnixReceiveCall(this.#network, buf, oob);
      return { call, finish: (message) => message };
    });
  }

  receiveDescriptors(max: number, buf: Uint8Array | null): Promise<ReceivedDescriptors | null> {
    return this.#receive(() => {
      if (!Number.isInteger(max) || max < 0 || max > MAX_DESCRIPTORS) {
        throw new RangeError(`receiveDescriptors: max must be an integer in 0..${MAX_DESCRIPTORS}`);
      }
      if (buf !== null) requireBytes('receiveDescriptors', 'buf', buf);
      const bytes = buf ?? scratch;
      const call = new UnixReceiveCall(this.#network, bytes, roomForDescriptors(max));
      const finish = (message: UnixMessage): ReceivedDescriptors => {
        const { size } = message;
        const data = buf === null ? scratch.slice(0, size) : buf.subarray(0, size);
        try {
          return takeDescriptors(this.#end.fd.system.kernel, message, max, data);
        } catch (error) {
          throw this.#end.explain('read', error as Error);
        }
      };
      return { call, finish };
    });
  }

  /** `prepare` checks the arguments. Null at the end of the stream. */
  #receive<T>(
    prepare: () => { call: UnixReceiveCall; finish: (message: UnixMessage) => T },
  ): Promise<T | null> {
    try {
      const { call, finish } = prepare();
      const received = (size: number): T | null => {
        const message = call.message(size, (length) => this.#senders.get(length));
        return message === null ? null : finish(message);
      };
      const { fd } = this.#end;
      const size = fd.tryCall(call);
      return size === -EAGAIN ? fd.beginCall(call, received) : this.#settle(received(size));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  // ---- sending

  writeTo(data: Uint8Array | string, addr: UnixAddr): Promise<number> {
    return this.#send(() => {
      const bytes = bytesOf('writeTo', data);
      return new UnixSendCall(this.#network, this.#receiver('writeTo', addr), bytes, null);
    });
  }

  tryWriteTo(data: Uint8Array, addr: UnixAddr, size: number): number | undefined {
    requireBytes('tryWriteTo', 'data', data);
    if (!Number.isInteger(size) || size < 0 || size > data.length) {
      throw new RangeError(`tryWriteTo: size must be an integer in 0..${data.length}`);
    }
    const to = this.#receiver('tryWriteTo', addr);
    const part = size === data.length ? data : data.subarray(0, size);
    const sent = this.#end.fd.tryCall(new UnixSendCall(this.#network, to, part, null));
    return sent === -EAGAIN ? undefined : sent;
  }

  writeMsg(data: Iov, oob: Uint8Array | null, addr: UnixAddr | null): Promise<number> {
    return this.#send(() => {
      requireIov('writeMsg', 'data', data);
      if (oob !== null) requireBytes('writeMsg', 'oob', oob);
      const to = this.#destination('writeMsg', addr);
      return new UnixSendCall(this.#network, to, data, oob ?? new Uint8Array(0));
    });
  }

  async sendDescriptors(
    fds: readonly FileLike[],
    data: Uint8Array | string,
    addr: UnixAddr | null,
  ): Promise<number> {
    const sent = await this.#send(() => {
      return this.#message('sendDescriptors', data, addr, rightsOf(fds));
    });
    // Until here they are needed: an open file must not be collected while it waits to be sent.
    return fds.length > 0 ? sent : 0;
  }

  sendCredentials(
    credentials: Credentials,
    data: Uint8Array | string,
    addr: UnixAddr | null,
  ): Promise<number> {
    return this.#send(() => {
      if (typeof credentials !== 'object' || credentials === null) {
        throw new TypeError('sendCredentials: credentials must be an object with pid, uid and gid');
      }
      const bytes = encodeCredentials(credentials, 'sendCredentials');
      const oob = encodeControlMessages([
        { level: SOL_SOCKET, type: SCM_CREDENTIALS, data: bytes },
      ]);
      return this.#message('sendCredentials', data, addr, oob);
    });
  }

  #message(
    method: string,
    data: Uint8Array | string,
    addr: UnixAddr | null,
    oob: Uint8Array,
  ): UnixSendCall {
    const bytes = bytesOf(method, data);
    return new UnixSendCall(this.#network, this.#destination(method, addr), bytes, oob);
  }

  /** Of writeTo: it must be told whom to, unless there is a peer, and then it must not. */
  #receiver(method: string, addr: UnixAddr): Destination {
    if ((addr as UnixAddr | null) === null && !this.#end.isConnected) {
      throw this.#end.explain('write', new AddrError('', 'missing address'));
    }
    if ((addr as UnixAddr | null) === null) throw this.#end.explain('write', ErrWriteToConnected);
    return this.#destination(method, addr, 'sendto');
  }

  #destination(method: string, addr: UnixAddr | null, syscall = 'sendmsg'): Destination {
    if (addr === null) return TO_PEER;
    if (typeof (addr as Addr | undefined)?.network !== 'string') {
      throw new TypeError(`${method}: addr must be a UnixAddr`);
    }
    try {
      if (this.#end.isConnected) throw ErrWriteToConnected;
      if (!(addr instanceof UnixAddr)) throw new SyscallError('', -EINVAL);
      if (addr.network !== this.#network) throw new SyscallError('', -EAFNOSUPPORT);
      const sockaddr = encodeOrInvalid(syscall, addr.toSockaddr());
      return { sockaddr, addr, watch: (this.#watch ??= new ReceiverWatch(this.#end.fd.pollDesc)) };
    } catch (cause) {
      throw this.#end.explain('write', cause as Error, addr);
    }
  }

  #send(prepare: () => UnixSendCall): Promise<number> {
    try {
      const call = prepare();
      const { fd } = this.#end;
      const result = fd.tryCall(call);
      const sent = result === -EAGAIN ? undefined : call.finish(result);
      return sent === undefined ? this.#wait(call) : this.#settle(sent);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** A write that fails says how much of it was sent. */
  async #wait(call: UnixSendCall): Promise<number> {
    const { fd } = this.#end;
    try {
      return await fd.beginCall(call.wait(this.#end), call.finish);
    } catch (error) {
      if (call.sent > 0) Object.assign(error as Error, { bytesWritten: call.sent });
      call.giveUp();
      throw error;
    }
  }

  #settle<T>(value: T): Promise<T> {
    return this.#packets.settle(value);
  }
}

function bytesOf(method: string, data: Uint8Array | string): Uint8Array {
  const bytes = typeof data === 'string' ? encoder.encode(data) : data;
  if (bytes instanceof Uint8Array) return bytes;
  throw new TypeError(`${method}: data must be a Uint8Array or a string`);
}
