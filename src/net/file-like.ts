/** What stands for an open file where a program gives one: its number, or what has one. */

/** A descriptor, or what has one, such as a SocketFile or a FileHandle of node:fs. */
export type FileLike = number | { readonly fd: number; readonly name?: string };

/** TypeError if it is neither; a closed file's -1 is for the kernel to refuse. */
export function descriptorOf(method: string, file: FileLike): number {
  const fd: unknown = typeof file === 'number' ? file : (file as { fd?: unknown } | null)?.fd;
  if (Number.isInteger(fd) && (fd as number) >= -1 && (fd as number) < 2 ** 31) return fd as number;
  throw new TypeError(`${method}: file must be a descriptor or an object with a number fd`);
}

/** What errors call it. */
export function nameOf(file: FileLike): string {
  const { name, fd } = typeof file === 'number' ? { fd: file, name: undefined } : file;
  return typeof name === 'string' && name !== '' ? name : `fd ${fd}`;
}
