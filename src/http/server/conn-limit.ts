/**
 * How many connections a server has at a time. Where there are as many as may be, nothing is accepted: who
 * comes waits in the kernel's queue, and is neither turned away nor dropped.
 *
 *   room ──the last place is taken──► full ──somebody waits in a queue──► pressed
 *    ▲                                 │                                     │ replies are the last of their
 *    └──────── one is closed ──────────┴─────────────────────────────────────┘ connections; who has rested
 *                                                                              for long is closed
 *
 * So those that do nothing do not keep the others out, and those that ask all the time have to share: a
 * reply that says so ends a connection without the loss of a request, which a plain close may be.
 */
import type { Conn } from '../../net/conn.ts';
import type { Connection, ConnState } from '../connection.ts';
import type { Pending } from '../conn/owner.ts';

/** A connection without a request for so long, in milliseconds, may be closed to make room. */
const LONG_REST = 250;

/** While somebody waits: how often those that rest, and those that were hijacked, are looked at. */
const LOOK_AGAIN = 100;

/** A connection that counts. */
export interface Limited extends Connection {
  readonly conn: Conn;
  /** Closes if nothing of a request has come. */
  closeIfIdle(): void;
  /** It will be closed, and that takes its time. Only where it does. */
  readonly ending?: boolean;
}

/** An accept loop that waits for room. */
export interface WaitingLoop {
  roomMade(): void;
}

/** What it needs of the server. */
export interface LimitOwner {
  now(): number;
  after(milliseconds: number, callback: () => void): Pending;
  /** Whether somebody waits for room now: then replies are the last ones of their connections. */
  pressed(on: boolean): void;
}

export class ConnLimit {
  readonly #max: number;
  readonly #owner: LimitOwner;
  #open = 0;
  /** Those of which nothing of a request has come, and since when: the longest first. */
  readonly #resting = new Map<Limited, number>();
  /** Others answer for them; that they are closed is seen by looking. */
  readonly #hijacked = new Set<WeakRef<Conn>>();
  readonly #loops = new Set<WaitingLoop>();
  /** Those of the loops in whose queues somebody waits. */
  readonly #pressing = new Set<WaitingLoop>();
  #pressed = false;
  #wake: Pending | null = null;
  #look: Pending | null = null;

  constructor(max: number, owner: LimitOwner) {
    this.#max = max;
    this.#owner = owner;
  }

  get full(): boolean {
    return this.#open >= this.#max;
  }

  stateChanged(conn: Limited, state: ConnState): void {
    if (state === 'new') this.#open++;
    if (state === 'new' || state === 'idle') {
      this.#resting.set(conn, this.#owner.now());
      return;
    }
    this.#resting.delete(conn);
    if (state === 'hijacked') this.#hijacked.add(new WeakRef(conn.conn));
    else if (state === 'closed') this.#left();
  }

  #left(): void {
    this.#open--;
    if (this.#loops.size > 0) this.#wake ??= this.#owner.after(0, () => this.#wakeLoops());
  }

  /** Somebody waits, and it is full: closes who has rested longest, if that is long. True if there is room. */
  makeRoom(): boolean {
    this.#dropClosed();
    if (!this.full) return true;
    const before = this.#owner.now() - LONG_REST;
    for (const [conn, since] of this.#resting) {
      if (since > before) return false;
      conn.closeIfIdle();
      if (!this.full) return true;
      // One is enough, though its client has to hear of it first.
      if (conn.ending === true) return false;
    }
    return false;
  }

  /** Calls `loop.roomMade` once when there may be room. `pressing`: somebody waits in its queue. */
  wait(loop: WaitingLoop, pressing: boolean): void {
    this.#loops.add(loop);
    if (pressing) this.#pressing.add(loop);
    else this.#pressing.delete(loop);
    this.#update();
  }

  /** It does not wait any more. */
  forget(loop: WaitingLoop): void {
    this.#loops.delete(loop);
    this.#pressing.delete(loop);
    this.#update();
  }

  #update(): void {
    const pressed = this.#pressing.size > 0;
    if (pressed) this.#look ??= this.#owner.after(LOOK_AGAIN, () => this.#lookAgain());
    else this.#look?.cancel();
    if (!pressed) this.#look = null;
    if (pressed === this.#pressed) return;
    this.#pressed = pressed;
    this.#owner.pressed(pressed);
  }

  #lookAgain(): void {
    this.#look = null;
    if (this.makeRoom()) this.#wakeLoops();
    else this.#update();
  }

  /** One after the other, each to the end of those that wait: who has had his turn comes last. */
  #wakeLoops(): void {
    this.#wake?.cancel();
    this.#wake = null;
    for (const loop of this.#loops) {
      if (this.full) break;
      this.#loops.delete(loop);
      this.#pressing.delete(loop);
      loop.roomMade();
    }
    this.#update();
  }

  #dropClosed(): void {
    for (const ref of this.#hijacked) {
      if (ref.deref()?.closed === false) continue;
      this.#hijacked.delete(ref);
      this.#open--;
    }
  }
}
