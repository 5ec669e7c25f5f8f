/**
 * The turns of a connection: whenever bytes have come, heads are taken out of them and served one after
 * the other, the replies are sent together, and then it waits. What serving is, and what an answer to a
 * bad request looks like, is for server-conn.ts to say.
 *
 * A turn is not begun within a turn, nor while a handler is busy; nobody waits for two things at once.
 */
import type { Conn, ReadyListener } from '../../net/conn.ts';
import { ConnDeadlines } from './conn-deadlines.ts';
import type { ConnOwner } from './conn-owner.ts';
import type { ConnState } from '../connection.ts';
import { describe } from '../errors.ts';
import { COMPLETE, INCOMPLETE, MAX_EMPTY_LINES } from '../message/head-parser.ts';
import { HeadReader } from './head-reader.ts';
import { Input } from './input.ts';
import { Output, type OverflowListener } from './output.ts';
import { StallWatch } from './stall-watch.ts';

/** Bytes of replies that may wait before further requests have to. */
const MAX_BACKLOG = 256 * 1024;

/** Batches read, and handlers that were waited for, before other connections have their turn. */
const MAX_FILLS = 8;
const MAX_RUNS = 128;

/** Bytes of a head that may be parsed again after each of its lines. */
const SHORT_HEAD = 1024;

/** Reads for all connections: what it has found is used within the turn. */
const heads = new HeadReader();

export abstract class ConnTurns implements ReadyListener, OverflowListener {
  readonly conn: Conn;
  readonly input: Input;
  readonly output: Output;
  protected readonly owner: ConnOwner;
  protected readonly deadlines: ConnDeadlines;
  /** A handler runs, or what follows it: no new request is looked at. */
  protected busy = false;
  #state: ConnState = 'new';
  #running = false;
  /** Since other connections had their turn. */
  #fills = 0;
  #runs = 0;
  /** Once sending has had to wait. */
  #stall: StallWatch | null = null;
  /** whenReadable was called and has not told. */
  #waiting = false;
  /**
   * After an incomplete head: as many bytes are worth parsing again in any case; and how many of them were
   * searched for a line's end.
   */
  #enough = 0;
  #searched = 0;

  constructor(owner: ConnOwner, conn: Conn) {
    this.owner = owner;
    this.conn = conn;
    this.input = new Input(conn);
    this.output = new Output(conn, this);
    this.deadlines = new ConnDeadlines(conn, owner);
  }

  get state(): ConnState {
    return this.#state;
  }

  get maxUnsentBytes(): number {
    return this.owner.limits.maxUnsentBytes;
  }

  waits(): void {
    if (this.gone || this.owner.limits.stallTimeout === 0) return;
    this.#stall ??= new StallWatch(this.owner, this.conn, this.output, () => this.#stalled());
    this.#stall.waits();
  }

