/** The golden programs. */
import type { Program } from './program.ts';
import { addresses } from './programs-addresses.ts';
import { options } from './programs-options.ts';
import { descriptors } from './programs-descriptors.ts';
import { files } from './programs-files.ts';
import { messages } from './programs-messages.ts';
import { netlink } from './programs-netlink.ts';
import { streams } from './programs-streams.ts';
import { waiting } from './programs-waiting.ts';

export const programs: Readonly<Record<string, Program>> = {
  ...streams,
  ...addresses,
  ...options,
  ...files,
  ...descriptors,
  ...waiting,
  ...messages,
  ...netlink,
};
