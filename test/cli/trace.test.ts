/** netfd trace: what it prints is what strace prints of the same run, and the program notices nothing. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { netfd, Program, programFile, temporaryFolder } from './program.ts';

const subject = fileURLToPath(new URL('./trace-program.js', import.meta.url));
const faulted = fileURLToPath(new URL('../trace/faulty-child.js', import.meta.url));

const LINES = [
  /^socket\(AF_INET, SOCK_STREAM\|SOCK_CLOEXEC\|SOCK_NONBLOCK, IPPROTO_IP\) = \d+$/,
  /^setsockopt\(\d+, SOL_SOCKET, SO_REUSEADDR, \[1\], 4\) = 0$/,
  /^bind\(\d+, \{sa_family=AF_INET, sin_port=htons\(0\), .*\}, 16\) = 0$/,
  /^listen\(\d+, 511\) +/,
  /^accept4\(\d+, NULL, NULL, SOCK_CLOEXEC\|SOCK_NONBLOCK\) = -1 EAGAIN \(Resource temporarily /,
  /^shutdown\(\d+, SHUT_RDWR\) +/,
  /^close\(\d+\) +/,
];

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** Each of `patterns` has its line in `text`, and there is nothing else. */
function assertLines(text: string, patterns: readonly RegExp[] = LINES): void {
  const lines = linesOf(text);
  assert.equal(lines.length, patterns.length, text);
  for (const [i, pattern] of patterns.entries()) assert.match(lines[i]!, pattern);
}

suite('as strace prints it', () => {
  test('the same run under both', (t) => {
    const folder = temporaryFolder(t);
    const ours = join(folder, 'ours');
    const set = 'socket,setsockopt,bind,listen,accept4,shutdown';
    const command = [process.execPath, programFile, 'trace', '-e', set, '-o', ours, subject];
    const options = ['-ff', '-qq', '-e', `trace=${set}`, '-e', 'signal=none', '-o'];
    execFileSync('strace', [...options, join(folder, 'theirs'), ...command]);
    const wanted = readFileSync(ours, 'utf8');
    assertLines(wanted, LINES.slice(0, -1));
    const threads = readdirSync(folder).filter((name) => name.startsWith('theirs.'));
    const all = threads.map((name) => readFileSync(join(folder, name), 'utf8'));
    assert.ok(all.includes(wanted), all.join('\n'));
  });

  for (const rule of [
    'listen:error=EMFILE:when=3+',
    'listen:retval=7:when=3+2',
    'shutdown:delay_enter=10:when=2',
    'listen,shutdown:error=EIO:delay_exit=5us:when=2..4',
  ]) {
    test(`--inject ${rule}`, async (t) => {
      const folder = temporaryFolder(t);
      const [ours, theirs] = [join(folder, 'ours'), join(folder, 'theirs')];
      const set = ['-e', 'trace=listen,shutdown', '-e', `inject=${rule}`, '-o'];
      execFileSync('strace', ['-qq', ...set, theirs, process.execPath, faulted]);
      const { status, stderr } = await netfd(t, 'trace', ...set, ours, faulted);
      assert.deepEqual([status, stderr], [0, '']);
      assert.equal(readFileSync(ours, 'utf8'), readFileSync(theirs, 'utf8'));
    });
  }
});

suite('the program notices nothing', () => {
  test('arguments, standard input and output', () => {
    const command = [programFile, 'trace', '-e', 'none', subject, 'stdin', '--help', '-o'];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { input: 'hello' });
    assert.deepEqual([status, String(stdout), String(stderr)], [0, 'hello', '']);
  });

  test('a process that it starts is not traced, nor its file made anew', async (t) => {
    const file = join(temporaryFolder(t), 'trace');
    assert.equal((await netfd(t, 'trace', '-o', file, subject, 'child')).status, 0);
    assertLines(readFileSync(file, 'utf8'));
  });

  test('a signal that it handles', async (t) => {
    const program = new Program(t, ['trace', '-c', '-e', 'none', subject, 'handle']);
    await program.prints('stdout', /ready/);
    program.child.kill('SIGTERM');
    assert.equal((await program.ended()).status, 9);
  });
});