  /** The client takes nothing more. What is in the kernel's buffers would wait there for long. */
  #stalled(): void {
    StallWatch.giveUp(this.conn);
    this.close();
  }

  abstract close(): void;
  /** A handler writes without waiting. */
  abstract overflowed(error: Error): void;
  /** The state has changed. */
  protected abstract changed(state: ConnState): void;
  /** Serves the request that was read. True if the reply is complete and the next one may follow. */
  protected abstract serve(heads: HeadReader): boolean;
  /** Answers what is no good request, and closes. Always false. */
  protected abstract refuse(status: number, reason: string): boolean;
  /** Something has come while busy, or waiting has failed. */
  protected abstract watched(error: Error | null): void;

  protected setState(state: ConnState): void {
    if (this.#state === state) return;
    this.#state = state;
    if (this.#stall !== null && this.gone) this.#stall.cancel();
    this.changed(state);
  }

  protected get gone(): boolean {
    return this.#state === 'closed' || this.#state === 'hijacked';
  }

  ready(error: Error | null): void {
    this.#waiting = false;
    if (this.gone) return;
    if (this.busy) this.watched(error);
    else if (error === null) this.#runAnew();
    else this.#readFailed(error);
  }

  /** Others have had their turn. */
  #runAnew(): void {
    this.#fills = this.#runs = 0;
    this.run();
  }

  protected run(): void {
    if (this.#running || this.busy || this.gone) return;
    if (this.#runs++ === MAX_RUNS) return this.#yield();
    this.#running = true;
    try {
      this.#turn();
    } catch (error) {
      // Whatever it was, it is this connection's alone.
      this.owner.log(`http: ${describe(error)}`);
      this.close();
    } finally {
      this.#running = false;
      this.input.settle();
    }
  }

  #turn(): void {
    for (;;) {
      if (!this.#serveBatch()) return;
      if (!this.output.flush()) return this.afterDrain();
      if (this.output.error !== null) return this.close();
      if (this.#fills++ === MAX_FILLS) return this.#yield();
      let count: number | null | undefined;
      try {
        count = this.input.fill();
      } catch (error) {
        return this.#readFailed(error as Error);
      }
      if (count === null) return this.#ended();
      if (count === undefined) return this.#wait();
    }
  }

  /** Lets other connections have their turn. */
  #yield(): void {
    this.deadlines.none();
    this.busy = true;
    this.owner.after(0, () => {
      this.busy = false;
      this.#runAnew();
    });
  }

  /** Waits for more input, for as long as it may take. */
  #wait(): void {
    const blank = this.input.blank;
    if (!blank) this.setState('active');
    if (!blank || this.#state === 'new') {
      this.deadlines.head();
    } else if (this.#state === 'active') {
      if (!this.owner.keepsIdle && !this.isFollowed()) return this.close();
      this.setState('idle');
      this.deadlines.idle();
    }
    this.listen();
  }

  /**
   * Whether another request is answered although the connection is about to end: it has come already, or a
   * part of it. What comes behind a body that is not read yet cannot be seen.
   */
  protected isFollowed(body?: { readonly done: boolean }): boolean {
    if (!this.owner.answersFollowing || body?.done === false) return false;
    return this.input.length > 0 || this.conn.readableNow?.() === true;
  }

  /** Whether the client sends on although the server ends the connection. */
  protected hasMore(): boolean {
    return this.owner.lastReplies && this.conn.readableNow?.() === true;
  }

  protected listen(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.conn.whenReadable(this);
  }

  protected forget(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.conn.forgetReadable(this);
  }

  /** Serves the requests that are here. False if the turn is over: busy, or closed. */
  #serveBatch(): boolean {
    const { input } = this;
    while (input.length > 0) {
      if (this.output.backlog > MAX_BACKLOG && !this.output.flush()) {
        this.afterDrain();
        return false;
      }
      if (this.#enough > 0 && !this.#worthParsing()) return true;
      const result = heads.read(input.bytes, input.from, input.to, this.owner);
      if (result === INCOMPLETE) {
        this.#enough = this.#enoughAfter(input.length);
        this.#searched = input.length;
        return true;
      }
      this.#enough = 0;
      if (result !== COMPLETE) return this.#refuseHead();
      if (!this.serve(heads)) return false;
    }
    return true;
  }

  #refuseHead(): boolean {
    return this.refuse(heads.parser.status, heads.parser.reason);
  }

  /** Twice as many, but no more than are too many. */
  #enoughAfter(length: number): number {
    const { maxHeaderBytes, maxRequestLine } = this.owner;
    const inLine = heads.parser.fieldsStart === 0;
    const most = inLine
      ? Math.min(maxHeaderBytes, maxRequestLine + MAX_EMPTY_LINES + 1)
      : maxHeaderBytes;
    return Math.min(2 * length, most + 1);
  }

  /**
   * A head that came in pieces is parsed again when it is whole or long enough; a short one after each line
   * too, so that what is wrong is told early. Of a long one that would cost the square of their number.
   */
  #worthParsing(): boolean {
    const { length } = this.input;
    if (length >= this.#enough) return true;
    const ended = this.input.endsAfter(this.#searched);
    this.#searched = length;
    return ended === 'head' || (ended === 'line' && length <= SHORT_HEAD);
  }

  /** Sending comes first; then the turn goes on. */
  protected afterDrain(): void {
    this.busy = true;
    this.output.drained().then(
      () => {
        this.busy = false;
        if (!this.gone) this.run();
      },
      () => this.close(),
    );
  }

  #readFailed(error: Error): void {
    if (this.gone) return;
    // Nothing of the client's: the machine has no more room for what is waited for.
    if ((error as { syscall?: string }).syscall === 'epoll_ctl') {
      this.owner.log(`http: ${error.message}`);
    }
    const timedOut = (error as { timeout?: boolean }).timeout === true;
    if (timedOut && !this.input.blank && !this.busy) this.refuse(408, '');
    else this.close();
  }

  /** The client will send no more. */
  #ended(): void {
    const { blank, bytes, from, to } = this.input;
    if (blank) return this.close();
    // What has come since the last parse may have been wrong already.
    const result = heads.read(bytes, from, to, this.owner);
    if (result === INCOMPLETE) this.refuse(400, 'unexpected EOF');
    else this.#refuseHead();
  }
}
