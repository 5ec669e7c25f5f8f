/** The golden programs. */
import type { Program } from './program.ts';
import { addresses } from './programs-addresses.ts';
import { options } from './programs-options.ts';
import { streams } from './programs-streams.ts';

export const programs: Readonly<Record<string, Program>> = {
  ...streams,
  ...addresses,
  ...options,
};
