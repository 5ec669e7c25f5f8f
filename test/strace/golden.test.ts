/**
 * The system calls of netfd are Go's: thirty-three programs are run under strace beside the same peer as
 * their Go originals had, and each step of each descriptor is compared with the golden text, name by
 * name, argument by argument, result by result. differences.ts holds what differs on purpose.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { goldenPath } from '../golden/net-values.ts';
import { unshared, works } from '../namespace.ts';
import { DIFFERENCES, withoutQueries } from './differences.ts';
import { normalise, withoutIPHeader } from './normalise.ts';

const SCENES = [
  'http_keepalive',
  'tcp_listen_wildcard_echo',
  'close_wakes',
  'close_read_write',
  'deadline_read',
  'dial_tcp_ok',
  'dial_tcp_refused',
  'unix_stream_echo',
  'unix_dial',
  'unixpacket_echo',
  'unixgram',
  'unix_fdpass',
  'accept_emfile',
  'dial_tcp_timeout',
  'dial_localhost',
  'dial_happy_eyeballs',
  'resolver_go',
  'listenconfig_reuseport',
  'http_shutdown',
  'http_timeouts',
  'http_accept_backoff',
  'http_servefile',
  'interfaces',
  'rawconn',
  'file_dup',
  'writev_buffers',
  'splice_proxy',
  'sockopts',
  'udp_listenpacket',
  'udp_wildcard',
  'ip_conn',
  'startup_probe',
  'startup_dial_literal',
] as const;

/** Those that need files about names of their own. */
const NAMED: ReadonlySet<string> = new Set([
  'dial_localhost',
  'dial_happy_eyeballs',
  'resolver_go',
]);

/** Those that need prlimit. */
const LIMITED: ReadonlySet<string> = new Set(['accept_emfile', 'http_accept_backoff']);

/** Where the golden programs had their files; a folder of ours has as many characters. */
const GOLDEN_FOLDER = '/tmp/golden-1';

const LIMIT = 120_000;

/** What gives a program a network of its own, and what gives it mounts of its own besides. */
const namespace = unshared(['-n', '-rn'], 'ip', 'link', 'set', 'lo', 'up');
const withMounts = unshared(['-nm', '-rnm'], 'mount', '--bind', '/etc/hosts', '/etc/hosts');

/** False, or why the scene cannot be run here: the value that node:test's `skip` takes. */
function cannotRun(scene: string): string | false {
  if (!works('strace', '-o', '/dev/null', 'true')) return 'there is no strace that works';
  if (namespace === null) return 'no network namespace can be made (unshare -n, ip)';
  if (LIMITED.has(scene) && !works('prlimit', '--version')) return 'there is no prlimit';
  if (NAMED.has(scene) && withMounts === null) return 'no file can be mounted (unshare -m)';
  return false;
}

