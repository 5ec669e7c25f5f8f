/**
 * What Linux does on sockets, recorded case by case in test/golden/kernel-cases.json, must come again: of
 * interface Kernel on Linux, and of the calls of netfd/syscall. Every case has a network, a folder and
 * limits of its own. Only root can make those.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { noCompiler } from '../c-program.ts';
import { armNames } from './arms.ts';
import type { Case } from './outcome.ts';
import { compileProcessAddon } from './process.ts';
import { cases, type Verdict } from './cases.ts';
import { Replayers } from './replayers.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Why no case can be replayed here, or false. */
function hindrance(): string | false {
  if (process.getuid?.() !== 0) return 'a network of its own needs root';
  if (spawnSync('unshare', ['-n', 'true']).status !== 0) return 'networks cannot be unshared here';
  if (spawnSync('ip', ['-V']).status !== 0) return 'there is no ip (iproute2)';
  return noCompiler;
}

const skip = hindrance();
const noTun = existsSync('/dev/net/tun') ? false : 'there is no /dev/net/tun';

function wantsTun({ steps }: Case): boolean {
  return steps.some(({ op, args }) => op === 'do' && args[0]!.startsWith('tun0 up'));
}

/** The recorded value and ours, with the step. */
function report({ failure }: Verdict): string {
  if (failure === null) return '';
  const { step, text, wanted, got } = failure;
  return `step ${step}: ${text}\n  wanted: ${wanted}\n  got:    ${got}`;
}

/** By design: values in place of pointers, and an exception tells nothing but the error. */
const UNSAID: Readonly<Record<string, readonly string[]>> = {
  syscall: [
    'msg_flags after a recvmsg that failed',
    'socketpair with a null pointer',
    'the true length of what accept has cut',
  ],
};

const folder = mkdtempSync(join(tmpdir(), 'netfd-cases-'));
const verdicts = new Map<string, Promise<Verdict>>();
let replayers: Replayers | undefined;

before(() => {
  if (skip !== false) return;
  replayers = new Replayers(compileProcessAddon(ROOT, folder));
  for (const arm of armNames) {
    for (const one of cases) {
      if (wantsTun(one) && noTun !== false) continue;
      verdicts.set(`${arm} ${one.id}`, replayers.replay(arm, one.id));
    }
  }
});

after(() => {
  replayers?.close();
  rmSync(folder, { recursive: true });
});

for (const arm of armNames) {
  describe(arm, () => {
    for (const one of cases) {
      const skipped = skip || (wantsTun(one) && noTun);
      test(`${one.id} ${one.title}`, { skip: skipped }, async (t) => {
        const verdict = (await verdicts.get(`${arm} ${one.id}`))!;
        for (const what of verdict.bypassed) t.diagnostic(`not to be expressed: ${what}`);
        assert.ok(verdict.failure === null, report(verdict));
      });
    }

    test('what its calls do not express', { skip }, async (t) => {
      const all = cases.flatMap((one) => verdicts.get(`${arm} ${one.id}`) ?? []);
      const told = (await Promise.all(all)).flatMap(({ bypassed }) => bypassed);
      t.diagnostic(`${told.length} of ${cases.length} cases have a step that is not theirs`);
      assert.deepEqual(told.sort(), [...(UNSAID[arm] ?? [])].sort());
    });
  });
}
