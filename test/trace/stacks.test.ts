/**
 * Where calls come from: of a whole program (stacks-program.ts), which is compiled with a source map, so that a line
 * is right only if the map was followed; and by hand what no program shows.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { linux } from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { EAGAIN } from '../../src/syscall/errno.ts';
import { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } from '../../src/syscall/socket.ts';
import { AskedFrom, MAX_DESCRIPTORS } from '../../src/trace/asked-from.ts';
import { type Call, keptCall } from '../../src/trace/call.ts';
import { callSet } from '../../src/kernel/call-set.ts';
import { originText, type StackOptions } from '../../src/trace/origins.ts';
import { Subjects } from '../../src/trace/subjects.ts';
import { traced } from '../../src/trace/traced.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const PROGRAM = 'test/trace/stacks-program.ts';

interface Seen {
  readonly name: string;
  readonly result: number;
  readonly where?: string;
  readonly subject?: string;
  readonly text: string;
}

const output = execFileSync(process.execPath, ['dist/test/trace/stacks-program.js'], {
  cwd: root,
  encoding: 'utf8',
});
const seen = JSON.parse(output) as readonly Seen[];
const source = readFileSync(`${root}${PROGRAM}`, 'utf8').split('\n');

/** "test/trace/stacks-program.ts:34", of the line that ends in `mark`. */
function at(mark: string): string {
  const line = source.findIndex((text) => text.endsWith(`// ${mark}`)) + 1;
  assert.ok(line > 0, mark);
  return `${PROGRAM}:${line}:`;
}

function from(mark: string, name: string): readonly Seen[] {
  return seen.filter((call) => call.name === name && call.where?.startsWith(at(mark)) === true);
}

suite('a program', () => {
  test('calls that a line makes at once', () => {
    assert.equal(from('@listen', 'bind').length, 1);
    assert.equal(from('@dial', 'connect').length, 1);
    assert.deepEqual(
      from('@write', 'write').map(({ result }) => result),
      [3],
    );
    assert.equal(from('@close-client', 'close').length, 1);
  });

  test('calls of the event loop are of the line that waits for them', () => {
    const accepted = from('@accept', 'accept4');
    assert.equal(accepted.length, 2);
    assert.equal(accepted[0]!.result, -EAGAIN);
    assert.ok(accepted[1]!.result > 0);
    assert.deepEqual(
      from('@read', 'read').map(({ result }) => result),
      [-EAGAIN, 3],
    );
  });

  test('nobody asked for epoll_wait', () => {
    const waits = seen.filter(({ name }) => name === 'epoll_wait');
    assert.ok(waits.length > 0);
    for (const { where, subject } of waits)
      assert.deepEqual([where, subject], [undefined, undefined]);
  });

  test('every other call has a line of the program', () => {
    for (const { name, where = '' } of seen) {
      if (name !== 'epoll_wait')
        assert.match(where, /^test\/trace\/stacks-program\.ts:\d+:\d+$/, name);
    }
  });

  test('both ends of a connection', () => {
    const [bound] = from('@listen', 'bind');
    const [connecting] = from('@dial', 'connect');
    const [, accepted] = from('@accept', 'accept4');
    const address = bound!.subject!.slice('tcp '.length);
    const [, client, server] = /^tcp (\S+)->(\S+)$/.exec(connecting!.subject!)!;
    assert.equal(server, address);
    assert.equal(accepted!.subject, `tcp ${server}->${client}`);
    assert.equal(from('@read', 'read')[1]!.subject, `tcp ${server}->${client}`);
  });

  test('a reply belongs to its request, and reading the next to none', () => {
    const replies = seen.filter(({ subject = '' }) => / GET /.test(subject));
    assert.deepEqual(
      replies.map(({ name, subject }) => [name, subject!.split(' ').slice(2).join(' ')]),
      [
        ['write', 'GET /one'],
        ['write', 'GET /two'],
      ],
    );
    // The server listens on IPv6; its connection is of IPv4.
    assert.match(replies[0]!.subject!, /^tcp 127\.0\.0\.1:\d+->127\.0\.0\.1:\d+ GET \/one$/);
  });

  test('text has it as a comment', () => {
    const [bound] = from('@listen', 'bind');
    assert.ok(bound!.text.endsWith(`= 0 /* ${bound!.where}, ${bound!.subject} */\n`), bound!.text);
  });
});

