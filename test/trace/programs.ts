/** The golden programs. */
import type { Program } from './program.ts';
import { netlink } from './programs-netlink.ts';
import { streams } from './programs-streams.ts';

export const programs: Readonly<Record<string, Program>> = { ...streams, ...netlink };
