/** The signals that ask a program to end. */

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
