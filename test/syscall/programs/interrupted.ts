/** Blocks in epoll_wait, and prints how a signal ends it. */
import { epoll_create1, epoll_wait, SyscallError } from '../../../src/syscall.ts';

process.on('SIGUSR2', () => {});
console.log('ready');
try {
  epoll_wait(epoll_create1(), Number(process.argv[2]));
} catch (error) {
  if (!(error instanceof SyscallError)) throw error;
  console.log(`${error.syscall} ${error.code} ${error.temporary}`);
}
