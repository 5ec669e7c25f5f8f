/** Where in a message a value stands, which decides how strace(1) prints it. */
import type { Style } from '../style.ts';

export interface Context {
  readonly style: Style;
  /** The descriptor of the call. */
  readonly fd: number;
  /** The family in the header of the message. */
  readonly family: number;
}
