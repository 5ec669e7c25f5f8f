/** What is wrong with a text that should be an address, an address and port, or a prefix. */

/**
 * A text that cannot be parsed. The message is Go's: `ParseAddr("1.2.3"): IPv4 address too short`.
 */
export class ParseAddrError extends Error {
  override readonly name: string = 'ParseAddrError';
  /** The whole text that was to be parsed. */
  readonly text: string;
  readonly code: string = 'ERR_INVALID_ADDRESS';

  constructor(message: string, text: string) {
    super(message);
    this.text = text;
  }
}