suite('all of it is there however the program ends', () => {
  const ends: readonly (readonly [kind: string, status: number | string])[] = [
    ['none', 0],
    ['exit', 7],
    ['throw', 1],
    ['abort', 'SIGABRT'],
    ['kill', 'SIGKILL'],
  ];
  for (const [kind, wanted] of ends) {
    test(kind, async (t) => {
      const file = join(temporaryFolder(t), 'trace');
      const { status, stderr } = await netfd(t, 'trace', '-o', file, subject, kind);
      assert.equal(status, wanted);
      assertLines(readFileSync(file, 'utf8'));
      if (kind === 'throw') assert.match(stderr, /the program has failed/);
    });
  }

  test('a signal that it does not handle', async (t) => {
    const file = join(temporaryFolder(t), 'trace');
    const program = new Program(t, ['trace', '-o', file, subject, 'wait']);
    await program.prints('stdout', /ready/);
    program.child.kill('SIGTERM');
    assert.equal((await program.ended()).status, 'SIGTERM');
    assertLines(readFileSync(file, 'utf8'));
  });

  test('a thread of the program has its calls too, with its number', async (t) => {
    const { status, stderr } = await netfd(t, 'trace', subject, 'worker');
    assert.equal(status, 0);
    const lines = linesOf(stderr);
    const others = lines.filter((line) => /^\[pid \d+\] /.test(line));
    assertLines(lines.filter((line) => !others.includes(line)).join('\n'));
    assertLines(others.map((line) => line.replace(/^\[pid \d+\] /, '')).join('\n'));
    assert.equal(others.find((line) => line.includes('listen('))?.indexOf('='), 40);
  });
});

suite('other forms', () => {
  test('NDJSON', async (t) => {
    const { stderr } = await netfd(t, 'trace', '--format=ndjson', '-e', 'listen', subject);
    const { name, args, result } = JSON.parse(stderr) as Record<string, unknown>;
    assert.equal(name, 'listen');
    assert.match(String(args), /^\d+, 511$/);
    assert.equal(result, 0);
  });

  test('a Chrome trace is whole, and each thread has its own', async (t) => {
    const folder = temporaryFolder(t);
    const options = ['--format', 'chrome', '-e', 'listen', '-o', join(folder, 'trace')];
    assert.equal((await netfd(t, 'trace', ...options, subject, 'worker')).status, 0);
    const files = readdirSync(folder).toSorted();
    assert.equal(files.length, 2);
    assert.match(files[1]!, /^trace\.\d+$/);
    for (const name of files) {
      const events = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { name: string }[];
      assert.deepEqual(
        events.map((event) => event.name),
        ['process_name', 'listen'],
      );
    }
  });

  test('a summary, also of a program that a signal ends', async (t) => {
    const program = new Program(t, ['trace', '-c', subject, 'wait']);
    await program.prints('stdout', /ready/);
    program.child.kill('SIGTERM');
    const { status, stderr } = await program.ended();
    assert.equal(status, 'SIGTERM');
    assert.match(stderr, /^% time +seconds +usecs\/call +calls +errors syscall\n/);
    assert.match(stderr, / 1 +1 accept4\n/);
    assert.match(stderr, / 7 +1 total\n$/);
  });

  test('the calls, and then a summary', async (t) => {
    const { stderr } = await netfd(t, 'trace', '-C', '-e', 'listen', subject);
    assert.match(stderr, /^listen\(\d+, 511\) += 0\n% time /);
  });
});

