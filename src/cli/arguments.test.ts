import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseCommandLine, UsageError } from './arguments.ts';
import { COMMANDS } from './usage.ts';

suite('what is asked for', () => {
  test('help', () => {
    for (const argv of [['--help'], ['-h'], ['--version', '--help']]) {
      assert.deepEqual(parseCommandLine(argv), { kind: 'help', command: null });
    }
    for (const [name, command] of Object.entries(COMMANDS)) {
      const among = [name, 'x', 'y', '--help'];
      const asking = [
        [name, '--help'],
        [name, '-h'],
      ];
      for (const argv of command.raw === true ? asking : [...asking, among]) {
        assert.deepEqual(parseCommandLine(argv), { kind: 'help', command });
      }
    }
  });

  test('the version', () => {
    assert.deepEqual(parseCommandLine(['--version']), { kind: 'version' });
  });

  test('a command', () => {
    const request = parseCommandLine(['serve', '--addr', ':80', 'dir', '--network=tcp4']);
    assert.ok(request.kind === 'run');
    assert.equal(request.command, COMMANDS['serve']);
    assert.deepEqual(Object.fromEntries(request.args.values), { addr: ':80', network: 'tcp4' });
    assert.deepEqual(request.args.operands, ['dir']);
  });

  test('after "--" everything is an operand', () => {
    const request = parseCommandLine(['echo', '--quiet', '--', 'unix', '--help']);
    assert.ok(request.kind === 'run');
    assert.deepEqual(request.args.operands, ['unix', '--help']);
    assert.deepEqual([...request.args.flags], ['quiet']);
  });

  test('words that the command reads by itself', () => {
    const request = parseCommandLine(['trace', '-T', 'program.js', '--help', '--', '-x']);
    assert.ok(request.kind === 'run');
    assert.deepEqual(request.args.operands, ['-T', 'program.js', '--help', '--', '-x']);
  });

  test('the last value counts', () => {
    const request = parseCommandLine(['serve', '--addr', 'a:1', '--addr', 'b:2']);
    assert.ok(request.kind === 'run');
    assert.equal(request.args.values.get('addr'), 'b:2');
  });
});

suite('what there is not', () => {
  const wrong: readonly (readonly [argv: string, message: string, hint: string])[] = [
    ['', 'netfd: no command', 'netfd --help'],
    ['sevre', 'netfd: unknown command "sevre"', 'netfd --help'],
    ['toString', 'netfd: unknown command "toString"', 'netfd --help'],
    ['--addr :80 serve', 'netfd: unknown option "--addr"', 'netfd --help'],
    ['-- serve', 'netfd: an option before the command', 'netfd --help'],
    ['--', 'netfd: no command', 'netfd --help'],
    ['serve --port 80', 'netfd serve: unknown option "--port"', 'netfd serve --help'],
    ['serve -p', 'netfd serve: unknown option "-p"', 'netfd serve --help'],
    ['serve --constructor', 'netfd serve: unknown option "--constructor"', 'netfd serve --help'],
    ['serve --addr', 'netfd serve: --addr needs a value', 'netfd serve --help'],
    ['serve a b', 'netfd serve: too many operands', 'netfd serve --help'],
    ['echo --quiet=no', 'netfd echo: --quiet takes no value', 'netfd echo --help'],
    ['echo tcp', 'netfd echo: operands missing', 'netfd echo --help'],
    ['dial', 'netfd dial: operands missing', 'netfd dial --help'],
    ['dial tcp', 'netfd dial: operands missing', 'netfd dial --help'],
    ['dial tcp a:1 b', 'netfd dial: too many operands', 'netfd dial --help'],
  ];
  for (const [line, message, hint] of wrong) {
    test(JSON.stringify(line), () => {
      const argv = line === '' ? [] : line.split(' ');
      assert.throws(
        () => parseCommandLine(argv),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.equal(error.message, message);
          assert.equal(error.hint, hint);
          return true;
        },
      );
    });
  }

  test('a name is told in one line', () => {
    assert.throws(() => parseCommandLine(['a\nb']), { message: 'netfd: unknown command "a\\nb"' });
  });
});
