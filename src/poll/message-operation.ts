/**
 * A call of message-call.ts that waits for its turn: each attempt is that call, and what comes of it is
 * made by whoever began it, before anything else can touch the shared buffers of addresses.
 */
import type { FD } from './fd.ts';
import type { PollCall } from './message-call.ts';
import { Promised } from './operation.ts';

export class MessageOperation<T> extends Promised<T> {
  readonly #call: PollCall;
  readonly #finish: (result: number) => T | undefined;
  #result!: T;

  constructor(fd: FD, call: PollCall, finish: (result: number) => T | undefined) {
    super(fd, call.mode);
    this.#call = call;
    this.#finish = finish;
  }

  get op(): string {
    return this.#call.op;
  }

  get syscall(): string {
    return this.#call.syscall;
  }

  override get target(): object | null {
    return this.#call.target;
  }

  attempt(): number {
    return this.fd.callOnce(this.#call);
  }

  complete(result: number): boolean {
    const made = this.#finish(result);
    if (made === undefined) return false;
    this.#result = made;
    return true;
  }

  value(): T {
    return this.#result;
  }
}
