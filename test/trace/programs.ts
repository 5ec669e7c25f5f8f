/** The golden programs. */
import type { Program } from './program.ts';
import { messages } from './programs-messages.ts';
import { streams } from './programs-streams.ts';

export const programs: Readonly<Record<string, Program>> = { ...streams, ...messages };
