/**
 * The last resort for a connection or listener that nobody can reach and nobody has closed: when the
 * garbage collector takes it, its descriptor is closed, and the programmer is told, once.
 *
 * One that waits for something is reachable through the poller, so only a forgotten one gets here.
 * After the finalizer that Go's netFD has.
 */
import type { PollDesc } from '../poll/poll-desc.ts';

let told = false;

const registry = new FinalizationRegistry<PollDesc>((pd) => {
  const { netpoll, sysfd } = pd;
  pd.close();
  netpoll.close(pd);
  if (told) return;
  told = true;
  netpoll.system.warn(
    `a connection or listener (descriptor ${sysfd}) was garbage collected without having been ` +
      'closed; it is closed now. Call close(), or declare it with "await using". ' +
      'This is said only once.',
  );
});

/** Watches `owner`, whose descriptor is that of `pd`. */
export function guardAgainstLeak(owner: object, pd: PollDesc): void {
  registry.register(owner, pd, pd);
}

/** The descriptor has been closed as it should be. */
export function releaseGuard(pd: PollDesc): void {
  registry.unregister(pd);
}
