/** Every constant against this machine's headers: the C compiler says what they are. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { askC, noCompiler } from '../../test/c-program.ts';
import * as epoll from './epoll.ts';
import * as errno from './errno.ts';
import * as errqueue from './errqueue.ts';
import * as fcntl from './fcntl.ts';
import * as inet from './inet.ts';
import * as netlink from './netlink.ts';
import * as socket from './socket.ts';
import * as splice from './splice.ts';
import * as stat from './stat.ts';
import * as tcp from './tcp.ts';

interface Group {
  readonly file: string;
  readonly constants: object;
  readonly headers: readonly string[];
}

const groups: readonly Group[] = [
  { file: 'socket.ts', constants: socket, headers: ['sys/socket.h'] },
  {
    file: 'inet.ts',
    constants: inet,
    headers: ['sys/socket.h', 'netinet/in.h', 'linux/in.h', 'linux/in6.h', 'netinet/udp.h'],
  },
  { file: 'tcp.ts', constants: tcp, headers: ['netinet/tcp.h'] },
  { file: 'epoll.ts', constants: epoll, headers: ['sys/epoll.h'] },
  // The kernel's header: glibc changes some of it for its own use.
  { file: 'fcntl.ts', constants: fcntl, headers: ['linux/fcntl.h'] },
  { file: 'splice.ts', constants: splice, headers: ['fcntl.h'] },
  { file: 'stat.ts', constants: stat, headers: ['sys/stat.h', 'linux/stat.h'] },
  {
    file: 'errqueue.ts',
    constants: errqueue,
    headers: ['time.h', 'linux/errqueue.h', 'linux/net_tstamp.h'],
  },
  { file: 'netlink.ts', constants: netlink, headers: ['sys/socket.h', 'linux/netlink.h'] },
  { file: 'errno.ts', constants: errno, headers: ['errno.h'] },
];

const NEWER = 'newer than Linux 6.1 and glibc 2.36, whose headers are still common';
const KERNEL_ONLY = 'in a header of the kernel that is not installed';

/** Constants that the headers may lack, and why they are here all the same. */
const mayBeAbsent: Readonly<Record<string, string>> = {
  O_ASYNC: "glibc's name for the kernel's FASYNC",
  SCM_SECURITY: KERNEL_ONLY,
  SCM_PIDFD: KERNEL_ONLY,
  SO_PASSPIDFD: NEWER,
  SO_PEERPIDFD: NEWER,
  SO_RCVPRIORITY: NEWER,
  SO_PASSRIGHTS: NEWER,
  TCP_IS_MPTCP: NEWER,
  TCP_RTO_MAX_MS: NEWER,
  IP_LOCAL_PORT_RANGE: NEWER,
  IP_PROTOCOL: NEWER,
};

/** Constants of x86-64 that arm64 numbers differently, as fcntl.ts says. */
const x64Only = new Set(['O_DIRECT', 'O_LARGEFILE', 'O_DIRECTORY', 'O_NOFOLLOW', 'O_TMPFILE']);

/** Enumerators without a macro of the same name, so that #ifdef cannot see them. */
function isPlainEnumerator(name: string): boolean {
  if (/^(SOF_TIMESTAMPING_|SCM_TSTAMP_)/.test(name)) return true;
  return name in tcp && /^TCP_(ESTABLISHED|SYN_|FIN_|TIME_|CLOS|LAST_|LISTEN)/.test(name);
}

function question(name: string): string[] {
  const expression = name === 'SIZEOF_STATX' ? 'sizeof(struct statx)' : name;
  const print = `printf("${name} %lld\\n", (long long)(${expression}));`;
  if (expression !== name || isPlainEnumerator(name)) return [print];
  return [`#ifdef ${name}`, print, '#endif'];
}

suite('constants are those of the headers', { skip: noCompiler }, () => {
  for (const { file, constants, headers } of groups) {
    test(file, () => {
      const values = Object.entries(constants).filter(
        (entry): entry is [string, number] => typeof entry[1] === 'number',
      );
      assert.ok(values.length > 3);
      const answers = askC(
        headers,
        values.flatMap(([name]) => question(name)),
      );
      const skipped = (name: string): boolean => process.arch === 'arm64' && x64Only.has(name);
      const wrong = values.filter(([name, value]) => {
        const answer = answers.get(name);
        if (answer === undefined) return !(name in mayBeAbsent);
        return Number(answer) !== value && !skipped(name);
      });
      const told = wrong.map(
        ([name, value]) => `${name}: ${value} here, ${answers.get(name)} in C`,
      );
      assert.deepEqual(told, []);
    });
  }
});

test('event sets that contain EPOLLET are unsigned after >>> 0', () => {
  const set = (epoll.EPOLLIN | epoll.EPOLLET) >>> 0;
  assert.equal(set, 0x80000001);
  assert.equal((set & epoll.EPOLLET) >>> 0, epoll.EPOLLET);
  assert.equal(new Uint32Array([epoll.EPOLLIN | epoll.EPOLLET])[0], set);
});
