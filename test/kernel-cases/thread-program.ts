/** What a {@link BlockingThread} runs: one call, and what it gave into the shared memory. */
import { workerData } from 'node:worker_threads';
import { subjectOf } from './arms.ts';
import * as thread from './blocking-thread.ts';
import { loadProcessAddon } from './process.ts';

interface Work extends thread.Task {
  readonly shared: SharedArrayBuffer;
  readonly returned: Int32Array;
  readonly addon: string;
}

type Given = number | { readonly result: number; readonly data?: Uint8Array };

const { arm, call, args, delay, shared, returned, addon } = workerData as Work;
const words = new Int32Array(shared, 0, thread.WORDS);
const subject = subjectOf(arm);
const make = (subject[call] as (...args: readonly unknown[]) => Given).bind(subject);

words[thread.THREAD] = loadProcessAddon(addon).threadId();
Atomics.store(words, thread.STATE, thread.CALLING);
if (delay > 0) Atomics.wait(words, thread.STATE, thread.CALLING, delay);
const given = make(...args);
const { result, data } = typeof given === 'number' ? { result: given, data: undefined } : given;
if (data !== undefined) {
  new Uint8Array(shared, 4 * thread.WORDS).set(data);
  words[thread.LENGTH] = data.length;
}
words[thread.RESULT] = result;
Atomics.store(words, thread.PLACE, Atomics.add(returned, 0, 1) + 1);
