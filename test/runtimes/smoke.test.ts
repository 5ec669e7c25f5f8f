/** The smoke checks on this Node; "npm run test:runtimes" runs them on the others. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { noOpenSSL } from '../node/secure-server.ts';

const program: string = fileURLToPath(new URL('./smoke.js', import.meta.url));
const LIMIT = 60_000;

function run(argument: string): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, argument], { encoding: 'utf8', timeout: LIMIT });
}

suite('smoke', () => {
  for (const name of run('--list').stdout.trimEnd().split('\n')) {
    test(name, { skip: name.startsWith('tls') && noOpenSSL }, () => {
      const { status, stdout, stderr } = run(name);
      assert.equal(stdout + stderr, `ok ${name}\n`);
      assert.equal(status, 0, 'the process ends by itself');
    });
  }
});
