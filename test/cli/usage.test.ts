/** The command line of netfd: help, version, and what it says of mistakes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { netfd } from './program.ts';

const manifest = new URL('../../../package.json', import.meta.url);

test('--version is that of the package', async (t) => {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  assert.deepEqual(await netfd(t, '--version'), {
    status: 0,
    stdout: `netfd ${version}\n`,
    stderr: '',
  });
});

suite('help', () => {
  for (const argv of [['--help'], ['-h']]) {
    test(argv.join(' '), async (t) => {
      const { status, stdout, stderr } = await netfd(t, ...argv);
      assert.equal(status, 0);
      assert.equal(stderr, '');
      for (const name of ['serve', 'echo', 'dial', 'trace'])
        assert.match(stdout, new RegExp(`netfd ${name} `));
    });
  }

  for (const name of ['serve', 'echo', 'dial', 'trace']) {
    test(`${name} --help`, async (t) => {
      const { status, stdout, stderr } = await netfd(t, name, '--help');
      assert.equal(status, 0);
      assert.equal(stderr, '');
      assert.ok(stdout.startsWith(`netfd ${name} `));
    });
  }

  test('fits a terminal', async (t) => {
    for (const argv of [[], ['serve'], ['echo'], ['dial'], ['trace']]) {
      const { stdout } = await netfd(t, ...argv, '--help');
      assert.ok(stdout.split('\n').every((line) => line.length <= 80));
    }
  });
});

suite('mistakes are told in one line, with status 2', () => {
  const mistakes: readonly (readonly [argv: readonly string[], line: string])[] = [
    [[], 'netfd: no command (see netfd --help)'],
    [
      ['serve', '--lame-duck', 'x'],
      'netfd serve: --lame-duck must be a number of seconds (see netfd serve --help)',
    ],
    [
      ['serve', '--grace', '-1'],
      'netfd serve: --grace must be a number of seconds (see netfd serve --help)',
    ],
    [['bake'], 'netfd: unknown command "bake" (see netfd --help)'],
    [['--verbose'], 'netfd: unknown option "--verbose" (see netfd --help)'],
    [['serve', '--port', '80'], 'netfd serve: unknown option "--port" (see netfd serve --help)'],
    [['serve', '--addr'], 'netfd serve: --addr needs a value (see netfd serve --help)'],
    [
      ['serve', '--network', 'unix'],
      'netfd serve: --network unix needs --addr (see netfd serve --help)',
    ],
    [
      ['serve', '--workers', '0'],
      'netfd serve: --workers must be a number from 1 to 1024, or auto (see netfd serve --help)',
    ],
    [
      ['serve', '--workers', 'many'],
      'netfd serve: --workers must be a number from 1 to 1024, or auto (see netfd serve --help)',
    ],
    [
      ['serve', '--workers', '2', '--addr', '/run/x.sock'],
      'netfd serve: --workers is for tcp, not for unix (see netfd serve --help)',
    ],
    [
      ['serve', '--tls-key', 'key.pem'],
      'netfd serve: --tls-cert and --tls-key go together (see netfd serve --help)',
    ],
    [
      ['serve', '--tls-cert', '', '--tls-key', 'key.pem'],
      'netfd serve: --tls-cert and --tls-key are paths of files (see netfd serve --help)',
    ],
    [
      ['serve', '--log', 'apache'],
      'netfd serve: --log must be common, combined or json (see netfd serve --help)',
    ],
    [['serve', 'a', 'b'], 'netfd serve: too many operands (see netfd serve --help)'],
    [['echo', 'tcp'], 'netfd echo: operands missing (see netfd echo --help)'],
    [['dial', 'tcp'], 'netfd dial: operands missing (see netfd dial --help)'],
  ];
  for (const [argv, line] of mistakes) {
    test(`netfd ${argv.join(' ')}`, async (t) => {
      assert.deepEqual(await netfd(t, ...argv), { status: 2, stdout: '', stderr: `${line}\n` });
    });
  }
});
