/** How much of a response is held back, and for what. */

/** Body bytes that are held back while the length may still become known. As in Go. */
export const BUFFER = 2048;

/** Bytes that are gathered before they are sent without a flush. */
export const GATHER = 4096;

/** A writer waits while more than this is not sent. */
export const HIGH_WATER: number = 64 * 1024;
