/**
 * A descriptor with operations that wait. The loop of every operation is here, once: take the lock of
 * the direction, try the call, and only on EAGAIN wait and try again.
 *
 *   start ──lock──► attempt ──≥ 0──► complete ──► unlock, settle, next of the queue
 *                    ▲   │ EINTR: again               ▲
 *              edge  │   │ EAGAIN                     │ error: deadline, close, any errno
 *                    └── wait ────────────────────────┘
 *
 * Reads and writes are independent; a whole write is one operation, however many calls it takes.
 * A descriptor that epoll refuses (a regular file: EPERM) is used in blocking mode: there EAGAIN is an
 * answer like any other. After Go's internal/poll/fd_unix.go.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { System } from '../kernel/system.ts';
import { EAGAIN, EINTR } from '../syscall/errno.ts';
import { SyscallError } from '../syscall/syscall-error.ts';
import { DeferredWaits } from './deferred-waits.ts';
import { ErrClosed, ErrDeadlineExceeded } from './errors.ts';
import { FDMutex, type Mode } from './fd-mutex.ts';
import { MessageOperation } from './message-operation.ts';
import type { PollCall } from './message-call.ts';
import { netpollOf } from './netpoll.ts';
import {
  acceptAddress,
  acceptAddressLength,
  acceptCall,
  AcceptOperation,
  CallOperation,
  MAX_TRANSFER,
  type Operation,
  ReadOperation,
  ReadyOperation,
  WriteOperation,
} from './operation.ts';
import { PollDesc, type Waiter } from './poll-desc.ts';

/** Says in its own words what failed: net makes an OpError of it. */
export interface Explainer {
  /** `target` is what the operation was meant for, if that is not its peer: see {@link PollCall}. */
  explain(op: string, cause: Error, target?: object | null): Error;
}

/** What reads of a kind of descriptor mean. */
export interface FDKind {
  /** What errors call a wait for reading, if not that. */
  readonly readOp?: 'accept';
  /** A read of 0 bytes is the end of the stream; for datagrams it is an empty one. */
  readonly zeroReadIsEnd: boolean;
  /** A read that does not fill the buffer has emptied the queue: true of TCP and pipes alone. */
  readonly shortReadDrains: boolean;
}

/** How deep listeners are that were told at once. */
let nesting = 0;
const MAX_NESTING = 32;

/** Calls of one operation in a row: a peer that takes everything must not keep the event loop. */
const MAX_CALLS = 4;

export class FD {
  readonly kind: FDKind;
  readonly #explainer: Explainer;
  readonly #mutex: FDMutex<Operation> = new FDMutex();
  readonly #pd: PollDesc;
  #readReady: ReadyOperation | null = null;
  #writeReady: ReadyOperation | null = null;
  #deferred: DeferredWaits | null = null;

  constructor(system: System, sysfd: number, explainer: Explainer, kind: FDKind) {
    this.kind = kind;
    this.#explainer = explainer;
    this.#pd = new PollDesc(netpollOf(system), sysfd);
  }

  /**
   * Registers with the poller. A kind that cannot be waited for is no failure; any other closes the
   * descriptor. SyscallError.
   */
  init(): void {
    try {
      this.#pd.netpoll.open(this.#pd);
    } catch (error) {
      this.#kernel.close(this.sysfd);
      throw error;
    }
  }

  get system(): System {
    return this.#pd.netpoll.system;
  }

  get sysfd(): number {
    return this.#pd.sysfd;
  }

