/**
 * Readiness asked of the kernel instead of awaited: what has happened already may be an event that was not
 * fetched. For the rare moment at which that must not be missed, as before a close. poll(2).
 */
import { POLLIN } from '../syscall/poll.ts';
import type { PollDesc } from './poll-desc.ts';

/** A struct pollfd. */
const asked = new Int32Array(2);

/** Whether a read or accept would not wait; from now on `pd` knows. It must not be closed. */
export function isReadableNow(pd: PollDesc): boolean {
  if (!pd.pollable) return true;
  asked[0] = pd.sysfd;
  asked[1] = POLLIN;
  if (pd.netpoll.kernel.poll(asked, 1, 0) === 0) pd.drained('read');
  else pd.replenished();
  return pd.isReady('read');
}
