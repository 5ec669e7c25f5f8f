/**
 * How long nothing has happened: net's socket.setTimeout. It does not keep the process alive. Tells once,
 * and again only after something has happened and that long nothing more.
 */

/** The longest that Node's timers know. */
const MAX_DELAY = 2 ** 31 - 1;

export class IdleTimer {
  readonly #tell: () => void;
  #timer: NodeJS.Timeout | null = null;
  #milliseconds = 0;

  constructor(tell: () => void) {
    this.#tell = tell;
  }

  get milliseconds(): number {
    return this.#milliseconds;
  }

  /** From now on, and from each {@link IdleTimer.active}; 0 for never. TypeError for what is no time. */
  set(milliseconds: number): void {
    if (typeof milliseconds !== 'number' || !(milliseconds >= 0) || milliseconds === Infinity) {
      throw new TypeError('setTimeout: milliseconds must be a number, 0 or more');
    }
    this.stop();
    this.#milliseconds = milliseconds;
    if (milliseconds === 0) return;
    this.#timer = setTimeout(this.#tell, Math.min(milliseconds, MAX_DELAY)).unref();
  }

  /** Something has happened. */
  active(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