  get #kernel(): Kernel {
    return this.#pd.netpoll.kernel;
  }

  /** What to close when nobody can close this FD any more; see net's leak guard. */
  get pollDesc(): PollDesc {
    return this.#pd;
  }

  get closed(): boolean {
    return this.#mutex.closed;
  }

  // ---- operations that wait

  /** Bytes read, or null at the end of the stream. The buffer is ours until then. */
  read(buf: Uint8Array): Promise<number | null> {
    return this.#begin(new ReadOperation(this, buf)).promise;
  }

  /** Writes what is left of `data` after `written` bytes; gives its whole length. */
  write(data: Uint8Array, written: number): Promise<number> {
    return this.#begin(new WriteOperation(this, data, written)).promise;
  }

  accept<T>(make: (sysfd: number, addr: Uint8Array, addrlen: number) => T): Promise<T> {
    return this.#begin(new AcceptOperation(this, make)).promise;
  }

  /** Repeats `call` while it says -EAGAIN, waiting in between. */
  call(
    mode: Mode,
    names: { op: string; syscall: string },
    call: (kernel: Kernel, sysfd: number) => number,
  ): Promise<number> {
    return this.#begin(new CallOperation(this, mode, names, call)).promise;
  }

  /** What `finish` makes of the result of `call`; undefined: of the next, for what is left to do. */
  beginCall<T>(call: PollCall, finish: (result: number) => T | undefined): Promise<T> {
    return this.#begin(new MessageOperation(this, call, finish)).promise;
  }

  /** Tells `listener` when the direction is ready, perhaps before this returns. */
  whenReady(mode: Mode, listener: Waiter): void {
    // As it is for a server nearly always: it has read what there was, and nobody can be told at once.
    if (this.#pd.isQuiet(mode) && this.#mutex.isFree(mode)) {
      const operation = this.#readyOperation(mode).for(listener);
      this.#mutex.lock(mode, operation);
      return this.#pd.wait(mode, operation);
    }
    if (nesting === MAX_NESTING) return this.#defer(mode, listener);
    nesting++;
    try {
      this.#begin(this.#readyOperation(mode).for(listener));
    } finally {
      nesting--;
    }
  }

  #defer(mode: Mode, listener: Waiter): void {
    this.#deferred ??= new DeferredWaits(this.#pd.netpoll);
    this.#deferred.add(mode, listener, () => this.whenReady(mode, listener));
  }

  /** One that is free: the one that there is, or another. */
  #readyOperation(mode: Mode): ReadyOperation {
    const kept = mode === 'read' ? this.#readReady : this.#writeReady;
    if (kept !== null && !kept.busy) return kept;
    const operation = new ReadyOperation(this, mode);
    if (mode === 'read') this.#readReady = operation;
    else this.#writeReady = operation;
    return operation;
  }

  /** Ends the wait of {@link FD.whenReady} without telling `listener`. */
  forgetReady(mode: Mode, listener: Waiter): void {
    let operation = this.#mutex.holder(mode);
    while (operation !== null && !ReadyOperation.isFor(operation, listener)) {
      operation = this.#mutex.behind(mode, operation);
    }
    if (operation === null) return this.#deferred?.forget(mode, listener);
    operation.for(NOBODY);
    if (!this.#pd.forget(mode, operation)) return; // in the queue: it will pass unnoticed
    const next = this.#end(operation, null);
    if (next !== null) this.#run(next);
  }

  // ---- operations that do not wait

  /** Bytes read, null at the end of the stream, undefined if it would wait. Throws. */
  tryRead(buf: Uint8Array): number | null | undefined {
    const result = this.#tryOnce('read', buf, 0, buf.length);
    if (result === -EAGAIN) return undefined;
    return result === 0 && this.kind.zeroReadIsEnd && buf.length > 0 ? null : result;
  }

  /** Bytes written of data[offset, end), 0 if it would wait. Throws. */
  tryWrite(data: Uint8Array, offset: number, end: number): number {
    const result = this.#tryOnce('write', data, offset, end);
    return result === -EAGAIN ? 0 : result;
  }

  /** What `make` makes of the next connection, undefined if there is none yet. Throws. */
  tryAccept<T>(make: (sysfd: number, addr: Uint8Array, addrlen: number) => T): T | undefined {
    const result = this.tryCall(acceptCall);
    return result === -EAGAIN ? undefined : make(result, acceptAddress, acceptAddressLength[0]!);
  }

  /** The result of `call`, -EAGAIN if it would wait, or if others were first. Throws. */
  tryCall(call: PollCall): number {
    const { mode, op } = call;
    const error = this.#prepare(mode);
    if (error !== null) throw this.#explainer.explain(op, error, call.target);
    if (this.isTaken(mode)) return -EAGAIN;
    let result = this.callOnce(call);
    while (result === -EINTR) result = this.callOnce(call);
    if (result >= 0 || (result === -EAGAIN && this.#pd.pollable)) return result;
    throw this.#explainer.explain(op, new SyscallError(call.syscall, result), call.target);
  }

  /** One `call`, left out when nothing can come of it. For operations. */
  callOnce(call: PollCall): number {
    const pd = this.#pd;
    if (call.regardless !== true && pd.isDry(call.mode)) return -EAGAIN;
    const result = call.attempt(pd.netpoll.kernel, pd.sysfd, pd.netpoll);
    if (result === -EAGAIN || (result >= 0 && result < call.drainedBelow)) pd.drained(call.mode);
    return result;
  }

  /** Whether others were first. Those that only wait to be told are not: they take nothing. */
  isTaken(mode: Mode): boolean {
    let operation = this.#mutex.holder(mode);
    while (operation !== null && !operation.consumes) {
      operation = this.#mutex.behind(mode, operation);
    }
    return operation !== null;
  }

  #tryOnce(mode: Mode, bytes: Uint8Array, offset: number, end: number): number {
    const error = this.#prepare(mode);
    if (error !== null) throw this.#explainer.explain(mode, error);
    if (this.isTaken(mode)) return -EAGAIN;
    for (;;) {
      const result = mode === 'read' ? this.readOnce(bytes) : this.writeOnce(bytes, offset, end);
      if (result === -EINTR) continue;
      if (result >= 0 || (result === -EAGAIN && this.#pd.pollable)) return result;
      throw this.#explainer.explain(mode, new SyscallError(mode, result));
    }
  }

  /** One read(2), left out when nothing can be there. For operations. */
  readOnce(buf: Uint8Array): number {
    const pd = this.#pd;
    if (pd.isDry('read')) return -EAGAIN;
    const count = Math.min(buf.length, MAX_TRANSFER);
    const result = pd.netpoll.kernel.read(pd.sysfd, buf, count);
    if (result === -EAGAIN) pd.drained('read');
    else if (result < count && result > 0 && this.kind.shortReadDrains && !pd.peerFinished) {
      pd.drained('read');
    }
    return result;
  }

  /** One write(2), left out when no room can be there. For operations. */
  writeOnce(data: Uint8Array, offset: number, end: number): number {
    const pd = this.#pd;
    if (pd.isDry('write')) return -EAGAIN;
    const count = Math.min(end - offset, MAX_TRANSFER);
    const { sysfd } = pd;
    const { kernel } = pd.netpoll;
    const result =
      offset === 0 ? kernel.write(sysfd, data, count) : kernel.write(sysfd, data, count, offset);
    if (result === -EAGAIN) pd.drained('write');
    return result;
  }

  /** Uses the descriptor in `use` while nothing can close it. */
  control<T>(op: string, use: (sysfd: number, kernel: Kernel) => T): T {
    if (!this.#mutex.reference()) throw this.#explainer.explain(op, ErrClosed);
    this.#pd.lend();
    try {
      return use(this.sysfd, this.#kernel);
    } finally {
      this.#mutex.dereference();
      this.#destroyIfAbandoned();
    }
  }

  // ---- deadlines, references, closing

  /** `when` is a time of the System's monotonic clock, or 0 for none. */
  setDeadline(mode: Mode, when: number): void {
    if (this.#mutex.closed) throw this.#explainer.explain('set', ErrClosed);
    this.#pd.setDeadline(mode, when, this.system.clock);
  }

  /** Whether waiting operations keep the process alive. */
  set referenced(value: boolean) {
    this.#pd.referenced = value;
  }

  /**
   * Closes the descriptor and fails every operation with ErrClosed. The descriptor is gone when this
   * returns, unless this is called from within {@link FD.control}, which then closes it at its end.
   */
  close(beforeClose?: () => void): void {
    if (!this.#mutex.close()) throw this.#explainer.explain('close', ErrClosed);
    this.#pd.close();
    beforeClose?.();
    this.#pd.wake('read', ErrClosed);
    this.#pd.wake('write', ErrClosed);
    this.#destroyIfAbandoned();
  }

  // ---- the loop

  #begin<T extends Operation>(operation: T): T {
    if (this.#mutex.lock(operation.mode, operation)) this.#run(operation);
    return operation;
  }

  #run(operation: Operation): void {
    let current: Operation | null = operation;
    while (current !== null) current = this.#advance(current);
    this.#destroyIfAbandoned();
  }

  /** Attempts until the operation waits (null) or has ended: then the next one of the queue. */
  #advance(operation: Operation): Operation | null {
    for (let calls = 1; ; calls++) {
      const error = this.#prepare(operation.mode);
      if (error !== null) return this.#end(operation, error);
      const result = this.#attempt(operation);
      if (typeof result !== 'number') return this.#end(operation, result, true);
      if (result === -EINTR) continue;
      if (result === -EAGAIN && this.#pd.pollable) {
        this.#pd.drained(operation.mode);
        // The attempt may itself have closed this or moved its deadline, and nothing would tell it again.
        if (this.#prepare(operation.mode) !== null) continue;
        return this.#wait(operation);
      }
      if (result < 0) return this.#end(operation, new SyscallError(operation.syscall, result));
      if (result === DONE) return this.#end(operation, null);
      if (calls >= MAX_CALLS) return this.#pd.waitTurn(operation.mode, operation);
    }
  }

  /** The one place where anything waits, but for those who may be told at once (whenReady). */
  #wait(operation: Operation): Operation | null {
    const result = this.#pd.watched();
    if (result < 0) return this.#end(operation, new SyscallError('epoll_ctl', result));
    this.#pd.wait(operation.mode, operation);
    return null;
  }

  /** One try: a negative result, DONE, or 0 if something is left to do; or what was thrown. */
  #attempt(operation: Operation): number | Error {
    try {
      const result = operation.attempt(this.#kernel, this.sysfd);
      if (result < 0) return result;
      return operation.complete(result) ? DONE : 0;
    } catch (thrown) {
      return thrown as Error; // a buffer that was taken away meanwhile, or what accept makes
    }
  }

  /** An operation that waited is told. */
  resume(operation: Operation, error: Error | null): void {
    this.#pass(error === null ? operation : this.#end(operation, error));
  }

  /** The same, of one that takes nothing and so has nothing left to do. */
  resumeReady(operation: ReadyOperation): void {
    this.#pass(this.#end(operation, null));
  }

  #pass(next: Operation | null): void {
    if (next !== null) this.#run(next);
    else this.#destroyIfAbandoned();
  }

  /** Unlocks first, so that whoever is told may begin anew. */
  #end(operation: Operation, error: Error | null, explained = false): Operation | null {
    const next = this.#mutex.unlock(operation.mode);
    if (error === null || explained) operation.settle(error);
    else operation.settle(this.#explainer.explain(operation.op, error, operation.target));
    return next;
  }

  /** Why no operation may begin or go on, if so. Closing comes before the deadline. */
  #prepare(mode: Mode): Error | null {
    if (this.#mutex.closed) return ErrClosed;
    return this.#pd.isExpired(mode) ? ErrDeadlineExceeded : null;
  }

  #destroyIfAbandoned(): void {
    if (this.#mutex.abandon()) this.#pd.netpoll.close(this.#pd);
  }
}

/** No result of a call. */
const DONE = 1;
const NOBODY: Waiter = { ready: () => {} };
