/**
 * A scene played on a System whose calls fail by a rule of strace's -e inject: what it noticed, and what it left
 * open. Beneath is the real kernel, so what does not fail happens.
 *
 * A call that fails is not made, but for two: close(2), since Linux has closed the descriptor whatever it says,
 * and connect(2) where the errno means that it goes on.
 */
import assert from 'node:assert/strict';
import { setImmediate as immediate } from 'node:timers/promises';
import { linux } from '../../src/index.ts';
import { CALL_NAMES } from '../../src/kernel/call-set.ts';
import { faulty } from '../../src/kernel/faulty.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { System } from '../../src/kernel/system.ts';
import { Stack } from '../../src/net/stack.ts';
import { EALREADY, EINPROGRESS, EINTR, EISCONN } from '../../src/syscall/errno.ts';
import { openDescriptors } from './machine.ts';

/** Tries of one operation; no rule makes more fail in a row. */
const MAX_TRIES = 8;

/** The ports that the kernel has chosen differ, and so do the paths of sockets. */
export function withoutNames(text: string): string {
  return text
    .replaceAll(/(127\.0\.0\.1):[1-9]\d*/g, '$1:*')
    .replaceAll(/\/\S*netfd-faults-\d+/g, 'SOCKET');
}

/** What a scene noticed. */
export class Noticed {
  readonly errors: NodeJS.ErrnoException[] = [];

  /** What `operation` gives in the end; its failures are noted. */
  async of<T>(operation: () => T | Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await operation();
      } catch (error) {
        assert.ok(error instanceof Error && tries < MAX_TRIES, String(error));
        this.errors.push(error);
      }
    }
  }

  /** The same, of an operation that has its effect whether it fails or not. */
  async once(operation: () => void): Promise<void> {
    try {
      operation();
    } catch (error) {
      this.errors.push(error as Error);
    }
  }

  /** Each message once, with how often it came if that is more than once. */
  get texts(): string[] {
    const counts = new Map<string, number>();
    for (const { message } of this.errors) {
      const text = withoutNames(message);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return [...counts].map(([text, count]) => (count > 1 ? `${text} (${count})` : text));
  }
}

/** Plays something on `stack`; throws if anything is lost, or does not go on after the faults, which it begins. */
export type Scene = (stack: Stack, noticed: Noticed, begin: () => void) => Promise<void>;

/** Whatever has played keeps its poller open. */
const played: System[] = [];

/** What connect(2) says although the socket gets connected. */
const GOES_ON: ReadonlySet<number> = new Set([-EINTR, -EALREADY, -EINPROGRESS, -EISCONN]);

type Method = (...args: unknown[]) => number;

/** A System whose faults begin when it is told, and how often one was injected. */
export interface Faults {
  readonly system: System;
  readonly begin: () => void;
  readonly hits: () => number;
}

export function faultySystem(rules: readonly string[]): Faults {
  let count = 0;
  const faults = faulty(linux.kernel, rules, { injected: () => void count++ });
  const close: Kernel['close'] = (fd) => {
    const before = count;
    const result = faults.close(fd);
    if (count > before) linux.kernel.close(fd);
    return result;
  };
  const connect: Kernel['connect'] = (...args) => {
    const before = count;
    const result = faults.connect(...args);
    if (count > before && GOES_ON.has(result)) linux.kernel.connect(...args);
    return result;
  };
  let current: Kernel = linux.kernel;
  const methods = CALL_NAMES.map((name): [string, Method] => [
    name,
    (...args) => (current[name] as unknown as Method)(...args),
  ]);
  const system = { ...linux, kernel: Object.fromEntries(methods) as unknown as Kernel };
  played.push(system);
  const begin = (): void => {
    current = { ...faults, close, connect };
  };
  return { system, begin, hits: () => count };
}

/** Connections of other threads, and garbage, are gone after a few turns. */
async function descriptorsLeft(): Promise<number> {
  for (let turn = 0; turn < 5; turn++) await immediate();
  return openDescriptors();
}

/** How many descriptors a run on a new System leaves: its poller, and pipes that are kept. */
async function leftBy(scene: Scene, rules: readonly string[], noticed: Noticed): Promise<number> {
  const { system, begin, hits } = faultySystem(rules);
  const before = await descriptorsLeft();
  await scene(new Stack(system), noticed, begin);
  assert.equal(hits() > 0, rules.length > 0, 'whether a call was made to fail');
  return (await descriptorsLeft()) - before;
}

const usual = new Map<Scene, number>();

/** What `scene` notices of `rule`; fails if it leaves more than without: fewer if no pipe could be had. */
export async function play(scene: Scene, rule: string): Promise<Noticed> {
  let left = usual.get(scene);
  if (left === undefined) {
    const nothing = new Noticed();
    await leftBy(scene, [], nothing); // whatever is opened once for the process
    left = await leftBy(scene, [], nothing);
    assert.deepEqual(nothing.texts, []);
    usual.set(scene, left);
  }
  const noticed = new Noticed();
  const now = await leftBy(scene, [rule], noticed);
  assert.ok(now <= left, `${now} descriptors left open, and ${left} without faults`);
  return noticed;
}