suite('NETFD_TRACE', () => {
  const run = (value: string, ...args: string[]) =>
    spawnSync(process.execPath, [subject, ...args], {
      encoding: 'utf8',
      env: { ...process.env, NETFD_TRACE: value },
    });

  test('1 shows all, also what was called before the trace was there', () => {
    assertLines(run('1').stderr);
  });

  test('options', (t) => {
    const file = join(temporaryFolder(t), 'trace');
    assert.equal(run(`-e listen,close -o ${file}`).stderr, '');
    assertLines(readFileSync(file, 'utf8'), [/^listen/, /^close/]);
    assertLines(run('["-e", "trace=listen"]').stderr, [/^listen/]);
  });

  test('0 and nothing are nothing', () => {
    for (const value of ['', '0']) assert.equal(run(value).stderr, '');
  });

  test('what is wrong with it is told, and the program runs', () => {
    const { status, stderr } = run('-Q');
    assert.equal(status, 0);
    assert.match(stderr, /^netfd: NETFD_TRACE: .*"-Q" is no option.*; nothing is traced\n$/);
  });

  test('calls that cannot be shown any more are counted', () => {
    const { status, stderr } = run('1', 'exit');
    assert.equal(status, 7);
    assert.match(
      stderr,
      /^netfd: NETFD_TRACE: the program ended before its 7 calls could be shown/,
    );
  });
});

suite('mistakes', () => {
  const wrong: readonly (readonly [words: readonly string[], status: number, line: RegExp])[] = [
    [[], 2, /^netfd trace: no program \(see netfd trace --help\)$/],
    [['-Q', subject], 2, /^netfd trace: "-Q" is no option/],
    [['-s', 'x', subject], 2, /^netfd trace: option -s: /],
    [['-s'], 2, /^netfd trace: option -s: /],
    [['-a', '-1', subject], 2, /^netfd trace: option -a: /],
    [['-e', 'trace=nonsense', subject], 2, /"nonsense" is no call that netfd makes/],
    [['-e', 'fault=close', subject], 2, /^netfd trace: option -e: /],
    [['--trace=nonsense', subject], 2, /^netfd trace: option --trace: /],
    [['--inject', 'listen', subject], 2, /neither error, retval nor a delay/],
    [['--inject', 'listen:error=ENONSENSE', subject], 2, /error must be a name such as EMFILE/],
    [['--inject', 'listen:error=EIO:when=0', subject], 2, /when must be FIRST/],
    [['--format=xml', subject], 2, /^netfd trace: option --format: /],
    [['--ring', subject], 2, /^netfd trace: option --ring: only a program itself/],
    [['--ring=0', subject], 2, /^netfd trace: option --ring: /],
    [['-o', '', subject], 2, /^netfd trace: option -o: /],
    [['-o', '/nonsense/file', subject], 1, /^netfd trace: option -o: ENOENT/],
    [['/nonsense.js'], 1, /^netfd trace: \/nonsense.js: no such file$/],
  ];
  for (const [words, wanted, line] of wrong) {
    test(words.map((word) => (word === subject ? 'program' : word)).join(' '), async (t) => {
      const { status, stdout, stderr } = await netfd(t, 'trace', ...words);
      assert.deepEqual([status, stdout], [wanted, '']);
      assert.match(stderr.trimEnd(), line);
      assert.equal(linesOf(stderr).length, 1);
    });
  }
});

test('TypeScript runs where Node runs it; elsewhere it is said what is missing', async (t) => {
  const file = join(temporaryFolder(t), 'program.ts');
  writeFileSync(file, 'const n: number = 1;\nconsole.log(n);\n');
  const { status, stdout, stderr } = await netfd(t, 'trace', file);
  const { features } = process as { features: { typescript?: unknown } };
  const flag = process.allowedNodeEnvironmentFlags.has('--experimental-strip-types');
  if (typeof features.typescript === 'string' || flag) {
    assert.deepEqual([status, stdout], [0, '1\n']);
  } else {
    assert.equal(status, 1);
    assert.match(stderr, /program\.ts: Node v.* does not run TypeScript: it takes 22\.6 or later/);
  }
});
