/**
 * The two interfaces that all byte plumbing is written against, after Go's io package with null in
 * the place of io.EOF.
 */
export interface Reader {
  /**
   * Reads at least one and at most `buf.length` bytes into `buf` and gives their number, or null at
   * the end of the stream. The buffer belongs to the reader until the promise has settled.
   */
  read(buf: Uint8Array): Promise<number | null>;
}

export interface Writer {
  /**
   * Writes all of `data` (a string as UTF-8) and gives the number of bytes. The buffer belongs to the
   * writer until the promise has settled.
   */
  write(data: Uint8Array | string): Promise<number>;
}
