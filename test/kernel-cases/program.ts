/**
 * Replays cases, one after the other, each on a machine of its own, and writes a line of JSON for each:
 * `node program.js ADDON`, then on standard input lines of "ARM ID". It needs root.
 *
 * A case that has left something behind that cannot be undone ends the program, after its line.
 */
import { createInterface } from 'node:readline';
import { subjectOf } from './arms.ts';
import { cases, type Verdict } from './cases.ts';
import { LinuxMachine } from './linux-machine.ts';
import { loadProcessAddon } from './process.ts';
import { replay } from './replay.ts';
import { Run } from './run.ts';

async function judge(arm: string, id: string): Promise<Verdict> {
  const one = cases.find((other) => other.id === id);
  if (one === undefined) throw new Error(`there is no case ${id}`);
  const start = performance.now();
  const machine = new LinuxMachine(addon, arm);
  const subject = subjectOf(arm);
  const failure = await replay(one, new Run(id, subject, machine));
  const clean = await machine.close();
  const milliseconds = Math.round(performance.now() - start);
  return { arm, id, failure, bypassed: subject.bypassed, clean, milliseconds };
}

const addon = loadProcessAddon(process.argv[2]!);
for await (const line of createInterface({ input: process.stdin })) {
  const [arm = '', id = ''] = line.split(' ');
  const verdict = await judge(arm, id);
  process.stdout.write(`${JSON.stringify(verdict)}\n`);
  if (!verdict.clean) process.exit();
}
