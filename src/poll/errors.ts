/**
 * The failures that no system call reports: the descriptor was closed here, or its time is up. They are
 * single objects, so `error.cause === ErrClosed` is the test. After Go's internal/poll/fd.go.
 */

/** A failure known by identity. `timeout` and `temporary` are those of Go's net.Error. */
export class PollError extends Error {
  override readonly name: string = 'PollError';
  readonly code: string;
  readonly timeout: boolean;
  readonly temporary: boolean;

  constructor(message: string, code: string, timeout: boolean) {
    super(message);
    this.code = code;
    this.timeout = timeout;
    this.temporary = timeout;
    // Made once at start-up: where that was helps nobody.
    this.stack = `${this.name}: ${message}`;
  }
}

/** The connection or listener was closed by this program. Go: net.ErrClosed. */
export const ErrClosed: PollError = new PollError(
  'use of closed network connection',
  'ERR_CLOSED',
  false,
);

/** A deadline of the connection or listener has passed. Go: os.ErrDeadlineExceeded. */
export const ErrDeadlineExceeded: PollError = new PollError(
  'i/o timeout',
  'ERR_DEADLINE_EXCEEDED',
  true,
);
