/**
 * The address of the latest sender to a unix socket, by the kernel's bytes of it: the next message of the
 * same one needs no new object.
 */
import { senderAddress } from '../poll/message-call.ts';
import type { UnixAddr } from './unix-addr.ts';

/** The length of an address that has a family only. */
const UNNAMED_SIZE = 2;

export class SenderCache {
  #bytes: Uint8Array = new Uint8Array(0);
  #addr: UnixAddr | null = null;
  readonly #decode: (bytes: Uint8Array, size: number) => UnixAddr;

  constructor(decode: (bytes: Uint8Array, size: number) => UnixAddr) {
    this.#decode = decode;
  }

  /** The address in poll's `senderAddress`; null if it has none. */
  get(size: number): UnixAddr | null {
    if (size <= UNNAMED_SIZE) return null;
    if (this.#addr !== null && this.#isSame(size)) return this.#addr;
    const length = Math.min(size, senderAddress.length);
    this.#bytes = senderAddress.slice(0, length);
    this.#addr = this.#decode(this.#bytes, length);
    return this.#addr;
  }

  #isSame(size: number): boolean {
    const bytes = this.#bytes;
    return bytes.length === size && bytes.every((byte, i) => byte === senderAddress[i]);
  }
}