async function trace(scene: string): Promise<string[]> {
  const folder = mkdtempSync('/tmp/g-');
  assert.equal(folder.length, GOLDEN_FOLDER.length);
  try {
    const harness = fileURLToPath(new URL('./scene.js', import.meta.url));
    const [command, ...options] = (NAMED.has(scene) ? withMounts : namespace)!;
    const args = [...options, process.execPath, harness, scene, folder];
    const hosts = NAMED.has(scene) ? { NETFD_HOSTS: 'own' } : {};
    const env = { ...process.env, NETFD_NAMESPACE: 'own', ...hosts };
    const child = spawn(command, args, {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: LIMIT,
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const status = await new Promise((resolve) => child.on('close', resolve));
    assert.equal(status, 0, `${scene} failed:\n${stderr}`);
    const log = readFileSync(`${folder}/log`, 'latin1').replaceAll(folder, GOLDEN_FOLDER);
    return withoutQueries(normalise(log));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Calls and what the program saw: without the header and the times. */
function goldenLines(scene: string): string[] {
  const lines = readFileSync(goldenPath(`${scene}.txt`), 'utf8')
    .trimEnd()
    .split('\n');
  return lines
    .filter((line) => !/^# |^# {2}\(/.test(line) || line.startsWith('#  ->'))
    .map((line) => withoutIPHeader(line.replace(/ after about \d+ms$/, '')));
}

/** The descriptor that a line is about. */
function subjectOf(line: string): string {
  if (line.startsWith('#')) return 'what the program saw';
  if (line.startsWith('unlinkat')) return 'files';
  const event = /^epoll_wait\(ep, \[\{\S+, (\w+)\}\]/.exec(line)?.[1];
  const controlled = /^epoll_ctl\(ep, \w+, (\w+),/.exec(line)?.[1];
  const made = /^(?:socket|openat2?|epoll_create1)\(.* = (\S+)/.exec(line)?.[1];
  return event ?? controlled ?? made ?? /^\w+\((\w+)/.exec(line)?.[1] ?? '?';
}

/**
 * How much of a large write the kernel takes, and in how many pieces, is its own affair: the pieces
 * become one line, and what is left over a word.
 */
function withoutPieces(lines: readonly string[]): string[] {
  const kept: string[] = [];
  let left = -1;
  for (const line of lines) {
    const [, head, count, result] = /^(write\(\w+, .*), (\d+)\) = (\d+|-1 EAGAIN)/.exec(line) ?? [];
    const continued = Number(count) === left;
    if (head === undefined || result === count) kept.push(line);
    else if (result === '-1 EAGAIN')
      kept.push(`${head}, ${continued ? 'the rest' : count}) = EAGAIN`);
    else if (!continued) kept.push(`${head}, ${count}) = a part`);
    if (head !== undefined) left = Number(count) - (Number(result) || 0);
  }
  return kept;
}

/** What the kernel has to say of an interface, and how much, is its own affair too. */
function withoutAttributes(line: string): string {
  return line.replace(
    /^(recvfrom\(s\d+, )\[+\{nlmsg_len=\d+, (nlmsg_type=RTM_NEW\w+, [^}]*\}).*(, 4096, 0, \{.*= )\d+$/,
    '$1[{$2, …]$3…',
  );
}

/** Step by step, the lines of each descriptor. */
function grouped(lines: readonly string[]): Record<string, Record<string, string[]>> {
  const steps: Record<string, Record<string, string[]>> = {};
  let step = (steps['the beginning'] = {} as Record<string, string[]>);
  for (const line of withoutPieces(lines.map(withoutAttributes))) {
    if (line.startsWith('## ')) step = steps[line] = {};
    else (step[subjectOf(line)] ??= []).push(line);
  }
  return steps;
}

/** The lines with the events that were seen in the place of any event. */
function withEvents(expected: readonly string[], actual: readonly string[]): string[] {
  return expected.map((line, index) => {
    const pattern = line.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replace('ANY', '[A-Z|]+');
    const seen = actual[index] ?? '';
    return line.includes('{ANY,') && new RegExp(`^${pattern}$`).test(seen) ? seen : line;
  });
}

const used = new Set<string>();

function expectedOf(scene: string): string[] {
  let lines = goldenLines(scene);
  for (const difference of DIFFERENCES) {
    if (difference.scenes !== undefined && !difference.scenes.includes(scene)) continue;
    const changed = difference.apply(lines);
    if (changed.join('\n') !== lines.join('\n')) used.add(difference.name);
    lines = changed;
  }
  return lines;
}

suite('system calls as in Go', () => {
  for (const scene of SCENES) {
    test(scene, { skip: cannotRun(scene), timeout: 2 * LIMIT }, async () => {
      const actual = grouped((await trace(scene)).filter((line) => line !== 'close(ep) = 0'));
      const expected = grouped(expectedOf(scene));
      assert.deepEqual(Object.keys(actual), Object.keys(expected), 'the steps');
      for (const [step, subjects] of Object.entries(expected)) {
        for (const [subject, lines] of Object.entries(subjects)) {
          const got = actual[step]![subject] ?? [];
          assert.deepEqual(got, withEvents(lines, got), `${step}: ${subject}`);
        }
        assert.deepEqual(Object.keys(actual[step]!).sort(), Object.keys(subjects).sort(), step);
      }
    });
  }

  test('every difference is there and is documented', () => {
    const text = readFileSync(goldenPath('../../docs/differences-from-go.md'), 'utf8');
    for (const scene of SCENES) expectedOf(scene);
    for (const { name } of DIFFERENCES) {
      assert.ok(used.has(name), `no golden text is changed by: ${name}`);
      const isDocumented = text.includes(`### ${name}\n`) || text.includes(`- **${name}**`);
      assert.ok(isDocumented, `docs/differences-from-go.md does not have: ${name}`);
    }
  });
});

suite('the normaliser', () => {
  test('joins interrupted calls, follows the main thread, names what it makes', () => {
    const log = [
      '7 socket(AF_INET, SOCK_STREAM, 0) = 3',
      '7 write(-1, "BEGIN", 5) = -1 EBADF (Bad file descriptor)',
      '7 socket(AF_INET, SOCK_STREAM, IPPROTO_IP <unfinished ...>',
      '8 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 20',
      '7 <... socket resumed>) = 19',
      '7 bind(19, {sa_family=AF_INET, sin_port=htons(40000), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
      '7 bind(3, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
      '7 close(19) = 0',
      '7 read(19, "x", 1) = 1',
    ];
    assert.deepEqual(normalise(log.join('\n')), [
      'socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = s1',
      'bind(s1, {sa_family=AF_INET, sin_port=htons(P1), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
      'close(s1) = 0',
    ]);
  });

  test('a port that is chosen again is another one', () => {
    const name = (fd: number): string =>
      `7 getsockname(${fd}, {sa_family=AF_INET, sin_port=htons(40000)}, [112 => 16]) = 0`;
    const made = (fd: number): string => `7 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = ${fd}`;
    const accepted = (fd: number): string =>
      `7 accept4(6, {sa_family=AF_INET, sin_port=htons(40000)}, [112 => 16], 0) = ${fd}`;
    const log = ['7 write(-1, "BEGIN", 5) = -1 EBADF (Bad file descriptor)'];
    log.push(made(6), name(6), name(6), '7 close(6) = 0', made(6), name(6));
    log.push(accepted(7), accepted(8));
    const ports = normalise(log.join('\n')).flatMap(
      (line) => /htons\((\w+)\)/.exec(line)?.[1] ?? [],
    );
    assert.deepEqual(ports, ['P1', 'P1', 'P2', 'P2', 'P3']);
  });

  test('shows the events that something waited for', () => {
    const event = (events: string): string =>
      `7 epoll_wait(5, [{events=${events}, data={u32=6, u64=4294967302}}], 128, 0) = 1`;
    const log = [
      '7 write(-1, "BEGIN", 5) = -1 EBADF (Bad file descriptor)',
      '7 epoll_create1(EPOLL_CLOEXEC) = 5',
      '7 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 6',
      event('EPOLLOUT'),
      '7 read(6, 0x7ffd12345678, 8) = -1 EAGAIN (Resource temporarily unavailable)',
      event('EPOLLOUT'),
      event('EPOLLIN|EPOLLOUT'),
      '7 read(6, "abc", 8) = 3',
      event('EPOLLIN|EPOLLRDHUP'),
      '7 close(6) = 0',
    ];
    assert.deepEqual(normalise(log.join('\n')), [
      'epoll_create1(EPOLL_CLOEXEC) = ep',
      'socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = s1',
      'read(s1, PTR, 8) = -1 EAGAIN (Resource temporarily unavailable)',
      'epoll_wait(ep, [{EPOLLIN|EPOLLOUT, s1}], 128, _) = 1',
      'read(s1, "abc", 8) = 3',
      'close(s1) = 0',
    ]);
  });
});