function watched(
  stacks: boolean | StackOptions | undefined,
  kernel: Kernel = linux.kernel,
  filter?: string,
): { kernel: Kernel; calls: Call[] } {
  const calls: Call[] = [];
  const sink = { call: (call: Call) => void calls.push(keptCall(call)) };
  const wanted = { filter: (name: Call['name']) => callSet(filter ?? 'all').has(name) };
  const options = stacks === undefined ? wanted : { ...wanted, stacks };
  return { kernel: traced(kernel, sink, options), calls };
}

/** A call that was never made. */
function call(name: Call['name'], args: Call['args'], result: number): Call {
  return { name, args, before: [], result, time: 0, duration: 0, number: 1 };
}

suite('by hand', () => {
  test('without stacks there is nothing', () => {
    const { kernel, calls } = watched(undefined);
    kernel.close(-1);
    assert.deepEqual([calls[0]!.where, calls[0]!.subject], [undefined, undefined]);
    assert.equal(originText(calls[0]!), '');
  });

  test('without a resolver it is the compiled line', () => {
    const { kernel, calls } = watched(true);
    kernel.close(-1);
    assert.match(calls[0]!.where!, /^\/.*\/dist\/test\/trace\/stacks\.test\.js:\d+:\d+$/);
  });

  test('a resolver and a requestOf that throw change nothing', () => {
    const fail = (): never => {
      throw new Error('no');
    };
    const { kernel, calls } = watched({ position: fail, requestOf: fail, folder: root });
    const fd = kernel.socket(AF_INET, SOCK_STREAM, 0);
    kernel.close(fd);
    assert.match(calls[0]!.where!, /^dist\/test\/trace\/stacks\.test\.js:\d+:\d+$/);
    assert.equal(calls[1]!.subject, 'tcp');
  });

  test('what a resolver says may be netfd in a bundle: the next frame counts', () => {
    let asked = 0;
    const { kernel, calls } = watched({
      position: (file, line, column) => {
        asked += 1;
        return asked === 1
          ? { file: '/app/node_modules/netfd/src/net/fd.ts', line: 1, column: 1 }
          : { file: `/app/${file.split('/').at(-1)!}`, line, column };
      },
      folder: '/app',
    });
    (() => kernel.close(-1))();
    assert.match(calls[0]!.where!, /^stacks\.test\.js:\d+:\d+$/);
  });

  test("the program's own way to print stacks is as it was", () => {
    const before = Object.getOwnPropertyDescriptors(Error);
    const own = (): string => 'mine';
    const { kernel, calls } = watched(true);
    kernel.close(-1);
    assert.deepEqual(Object.getOwnPropertyDescriptors(Error), before);
    const { stackTraceLimit } = Error;
    try {
      Error.stackTraceLimit = 0;
      Error.prepareStackTrace = own;
      kernel.close(-1);
      assert.equal(Error.stackTraceLimit, 0);
      assert.ok(Object.is(Reflect.get(Error, 'prepareStackTrace'), own));
      assert.equal(new Error('x').stack, 'mine');
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      Reflect.deleteProperty(Error, 'prepareStackTrace');
    }
    assert.match(calls[1]!.where!, /stacks\.test\.js/);
  });

  test('an Error that is frozen has no frames, and nothing throws', () => {
    const program = `
      const { linux } = await import('./dist/src/index.js');
      const { traced } = await import('./dist/src/trace/traced.js');
      const told = [];
      const sink = { call: ({ where, subject }) => told.push(where ?? 'none', subject ?? 'none') };
      const kernel = traced(linux.kernel, sink, { stacks: true });
      const limit = Error.stackTraceLimit;
      Object.freeze(Error);
      kernel.close(-1);
      console.log(told.join(), Error.stackTraceLimit === limit);`;
    const options = { cwd: root, encoding: 'utf8' } as const;
    const args = ['--input-type=module', '-e', program];
    assert.equal(execFileSync(process.execPath, args, options), 'none,none true\n');
  });

  test('a filter does not hide where a descriptor was made', () => {
    const { kernel, calls } = watched(true, linux.kernel, 'getsockname');
    const fd = kernel.socket(AF_INET, SOCK_DGRAM, 0);
    const addr = Uint8Array.of(AF_INET, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    assert.equal(kernel.bind(fd, addr, addr.length), 0);
    kernel.getsockname(fd, new Uint8Array(16), Uint32Array.of(16));
    kernel.close(fd);
    assert.deepEqual(
      calls.map(({ name, number }) => [name, number]),
      [['getsockname', 1]],
    );
    assert.match(calls[0]!.subject!, /^udp 127\.0\.0\.1:\d+$/);
    // Those that change no descriptor are the kernel's own.
    assert.ok(Object.is(Reflect.get(kernel, 'read'), Reflect.get(linux.kernel, 'read')));
  });

  test('pairs, pipes, copies and what is no socket', () => {
    const { kernel, calls } = watched(true);
    const pair = new Int32Array(2);
    kernel.socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    const copy = kernel.dup(pair[0]!);
    kernel.write(copy, new Uint8Array(1), 1);
    const pipe = new Int32Array(2);
    kernel.pipe2(pipe, 0);
    kernel.write(pipe[1]!, new Uint8Array(1), 1);
    for (const fd of [...pair, copy, ...pipe]) kernel.close(fd);
    const subjects = calls.map(({ name, subject }) => `${name} ${subject ?? '-'}`);
    assert.deepEqual(subjects.slice(0, 5), [
      'socketpair -',
      'dup unix',
      'write unix',
      'pipe2 -',
      'write -',
    ]);
  });

  test('the kernel is asked once for each descriptor, not for each call', () => {
    let asked = 0;
    const names: readonly ('getsockname' | 'getpeername' | 'getsockopt')[] = [
      'getsockname',
      'getpeername',
      'getsockopt',
    ];
    const counting: Record<string, unknown> = { ...linux.kernel };
    for (const name of names) {
      const inner = linux.kernel[name] as (...args: unknown[]) => number;
      counting[name] = (...args: unknown[]): number => {
        asked += 1;
        return inner(...args);
      };
    }
    const inherited = new Int32Array(2);
    linux.kernel.socketpair(AF_UNIX, SOCK_DGRAM, 0, inherited);
    const { kernel, calls } = watched(true, counting as unknown as Kernel);
    for (let i = 0; i < 100; i += 1) kernel.write(inherited[0]!, new Uint8Array(1), 0);
    for (const fd of inherited) kernel.close(fd);
    assert.equal(calls[99]!.subject, 'unixgram');
    assert.ok(asked <= 4, String(asked));
  });

  test('what is remembered has a bound', () => {
    const asked = new AskedFrom();
    const silent = { ...linux.kernel, getsockopt: () => -1 };
    const subjects = new Subjects(silent);
    for (let fd = 0; fd < MAX_DESCRIPTORS + 10; fd += 1) {
      const made = call('socket', [AF_INET, SOCK_STREAM, 0], fd);
      asked.where(made, 'a.ts:1:1');
      subjects.subject(made);
    }
    assert.equal(asked.size, MAX_DESCRIPTORS);
    assert.equal(subjects.size, MAX_DESCRIPTORS);
    // The first has gone, the last is there.
    assert.equal(asked.where(call('read', [0, null, 0], 0), undefined), undefined);
    assert.equal(
      asked.where(call('read', [MAX_DESCRIPTORS + 9, null, 0], 0), undefined),
      'a.ts:1:1',
    );
  });

  test('a descriptor that is closed and made again has forgotten', () => {
    const asked = new AskedFrom();
    asked.where(call('socket', [AF_INET, SOCK_STREAM, 0], 7), 'a.ts:1:1');
    asked.where(call('read', [7, null, 0], -EAGAIN), 'a.ts:2:1');
    assert.equal(asked.where(call('read', [7, null, 0], 1), undefined), 'a.ts:2:1');
    assert.equal(asked.where(call('write', [7, null, 0], 1), undefined), 'a.ts:1:1');
    asked.where(call('close', [7], 0), undefined);
    assert.equal(asked.where(call('read', [7, null, 0], 1), undefined), undefined);
  });

  test('a request cannot end the comment, nor reach the terminal', () => {
    const evil = {
      ...call('close', [1], 0),
      where: 'a.ts:1:1',
      subject: 'tcp GET /*/\u001b[2J\n\u202e',
    };
    assert.equal(originText(evil), ' /* a.ts:1:1, tcp GET /*\\/\\u001b[2J\\u000a\\u202e */');
  });
});
