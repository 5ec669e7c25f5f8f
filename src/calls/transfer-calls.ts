/**
 * Calls that move bytes between a descriptor and memory, or between two descriptors: read(2), write(2),
 * readv(2), writev(2), pread(2), sendfile(2), splice(2). They may move less than was asked for, as in C.
 */
import { bytesOf, type Data, lengthOf, offsetOf, readOffset, vectorOf } from './arguments.ts';
import { DescriptorCalls } from './descriptor-calls.ts';
import { checked } from './failure.ts';

/** What sendfile(2) has done. */
export interface SentFile {
  /** The bytes that were moved; 0 at the end of the file. */
  readonly size: number;
  /** Where in the file it ended, exact up to 2**53; null if it used the file's own offset. */
  readonly offset: number | null;
}

/** What splice(2) has done. */
export interface Spliced {
  /** The bytes that were moved; 0 at the end of the input. */
  readonly size: number;
  /** As `offset` of {@link SentFile}, of the input and of the output. */
  readonly off_in: number | null;
  readonly off_out: number | null;
}

export class TransferCalls extends DescriptorCalls {
  /** read(2): how many bytes are in `buf` now; 0 at the end. EAGAIN where it would block and must not. */
  read(fd: number, buf: Uint8Array | null, count: number = lengthOf(buf)): number {
    return checked('read', this.kernel.read(fd, buf as Uint8Array, count), { fd });
  }

  /** pread(2): {@link read} from `offset` on, whatever the file's own offset is, which stays as it is. */
  pread(fd: number, buf: Uint8Array | null, count: number, offset: number): number {
    return checked('pread', this.kernel.pread64(fd, buf as Uint8Array, count, offset), { fd });
  }

  /**
   * write(2): how many bytes were taken, which may be less than there are. EPIPE if nobody can read them
   * any more; no signal kills the process.
   */
  write(fd: number, data: Data): number {
    const bytes = bytesOf(data);
    return checked('write', this.kernel.write(fd, bytes, lengthOf(bytes)), { fd });
  }

  /** readv(2): fills the buffers one after the other, and gives the sum. At most 1024 buffers (EINVAL). */
  readv(fd: number, iov: readonly Uint8Array[]): number {
    return checked('readv', this.kernel.readv(fd, iov), { fd });
  }

  /** writev(2): {@link write} of several pieces as one. At most 1024 (EINVAL). */
  writev(fd: number, iov: readonly Data[]): number {
    return checked('writev', this.kernel.writev(fd, vectorOf(iov)), { fd });
  }

  /**
   * sendfile(2): at most `count` bytes of the file `in_fd` to `out_fd`, within the kernel. They are taken
   * from `offset`, or from the file's own offset if it is null.
   */
  sendfile(out_fd: number, in_fd: number, offset: number | bigint | null, count: number): SentFile {
    const place = offsetOf('sendfile', 'offset', offset);
    const result = this.kernel.sendfile(out_fd, in_fd, place, count);
    const size = checked('sendfile', result, { fd: out_fd, out_fd, in_fd });
    return { size, offset: readOffset(place) };
  }

  /**
   * splice(2): at most `size` bytes from one descriptor to another, within the kernel. One of them is a
   * pipe, whose offset is null (ESPIPE); so is a socket's. `flags`: SPLICE_F_MOVE, SPLICE_F_NONBLOCK, ….
   */
  splice(
    fd_in: number,
    off_in: number | bigint | null,
    fd_out: number,
    off_out: number | bigint | null,
    size: number,
    flags: number = 0,
  ): Spliced {
    const from = offsetOf('splice', 'off_in', off_in);
    const to = offsetOf('splice', 'off_out', off_out);
    const result = this.kernel.splice(fd_in, from, fd_out, to, size, flags);
    const moved = checked('splice', result, { fd: fd_in, fd_in, fd_out });
    return { size: moved, off_in: readOffset(from), off_out: readOffset(to) };
  }
}
