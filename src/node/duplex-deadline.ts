/** The deadline of one half of a Conn over a Duplex: whether it has passed, and who is told when it does. */
import type { Clock } from '../kernel/clock.ts';
import { DeadlineTimer } from '../poll/deadline-timer.ts';

export class DuplexDeadline {
  readonly #mode: 'read' | 'write';
  readonly #clock: Clock;
  readonly #tell: () => void;
  #passed = false;
  #timer: DeadlineTimer | null = null;

  constructor(mode: 'read' | 'write', clock: Clock, tell: () => void) {
    this.#mode = mode;
    this.#clock = clock;
    this.#tell = tell;
  }

  get passed(): boolean {
    return this.#passed;
  }

  /** `when` is a time of the clock, or 0 for none. Tells at once if it has passed. */
  set(when: number): void {
    this.#passed = when !== 0 && when <= this.#clock.monotonic();
    if (this.#passed || when === 0) {
      this.#timer?.clear();
      if (this.#passed) this.#tell();
      return;
    }
    this.#timer ??= new DeadlineTimer({ expire: () => this.#expire() }, this.#mode);
    this.#timer.set(when, this.#clock);
  }

  #expire(): void {
    this.#passed = true;
    this.#tell();
  }

  /** There will be none any more. */
  cancel(): void {
    this.#timer?.cancel();
  }
}
