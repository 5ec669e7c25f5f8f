/** What the call before a check has given. */
import { parseIP } from '../../src/net/ip.ts';
import type { Run } from './run.ts';
import type { Named, ReceivedMessage } from './subject.ts';

/** An address, of a call that tells one. */
export function lastNamed({ last }: Run): Named {
  if (typeof last !== 'object' || last === null || !('addrlen' in last)) {
    throw new Error('the call before the check tells no address');
  }
  return last as Named;
}

/** A message, of recvmsg. */
export function lastMessage({ last }: Run): ReceivedMessage {
  if (typeof last !== 'object' || last === null || !('control' in last)) {
    throw new Error('the call before the check was no recvmsg');
  }
  return last as ReceivedMessage;
}

/** Whether a sockaddr_in6 has that address. */
export function hasAddress6(sockaddr: Uint8Array, ip: string): boolean {
  const addr = sockaddr.subarray(8, 24);
  return sockaddr[0] === 10 && Buffer.compare(addr, parseIP(ip)!) === 0;
}
