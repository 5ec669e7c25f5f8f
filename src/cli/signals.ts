/** The signals that ask a program to end. */
import { constants } from 'node:os';

export type EndSignal = 'SIGINT' | 'SIGTERM';

const SIGNALS: readonly EndSignal[] = ['SIGINT', 'SIGTERM'];

/** The next signal that asks to end; until it comes, it does not end the program by itself. */
export function nextSignal(): Promise<EndSignal> {
  return new Promise((resolve) => {
    const come = (signal: EndSignal): void => {
      for (const name of SIGNALS) process.off(name, come);
      resolve(signal);
    };
    for (const name of SIGNALS) process.on(name, come);
  });
}

/** Until `drained`, or a `second` signal, or for so many milliseconds; the exit status. */
export async function untilEnded(
  drained: Promise<void>,
  second: Promise<EndSignal>,
  milliseconds: number,
): Promise<number> {
  const limit = AbortSignal.timeout(milliseconds);
  const late = new Promise<null>((resolve) => {
    limit.addEventListener('abort', () => resolve(null), { once: true });
  });
  const signal = await Promise.race([second, drained.then(() => null), late]);
  return signal === null ? 0 : 128 + constants.signals[signal];
}
