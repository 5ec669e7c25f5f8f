/** The cases, and what comes of one that is replayed. */
import { readFileSync } from 'node:fs';
import { furtherCases } from './further-cases.ts';
import type { Case } from './outcome.ts';
import type { Failure } from './replay.ts';

/** What came of one case. */
export interface Verdict {
  readonly arm: string;
  readonly id: string;
  readonly failure: Failure | null;
  /** What the arm's calls cannot express. */
  readonly bypassed: readonly string[];
  /** Whether it has left nothing behind; else its process replays no other. */
  readonly clean: boolean;
  readonly milliseconds: number;
}

/** This file stands in dist/test/kernel-cases. */
function recordedCases(): readonly Case[] {
  const file = new URL('../../../test/golden/kernel-cases.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }).cases;
}

/** All of them, and the further ones. */
export const cases: readonly Case[] = [...recordedCases(), ...furtherCases];
