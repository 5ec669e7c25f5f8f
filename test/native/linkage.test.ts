/**
 * What the built addon asks of its surroundings: the runtime's own functions and two of pthread, which
 * every runtime carries; no library, so that one binary runs on every libc.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { addonFile } from './addon.ts';

/** The value for node:test's `skip`. */
function missing(program: string): string | false {
  if (process.env['NETFD_SANITIZED'] !== undefined) return 'the sanitizers bring libraries along';
  return spawnSync(program, ['--version']).status === 0 ? false : `there is no ${program} here`;
}

function output(program: string, ...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout.split('\n').filter((line) => line !== '');
}

test('undefined symbols are of Node-API, libuv and pthread', { skip: missing('nm') }, () => {
  const symbols = output('nm', '-D', '--undefined-only', addonFile).map(
    (line) => /\S+$/.exec(line.replace(/@.*/, ''))?.[0] ?? '',
  );
  assert.ok(symbols.includes('napi_create_function'));
  const foreign = symbols.filter((name) => !/^(napi_\w+|uv_\w+|pthread_(create|join))$/.test(name));
  assert.deepEqual(foreign, []);
});

test('no library is needed', { skip: missing('readelf') }, () => {
  const dynamic = output('readelf', '-d', addonFile);
  assert.ok(dynamic.some((line) => line.includes('(SYMTAB)')));
  assert.deepEqual(
    dynamic.filter((line) => line.includes('(NEEDED)')),
    [],
  );
  assert.ok(
    dynamic.some((line) => line.includes('(FLAGS_1)') && line.includes('NODELETE')),
    'the code may be unmapped while the event loop still calls it',
  );
});
