/**
 * The addon survives any arguments: 20,000 random calls in a process of their own, which must end as if
 * nothing had been. NETFD_SEED=N repeats a run,
 * NETFD_FUZZ_CALLS=N makes it longer.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chosenSeed } from './random.ts';
import { signatures } from './signatures.ts';

const CALLS = Number(process.env['NETFD_FUZZ_CALLS'] ?? 20_000);
const LIMIT = 60_000 + CALLS;

const program: string = fileURLToPath(new URL('./fuzz-program.js', import.meta.url));

interface Run {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(seed: number, ...trace: string[]): Run {
  const folder = mkdtempSync(join(tmpdir(), 'netfd-'));
  try {
    const args = [program, String(seed), String(CALLS), folder, ...trace];
    return spawnSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: LIMIT,
      maxBuffer: 2 ** 26,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A process that died without a word is run again, to see its last call. */
function explain(seed: number, { status, signal, stderr }: Run): string {
  const again = stderr === '' ? run(seed, 'trace').stderr.trimEnd().split('\n').at(-1) : stderr;
  return `NETFD_SEED=${seed} repeats it: status ${status}, signal ${signal}\n${again}`;
}

test(`${CALLS} random calls`, { timeout: 3 * LIMIT }, (t) => {
  const seed = chosenSeed();
  t.diagnostic(`NETFD_SEED=${seed}`);
  const result = run(seed);
  assert.ok(result.status === 0 && result.stderr === '', explain(seed, result));

  const tallies = JSON.parse(result.stdout) as Record<string, Record<string, number>>;
  const all = Object.values(tallies).flatMap((tally) => Object.values(tally));
  assert.equal(
    all.reduce((sum, count) => sum + count),
    CALLS,
  );
  for (const name of Object.keys(signatures)) {
    const { answered = 0, failed = 0, refused = 0 } = tallies[name] ?? {};
    const both = answered + failed > 0 && refused > 0;
    assert.ok(both, `NETFD_SEED=${seed}: ${name} was not called in all ways`);
  }
});
