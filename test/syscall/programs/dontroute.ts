/** Sends to an address beyond the gateway, with and without MSG_DONTROUTE, and prints what happens. */
import {
  AF_INET,
  MSG_DONTROUTE,
  sendto,
  SOCK_DGRAM,
  socket,
  SyscallError,
} from '../../../src/syscall.ts';

const far = { family: AF_INET, addr: Uint8Array.of(192, 0, 2, 1), port: 9 } as const;
const fd = socket(AF_INET, SOCK_DGRAM);
console.log(`by the gateway: ${sendto(fd, 'x', 0, far)}`);
try {
  console.log(`without: ${sendto(fd, 'x', MSG_DONTROUTE, far)}`);
} catch (error) {
  if (!(error instanceof SyscallError)) throw error;
  console.log(`without: ${error.code} ${error.address}:${error.port}`);
}
