/**
 * Which bytes may stand in a Host field: a table of 256 entries, 1 for those that may. A name that is not
 * ASCII has to be sent as ASCII (IDNA).
 * Source: RFC 9112 section 3.2, RFC 3986 section 3.2.2; the same bytes as in Go.
 */

function table(allowed: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (allowed(byte) ? 1 : 0));
}

/** Of a Host field: a host name, an IP literal, a port. */
export const HOST_BYTES: Uint8Array = table((byte) =>
  /[0-9A-Za-z!$%&'()*+,\-.:;=[\]_~]/.test(String.fromCharCode(byte)),
);
