/**
 * Hardware addresses: their text and their bytes. Source: Go's net.ParseMAC; IEEE 802 for the notation with
 * hyphens.
 */
import { requireString } from './arguments.ts';
import { AddrError } from './errors.ts';

/** EUI-48, EUI-64, and 20 bytes of IP over InfiniBand. */
const LENGTHS: ReadonlySet<number> = new Set([6, 8, 20]);

const PAIRS = /^[0-9a-f]{2}(?:([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2})*)$/i;
const FOURS = /^[0-9a-f]{4}(?:\.[0-9a-f]{4})+$/i;

/**
 * The bytes of "00:00:5e:00:53:01", "00-00-5e-00-53-01" or "0000.5e00.5301": 6, 8 or 20. AddrError for
 * anything else.
 */
export function parseMAC(text: string): Uint8Array {
  requireString('parseMAC', 'text', text);
  const digits = PAIRS.test(text) || FOURS.test(text) ? text.replace(/[:.-]/g, '') : '';
  if (!LENGTHS.has(digits.length / 2)) throw new AddrError(text, 'invalid MAC address');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16),
  );
}

/** "00:00:5e:00:53:01"; empty for no bytes. */
export function formatMAC(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
