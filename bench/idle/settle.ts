/** Collects garbage at SIGUSR2, so that what is measured is in use. Needs `node --expose-gc`. */
export function settleOnSignal(): void {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error('start with --expose-gc');
  process.on('SIGUSR2', () => gc());
}
